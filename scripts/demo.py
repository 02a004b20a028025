"""`make demo`: convert the sample lecture over HTTP and save its documents in demo-output/."""

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
from services.documents import FORMATS

SAMPLE = PROJECT / "samples" / "lecture.mp4"
OUTPUT = PROJECT / "demo-output"
_BAR_WIDTH = 34
_printed_steps: list[tuple[str, str]] = [("", "")]


def main() -> int:
    start_s = time.monotonic()
    OUTPUT.mkdir(exist_ok=True)
    with Server(OUTPUT / ".server") as server:
        print(f"Lectern is running at {server.url}")
        client = Client(server.url)
        print(f"Registered {client.register()}")
        upload = client.upload(SAMPLE, title="How a hash table finds its key")
        print(f"Uploaded {SAMPLE.name} ({SAMPLE.stat().st_size / 1e6:.1f} MB): {upload['video_id']}")
        status = client.wait(upload["video_id"], _show_progress)
        print()
        if status["status"] != "completed":
            print(f"The conversion {status['status']}: {status['error']} {status['error_hint']}", file=sys.stderr)
            return 1
        documents = _download(client, status)
    _check_documents(documents, status["metrics"]["slides"])
    _print_summary(documents, status, time.monotonic() - start_s)
    return 0


def _show_progress(status: dict[str, Any]) -> None:
    bar = ("#" * round(_BAR_WIDTH * status["progress"] / 100)).ljust(_BAR_WIDTH, ".")
    remaining = f"{status['seconds_left']:.0f} s left" if status["seconds_left"] else ""
    line = f"[{bar}] {status['progress']:5.1f} %  {status['stage'] or status['status']:<24} {remaining:<12}"
    if sys.stdout.isatty():
        print(f"\r{line}", end="", flush=True)
    elif (bar, status["stage"]) != _printed_steps[-1]:
        print(line.rstrip(), flush=True)
        _printed_steps.append((bar, status["stage"]))


def _download(client: Client, status: dict[str, Any]) -> dict[str, Path]:
    documents = {}
    for name, url in status["downloads"].items():
        documents[name] = OUTPUT / f"lecture.{FORMATS[name].extension}"
        client.download(url, documents[name])
    folder = OUTPUT / "markdown"
    shutil.rmtree(folder, ignore_errors=True)
    with zipfile.ZipFile(documents["md"]) as archive:
        archive.extractall(folder)
    return documents


def _check_documents(documents: dict[str, Path], slides: int) -> None:
    """Open every document; raise AssertionError if its contents are wrong."""
    assert set(documents) == set(FORMATS), sorted(documents)
    notes = json.loads(documents["json"].read_text())
    paragraphs = [paragraph for slide in notes["slides"] for visit in slide["visits"] for paragraph in visit["paragraphs"]]
    words = [word["text"].strip() for paragraph in paragraphs for word in paragraph["words"]]
    assert len(notes["slides"]) == slides > 3
    assert len(words) > 200
    pages = [page.extract_text() for page in PdfReader(documents["pdf"]).pages]
    assert len(pages) > slides
    last_words = " ".join(words[-3:])
    assert last_words in " ".join(" ".join(pages).split()), "the PDF does not contain the last words"
    for name in ("txt", "html"):
        assert last_words in " ".join(documents[name].read_text().split()), f"{name} does not contain the last words"
    assert documents["vtt"].read_text().startswith("WEBVTT")
    assert " --> " in documents["srt"].read_text()
    with zipfile.ZipFile(documents["docx"]) as archive:
        assert "word/document.xml" in archive.namelist()
    with zipfile.ZipFile(documents["md"]) as archive:
        assert sum(name.endswith((".jpg", ".png")) for name in archive.namelist()) >= slides


def _print_summary(documents: dict[str, Path], status: dict[str, Any], seconds: float) -> None:
    print("\nDocuments:")
    for name in sorted(documents):
        print(f"  {documents[name].relative_to(PROJECT)!s:<34} {documents[name].stat().st_size / 1000:8.1f} kB")
    print("\nSeconds per stage (wall time, CPU time and peak memory of its child processes):")
    for name, stage in sorted(status["metrics"]["stages"].items(), key=lambda pair: pair[1]["ended_s"]):
        print(f"  {name:<16} {stage['wall_s']:6.1f} s {stage['cpu_s']:6.1f} s {stage['max_rss_bytes'] / 2**20:7.0f} MiB")
    pages = len(PdfReader(documents["pdf"]).pages)
    print(f"\n{status['metrics']['slides']} slides, {pages} pages, {status['metrics']['words']} words, {seconds:.0f} s in total.")
    for warning in status["warnings"]:
        print(f"Note: {warning}")
    print("\nThe other way round, notes become a narrated video:")
    print("  .venv/bin/lectern lesson examples/photosynthesis.md --out lesson.mp4")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ApiError as error:
        sys.exit(f"The server returned an error: {error}")
