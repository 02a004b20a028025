"""The page in headless Chromium: its first load, scrolling, and typing in a long transcript."""

from __future__ import annotations

import shutil
import statistics
from typing import Any

from playwright.sync_api import Page, Request, sync_playwright

from bench.context import Context, markdown_table
from bench.transcripts import WORDS, upload_speech
from scripts.client import Client
from scripts.server import Server

KEYS, FRAMES = 200, 240
MAX_LOAD_BYTES, MAX_FRAME_MS, MAX_KEY_MS = 120_000, 50, 5
_ARGUMENTS = ["--headless=new", "--no-sandbox", "--disable-gpu"]
_SCROLL = """async (count) => {
  const times = [];
  let last = await new Promise(requestAnimationFrame);
  for (let number = 0; number < count; number += 1) {
    scrollBy(0, 600);
    const now = await new Promise(requestAnimationFrame);
    times.push(now - last);
    last = now;
  }
  return times;
}"""
_TYPE = """async (count) => {
  const field = document.querySelector(".segment-field");
  const times = [];
  for (let number = 0; number < count; number += 1) {
    const start = performance.now();
    field.setRangeText("a", field.value.length, field.value.length, "end");
    field.dispatchEvent(new InputEvent("input", { bubbles: true, data: "a", inputType: "insertText" }));
    field.getBoundingClientRect();
    times.push(performance.now() - start);
    if (number % 20 === 0) await new Promise(requestAnimationFrame);
  }
  return times;
}"""


def run(context: Context) -> str:
    with Server(context.folder / "data", {"JOB_THREADS": "1"}) as server, sync_playwright() as playwright:
        client = Client(server.url)
        client.register()
        recording_id = upload_speech(context.folder, client, WORDS, "txt")
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium-headless-shell"), args=_ARGUMENTS)
        tab = browser.new_context(viewport={"width": 1280, "height": 860})
        tab.set_extra_http_headers({"Authorization": client.http.headers["Authorization"]})
        page = tab.new_page()
        size, requests, rounds = _load(page, server.url)
        page.goto(f"{server.url}/watch/{recording_id}")
        page.locator(".segment-text").first.wait_for(timeout=120_000)
        page.wait_for_timeout(2000)
        frames = page.evaluate(_SCROLL, FRAMES)
        page.evaluate("scrollTo(0, 0)")
        page.locator(".segment-text").first.dblclick()
        page.locator(".segment-field").wait_for()
        keys = page.evaluate(_TYPE, KEYS)
        browser.close()
    worst_frame, key_ms = max(frames), _percentile(keys, 0.95)
    rows = [
        [
            "first load of the library, compressed",
            f"{size / 1000:.0f} kB in {requests} requests",
            "at most 120 kB",
            _verdict(size <= MAX_LOAD_BYTES),
        ],
        ["rounds of requests for its modules", rounds, "one", _verdict(rounds == 1)],
        [
            f"slowest of {FRAMES} frames while scrolling a transcript of {WORDS:,} words",
            f"{worst_frame:.0f} ms (median {statistics.median(frames):.0f})",
            "at most 50 ms",
            _verdict(worst_frame <= MAX_FRAME_MS),
        ],
        [f"a key press in that transcript, p95 of {KEYS}", f"{key_ms:.1f} ms", "at most 5 ms", _verdict(key_ms <= MAX_KEY_MS)],
    ]
    return markdown_table(["the page in headless Chromium", "measured", "goal", ""], rows)


def _load(page: Page, url: str) -> tuple[int, int, int]:
    """Return the compressed bytes and the number of the files of a first load, and the rounds in which modules were requested.

    A module that no link of the document names can be requested only after another one was read, which is a further round.
    """
    files: list[Request] = []
    page.on("requestfinished", lambda request: files.append(request))
    page.goto(url)
    page.get_by_role("heading", name="Your recordings").wait_for()
    page.wait_for_timeout(1000)
    ours = [request for request in files if "/web/" in request.url or request.resource_type == "document"]
    size = sum(request.sizes()["responseBodySize"] for request in ours)
    named = set(
        page.evaluate("[...document.querySelectorAll('link[rel=modulepreload], script[src]')].map((each) => each.href || each.src)")
    )
    late = [request.url for request in ours if request.url.endswith(".js") and request.url not in named]
    return size, len(ours), 1 + bool(late)


def _percentile(values: list[Any], share: float) -> float:
    return float(sorted(values)[min(len(values) - 1, int(share * len(values)))])


def _verdict(is_met: bool) -> str:
    return "met" if is_met else "missed"
