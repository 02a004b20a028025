"""The page in headless Chromium: its first load, scrolling a large library and a long transcript, and typing in that transcript.

Other programs of the machine delay frames too. Each round therefore measures the frames of the page at rest first, and one more round
measures the CPU time of the page's thread, which other programs don't change.
"""

from __future__ import annotations

import bisect
import shutil
import statistics
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page, Request, sync_playwright

from bench.context import Context, markdown_table, percentile, verdict
from bench.library import fill_library
from bench.transcripts import WORDS, upload_speech
from scripts.client import Client
from scripts.server import Server

RECORDINGS, KEYS = 5_000, 200
ROUNDS, FRAMES, FRAMES_AT_REST, STEP_PX = 3, 240, 120, 600
MAX_LOAD_BYTES, MAX_FRAME_MS, MAX_KEY_MS = 120_000, 50, 5
_ARGUMENTS = ["--headless=new", "--no-sandbox", "--disable-gpu"]
_SCROLL = """async ([count, step]) => {
  const times = [];
  let last = await new Promise(requestAnimationFrame);
  for (let number = 0; number < count; number += 1) {
    scrollBy(0, step);
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


@dataclass(frozen=True)
class ScrollTimes:
    """Frame times of each round, those of the page at rest before it, and CPU times of the page's thread per frame, in milliseconds."""

    rounds: list[list[float]]
    rounds_at_rest: list[list[float]]
    cpu_ms: list[float]


def run(context: Context) -> str:
    data = context.folder / "data"
    with Server(data, {"JOB_THREADS": "1", "USER_QUOTA_BYTES": str(10**12)}) as server, sync_playwright() as playwright:
        client = Client(server.url)
        client.register()
        recording_id = upload_speech(context.folder, client, WORDS, "txt")
        fill_library(client, data / "lectern.db", RECORDINGS)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium-headless-shell"), args=_ARGUMENTS)
        tab = browser.new_context(viewport={"width": 1280, "height": 860})
        tab.set_extra_http_headers({"Authorization": client.http.headers["Authorization"]})
        page = tab.new_page()
        size, requests, rounds = _load(page, server.url)
        library = _scroll(page)
        page.goto(f"{server.url}/watch/{recording_id}")
        page.locator(".segment-text").first.wait_for(timeout=120_000)
        transcript = _scroll(page)
        page.locator(".segment-text").first.dblclick()
        page.locator(".segment-field").wait_for()
        keys = page.evaluate(_TYPE, KEYS)
        browser.close()
    key_ms = percentile(keys, 0.95)
    rows = [
        [
            "first load of the library, compressed",
            f"{size / 1000:.0f} kB in {requests} requests",
            "at most 120 kB",
            verdict(size <= MAX_LOAD_BYTES),
        ],
        ["rounds of requests for its modules", rounds, "one", verdict(rounds == 1)],
        *_scrolling_rows(f"a library of {RECORDINGS:,} recordings", library),
        *_scrolling_rows(f"a transcript of {WORDS:,} words", transcript),
        [f"a key press in that transcript, p95 of {KEYS}", f"{key_ms:.1f} ms", "at most 5 ms", verdict(key_ms <= MAX_KEY_MS)],
    ]
    return markdown_table(["the page in headless Chromium", "measured", "goal", ""], rows)


def _scrolling_rows(label: str, scrolling: ScrollTimes) -> list[list[Any]]:
    slowest, slowest_at_rest = [[max(frames) for frames in rounds] for rounds in (scrolling.rounds, scrolling.rounds_at_rest)]
    typical_ms = statistics.median(slowest)
    frame_ms = statistics.median(frame for frames in scrolling.rounds for frame in frames)
    frames = f"{typical_ms:.0f} ms (rounds {_list_ms(slowest)}; at rest {_list_ms(slowest_at_rest)}; median frame {frame_ms:.0f})"
    cpu_ms = max(scrolling.cpu_ms)
    cpu = f"{cpu_ms:.0f} ms (median {statistics.median(scrolling.cpu_ms):.0f})"
    goal = f"at most {MAX_FRAME_MS} ms"
    return [
        [f"slowest of {FRAMES} frames while scrolling {label}, median of rounds", frames, goal, verdict(typical_ms <= MAX_FRAME_MS)],
        ["CPU time of the page's thread in the most expensive of these frames", cpu, goal, verdict(cpu_ms <= MAX_FRAME_MS)],
    ]


def _list_ms(values: list[float]) -> str:
    return ", ".join(f"{value:.0f}" for value in values)


def _scroll(page: Page) -> ScrollTimes:
    """Scroll the page from its start, `STEP_PX` per frame, in some rounds."""
    rounds, rounds_at_rest = [], []
    for _ in range(ROUNDS):
        _return_to_start(page)
        rounds_at_rest.append(page.evaluate(_SCROLL, [FRAMES_AT_REST, 0]))
        rounds.append(page.evaluate(_SCROLL, [FRAMES, STEP_PX]))
    cpu_ms = _trace_cpu(page)
    _return_to_start(page)
    return ScrollTimes(rounds, rounds_at_rest, cpu_ms)


def _return_to_start(page: Page) -> None:
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(2000)


def _trace_cpu(page: Page) -> list[float]:
    """Scroll once more; return the CPU time of the page's thread from each frame to the next, in milliseconds."""
    events: list[dict[str, Any]] = []
    complete: list[dict[str, Any]] = []
    tracing = page.context.new_cdp_session(page)
    tracing.on("Tracing.dataCollected", lambda batch: events.extend(batch["value"]))
    tracing.on("Tracing.tracingComplete", lambda summary: complete.append(summary))
    _return_to_start(page)
    tracing.send("Tracing.start", {"transferMode": "ReportEvents", "traceConfig": {"includedCategories": ["toplevel", "cc"]}})
    page.evaluate(_SCROLL, [FRAMES, STEP_PX])
    tracing.send("Tracing.end")
    while not complete:
        page.wait_for_timeout(100)
    tracing.detach()
    return _cpu_per_frame(events)


def _cpu_per_frame(events: list[dict[str, Any]]) -> list[float]:
    """Add up the tasks of the thread that makes the frames; the task that has a frame inside begins the next sum."""
    frames = [event for event in events if event["name"] == "ProxyMain::BeginMainFrame" and event["ph"] == "X"]
    thread = statistics.mode((event["pid"], event["tid"]) for event in frames)
    starts = sorted(event["ts"] for event in frames if (event["pid"], event["tid"]) == thread)
    sums = dict.fromkeys(starts, 0.0)
    for event in events:
        if (event["pid"], event["tid"]) == thread and event["name"] == "ThreadControllerImpl::RunTask":
            end = event["ts"] + event.get("dur", 0)
            frame = bisect.bisect_left(starts, end) - 1
            sums[starts[max(0, frame)]] += event.get("tdur", 0) / 1000
    return list(sums.values())


def _load(page: Page, url: str) -> tuple[int, int, int]:
    """Return the compressed bytes and the number of the files of a first load, and the rounds in which modules were requested.

    A module that no link of the document names can be requested only after another one was read, which is a further round.
    """
    files: list[Request] = []
    page.on("requestfinished", lambda request: files.append(request))
    page.goto(url)
    page.get_by_role("heading", name="Your recordings").wait_for()
    page.wait_for_timeout(1000)
    own_requests = [request for request in files if "/web/" in request.url or request.resource_type == "document"]
    size = sum(request.sizes()["responseBodySize"] for request in own_requests)
    names = set(
        page.evaluate("[...document.querySelectorAll('link[rel=modulepreload], script[src]')].map((each) => each.href || each.src)")
    )
    undeclared_modules = [request.url for request in own_requests if request.url.endswith(".js") and request.url not in names]
    return size, len(own_requests), 1 + bool(undeclared_modules)
