"""`make demo`: the sample lecture goes in over HTTP, its documents come out into demo-output/."""

from __future__ import annotations

import json
import shutil
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

from pypdf import PdfReader

from scripts.client import ApiError, Client
from scripts.program import PROJECT
from scripts.server import Server

SAMPLE = PROJECT / "samples" / "lecture.mp4"
OUTPUT = PROJECT / "demo-output"
_BAR = 34
_last_shown: list[tuple[int, str]] = [(-1, "")]


def main() -> int:
    started = time.monotonic()
    OUTPUT.mkdir(exist_ok=True)
    with Server(OUTPUT / ".server") as server:
        print(f"Lectern serves on {server.url}")
        client = Client(server.url)
        print(f"Registered {client.register()}")
        sent = client.upload(SAMPLE, title="How a hash table finds its key")
        print(f"Uploaded {SAMPLE.name} ({SAMPLE.stat().st_size / 1e6:.1f} MB): {sent['video_id']}")
        status = client.wait(sent["video_id"], _show)
        print()
        if status["status"] != "completed":
            print(f"The conversion {status['status']}: {status['error']} {status['error_hint']}", file=sys.stderr)
            return 1
        made = _download(client, status)
    _check(made, status["metrics"]["slides"])
    _tell(made, status, time.monotonic() - started)
    return 0


def _show(status: dict[str, Any]) -> None:
    filled = round(_BAR * status["progress"] / 100)
    left = f"{status['seconds_left']:.0f} s left" if status["seconds_left"] else ""
    line = f"[{'#' * filled}{'.' * (_BAR - filled)}] {status['progress']:5.1f} %  {status['stage'] or status['status']:<24} {left:<12}"
    if sys.stdout.isatty():
        print(f"\r{line}", end="", flush=True)
    elif (filled, status["stage"]) != _last_shown[-1]:
        print(line.rstrip(), flush=True)
        _last_shown.append((filled, status["stage"]))


def _download(client: Client, status: dict[str, Any]) -> dict[str, Path]:
    made = {}
    for kind, url in status["downloads"].items():
        made[kind] = OUTPUT / f"lecture.{'md.zip' if kind == 'md' else kind}"
        client.download(url, made[kind])
    folder = OUTPUT / "markdown"
    shutil.rmtree(folder, ignore_errors=True)
    with zipfile.ZipFile(made["md"]) as archive:
        archive.extractall(folder)
    return made


def _check(made: dict[str, Path], slides: int) -> None:
    """Open every document; raises AssertionError where one is not what it says."""
    assert set(made) == {"pdf", "docx", "md", "txt", "srt", "vtt", "html", "json"}, sorted(made)
    notes = json.loads(made["json"].read_text())
    spoken = [each for slide in notes["slides"] for visit in slide["visits"] for each in visit["paragraphs"]]
    words = [word["text"].strip() for each in spoken for word in each["words"]]
    assert len(notes["slides"]) == slides > 3
    assert len(words) > 200
    pages = [page.extract_text() for page in PdfReader(made["pdf"]).pages]
    assert len(pages) > slides
    last_words = " ".join(words[-3:])
    assert last_words in " ".join(" ".join(pages).split()), "the PDF does not hold the last words"
    for kind in ("txt", "html"):
        assert last_words in " ".join(made[kind].read_text().split()), f"{kind} does not hold the last words"
    assert made["vtt"].read_text().startswith("WEBVTT")
    assert " --> " in made["srt"].read_text()
    with zipfile.ZipFile(made["docx"]) as archive:
        assert "word/document.xml" in archive.namelist()
    with zipfile.ZipFile(made["md"]) as archive:
        assert sum(name.endswith((".jpg", ".png")) for name in archive.namelist()) >= slides


def _tell(made: dict[str, Path], status: dict[str, Any], seconds: float) -> None:
    print("\nDocuments:")
    for kind in sorted(made):
        print(f"  {made[kind].relative_to(PROJECT)!s:<34} {made[kind].stat().st_size / 1000:8.1f} kB")
    print("\nSeconds per stage (wall, CPU of its child processes, their largest memory):")
    for name, stage in sorted(status["metrics"]["stages"].items(), key=lambda pair: pair[1]["ended_s"]):
        print(f"  {name:<16} {stage['wall_s']:6.1f} s {stage['cpu_s']:6.1f} s {stage['max_rss_bytes'] / 2**20:7.0f} MiB")
    pages = len(PdfReader(made["pdf"]).pages)
    print(f"\n{status['metrics']['slides']} slides, {pages} pages, {status['metrics']['words']} words, {seconds:.0f} s in all.")
    for warning in status["warnings"]:
        print(f"Note: {warning}")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ApiError as refused:
        sys.exit(f"The server refused: {refused}")
