"""The page in headless Chromium: its first load, scrolling a large library and a long transcript, and typing in that transcript."""

from __future__ import annotations

import shutil
import sqlite3
import statistics
import uuid
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Request, sync_playwright

from bench.context import Context, markdown_table
from bench.transcripts import WORDS, upload_speech
from scripts.client import Client
from scripts.program import PROJECT
from scripts.server import Server

RECORDINGS, KEYS, FRAMES = 5_000, 200, 240
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
    data = context.folder / "data"
    with Server(data, {"JOB_THREADS": "1", "USER_QUOTA_BYTES": str(10**12)}) as server, sync_playwright() as playwright:
        client = Client(server.url)
        client.register()
        recording_id = upload_speech(context.folder, client, WORDS, "txt")
        _fill_library(client, data / "lectern.db")
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium-headless-shell"), args=_ARGUMENTS)
        tab = browser.new_context(viewport={"width": 1280, "height": 860})
        tab.set_extra_http_headers({"Authorization": client.http.headers["Authorization"]})
        page = tab.new_page()
        size, requests, rounds = _load(page, server.url)
        library_frames = _scroll_library(page)
        page.goto(f"{server.url}/watch/{recording_id}")
        page.locator(".segment-text").first.wait_for(timeout=120_000)
        page.wait_for_timeout(2000)
        frames = page.evaluate(_SCROLL, FRAMES)
        page.evaluate("scrollTo(0, 0)")
        page.locator(".segment-text").first.dblclick()
        page.locator(".segment-field").wait_for()
        keys = page.evaluate(_TYPE, KEYS)
        browser.close()
    key_ms = _percentile(keys, 0.95)
    rows = [
        [
            "first load of the library, compressed",
            f"{size / 1000:.0f} kB in {requests} requests",
            "at most 120 kB",
            _verdict(size <= MAX_LOAD_BYTES),
        ],
        ["rounds of requests for its modules", rounds, "one", _verdict(rounds == 1)],
        _frames_row(f"a library of {RECORDINGS:,} recordings", library_frames),
        _frames_row(f"a transcript of {WORDS:,} words", frames),
        [f"a key press in that transcript, p95 of {KEYS}", f"{key_ms:.1f} ms", "at most 5 ms", _verdict(key_ms <= MAX_KEY_MS)],
    ]
    return markdown_table(["the page in headless Chromium", "measured", "goal", ""], rows)


def _frames_row(what: str, frames: list[float]) -> list[str]:
    duration = f"{max(frames):.0f} ms (median {statistics.median(frames):.0f}, p99 {_percentile(frames, 0.99):.0f})"
    name = f"slowest of {len(frames)} frames while scrolling {what}"
    return [name, duration, f"at most {MAX_FRAME_MS} ms", _verdict(max(frames) <= MAX_FRAME_MS)]


def _fill_library(client: Client, database: Path) -> None:
    """Convert one recording with all its documents, and write copies of its rows."""
    with (PROJECT / "samples" / "tiny.mp4").open("rb") as video, (PROJECT / "samples" / "tiny.srt").open("rb") as subtitles:
        files = {"file": ("tiny.mp4", video), "subtitles": ("tiny.srt", subtitles)}
        response = client.http.post(f"{client.url}/upload", files=files, timeout=300)
    response.raise_for_status()
    recording_id = response.json()["video_id"]
    client.wait(recording_id)
    with sqlite3.connect(database, timeout=60) as connection:
        connection.row_factory = sqlite3.Row
        tables = {"recordings": "id", "jobs": "recording_id", "artifacts": "recording_id"}
        rows = {
            table: [dict(row) for row in connection.execute(f"SELECT * FROM {table} WHERE {column} = ?", [recording_id])]
            for table, column in tables.items()
        }
        [job] = rows["jobs"]
        for number in range(RECORDINGS):
            ids = {recording_id: str(uuid.uuid4()), job["id"]: str(uuid.uuid4())}
            for table, originals in rows.items():
                for row in originals:
                    copy = {name: ids.get(value, value) if isinstance(value, str) else value for name, value in row.items()}
                    if table == "recordings":
                        copy |= {"title": f"Lecture {number}", "short_code": f"b{number}"}
                    elif table == "artifacts":
                        copy["id"] = str(uuid.uuid4())
                    marks = ", ".join("?" for _ in copy)
                    connection.execute(f"INSERT INTO {table} ({', '.join(copy)}) VALUES ({marks})", list(copy.values()))
    connection.close()


def _scroll_library(page: Page) -> list[float]:
    """Show all recordings of the library, then scroll; return the milliseconds of each frame."""
    more = page.get_by_role("button", name="Show more recordings")
    while more.is_visible():
        before = page.locator(".recording").count()
        more.click()
        page.wait_for_function("before => document.querySelectorAll('.recording').length >= Math.min(before + 80, 5000)", arg=before)
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(2000)
    frames: list[float] = page.evaluate(_SCROLL, FRAMES)
    return frames


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
    names = set(
        page.evaluate("[...document.querySelectorAll('link[rel=modulepreload], script[src]')].map((each) => each.href || each.src)")
    )
    late = [request.url for request in ours if request.url.endswith(".js") and request.url not in names]
    return size, len(ours), 1 + bool(late)


def _percentile(values: list[Any], share: float) -> float:
    return float(sorted(values)[min(len(values) - 1, int(share * len(values)))])


def _verdict(is_met: bool) -> str:
    return "met" if is_met else "missed"
