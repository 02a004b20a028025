"""Editing of a long transcript, and rendering of a long PDF again, over HTTP on the loopback interface."""

from __future__ import annotations

import hashlib
import io
import random
import re
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdf
import requests

from bench.context import Context, markdown_table, percentile, verdict
from bench.decks import write_deck, write_video
from scripts.client import Client
from scripts.ffmpeg import FFMPEG
from scripts.program import PROJECT
from scripts.server import Server

WORDS, WORDS_PER_SEGMENT, EDITS = 40_000, 8, 200
PDF_WORDS = 19_700  # some 60 pages of A4
MAX_EDIT_MS, MAX_RENDERING_S = 50, 3.0
_S_PER_SEGMENT = 2.5
_RENDERINGS, _POLL_S = 3, 0.05
_DECK_PAGES, _S_PER_PAGE = 60, 6.5


def run(context: Context) -> str:
    with Server(context.folder / "data", {"JOB_THREADS": "1"}) as server:
        client = Client(server.url)
        client.register()
        edits = _measure_edits(client, upload_speech(context.folder, client, WORDS, "txt"))
        rendering = _measure_rendering(client, upload_speech(context.folder, client, PDF_WORDS, "", _prose()))
        with_deck = _measure_rendering(client, _upload_with_deck(context.folder, client))
    rows = [[name, f"{statistics.median(times):.1f}", f"{percentile(times, 0.95):.1f}", len(times)] for name, times in edits.items()]
    worst = max(statistics.median(times) for name, times in edits.items() if name != "replace everywhere")
    table = markdown_table([f"edit of a transcript of {WORDS:,} words", "p50, ms", "p95, ms", "requests"], rows)
    rendering_s = rendering.pdf_s
    text = (
        f"After an edit, the PDF of {rendering.pages} pages is rendered again and downloaded {rendering_s:.1f} s after the request; all "
        f"{rendering.formats} formats are there after {rendering.all_s:.1f} s (medians of {_RENDERINGS}). "
        f"Of a lecture with {_DECK_PAGES} slides and its deck, whose pages are vectors, the PDF is there after {with_deck.pdf_s:.1f} s, "
        f"and all {with_deck.formats} formats after {with_deck.all_s:.1f} s."
    )
    goals = (
        f"Goals: the median of an edit at most {MAX_EDIT_MS} ms: {verdict(worst <= MAX_EDIT_MS)}; "
        f"the PDF within {MAX_RENDERING_S:.0f} s: {verdict(rendering_s <= MAX_RENDERING_S)}; "
        f"all formats beside a deck within {MAX_RENDERING_S:.0f} s: {verdict(with_deck.all_s <= MAX_RENDERING_S)}."
    )
    return f"{table}\n\n{text}\n\n{goals}"


@dataclass(frozen=True)
class Rendering:
    """Median seconds from the request to the new PDF, and to the end of the job; the pages of the PDF, and the number of formats."""

    pdf_s: float
    all_s: float
    pages: int
    formats: int


def _measure_edits(client: Client, recording_id: str) -> dict[str, list[float]]:
    """Return the milliseconds of each request, by kind."""
    path = f"/api/v1/transcripts/{recording_id}"
    count = WORDS // WORDS_PER_SEGMENT
    times: dict[str, list[float]] = {"change a segment's text": [], "undo": [], "split and merge": [], "replace everywhere": []}
    for number in range(EDITS):
        segment = 1 + (number * 7919) % count
        body = {"text": f"We change the words of this line, number {number}."}
        times["change a segment's text"].append(_measure_ms(client, "PATCH", f"{path}/segments/{segment}", body))
        if number % 4 == 0:
            times["undo"].append(_measure_ms(client, "POST", f"{path}/undo", {}))
    for segment in range(2, count, count // 25):
        words = client.call("GET", f"{path}?page={segment}&limit=1")["segments"][0]["words"]
        times["split and merge"].append(_measure_ms(client, "POST", f"{path}/segments/{segment}/split", {"word_id": words[3]["id"]}))
        times["split and merge"].append(_measure_ms(client, "POST", f"{path}/segments/{segment}/merge", {}))
    for number in range(10):
        times["replace everywhere"].append(
            _measure_ms(client, "POST", f"{path}/replacements", {"find": f"word{number}", "replace": "term"})
        )
    return times


def _measure_ms(client: Client, method: str, path: str, body: Any) -> float:
    start_s = time.perf_counter()
    client.call(method, path, json=body)
    return 1000 * (time.perf_counter() - start_s)


def _measure_rendering(client: Client, recording_id: str) -> Rendering:
    pdf_s: list[float] = []
    all_s: list[float] = []
    pages = formats = 0
    for number in range(_RENDERINGS):
        client.call("PATCH", f"/api/v1/transcripts/{recording_id}/segments/{number + 1}", json={"text": f"A new text {number}."})
        before = _pdf_of(client, recording_id)["sha256"]
        start_s = time.monotonic()
        job = client.call("POST", f"/api/v1/transcripts/{recording_id}/documents", json={})
        while (artifact := _pdf_of(client, recording_id))["sha256"] == before:
            time.sleep(_POLL_S)
        content = requests.get(artifact["url"], timeout=60).content
        pdf_s.append(time.monotonic() - start_s)
        _wait(lambda job_id=job["id"]: client.call("GET", f"/api/v1/jobs/{job_id}")["state"])
        all_s.append(time.monotonic() - start_s)
        if hashlib.sha256(content).hexdigest() != _pdf_of(client, recording_id)["sha256"]:
            raise RuntimeError("the early PDF is not the final one")
        pages = len(pypdf.PdfReader(io.BytesIO(content)).pages)
        formats = len(client.call("GET", f"/api/v1/recordings/{recording_id}")["artifacts"])
    return Rendering(statistics.median(pdf_s), statistics.median(all_s), pages, formats)


def _pdf_of(client: Client, recording_id: str) -> dict[str, Any]:
    artifacts = client.call("GET", f"/api/v1/recordings/{recording_id}")["artifacts"]
    pdf: dict[str, Any] = next(each for each in artifacts if each["format"] == "pdf")
    return pdf


def _wait(state: Callable[[], str]) -> None:
    while (now := state()) not in ("succeeded", "failed", "cancelled"):
        time.sleep(_POLL_S)
    if now != "succeeded":
        raise RuntimeError(f"the job {now}")


def _prose() -> list[str]:
    """Return the words of this project's pages, because an index is made of sentences."""
    pages = (path.read_text(encoding="utf-8") for path in sorted((PROJECT / "docs").glob("*.md")))
    return re.findall(r"[A-Za-z]+[.,]?", " ".join(pages))


def upload_speech(folder: Path, client: Client, words: int, formats: str, vocabulary: Sequence[str] = ()) -> str:
    """Upload silence with subtitles of this many words; return the recording's id when it is converted.

    `vocabulary`: the words, which are said again if they are too few; numbered ones if it is empty.
    """
    spoken_words = vocabulary or [f"word{number}" for number in range(4001)]
    segments = words // WORDS_PER_SEGMENT
    audio = folder / f"{words}.opus"
    duration = ["-t", f"{segments * _S_PER_SEGMENT:.0f}", "-c:a", "libopus", "-b:a", "6k"]
    subprocess.run([FFMPEG, "-nostdin", "-v", "error", "-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono", *duration, str(audio)], check=True)
    subtitles = "\n".join(_cue(number, spoken_words) for number in range(segments))
    with audio.open("rb") as file:
        files = {"file": (audio.name, file), "subtitles": ("talk.srt", subtitles.encode())}
        return _convert(client, files, formats)


def _upload_with_deck(folder: Path, client: Client) -> str:
    """Upload a lecture and its deck; return the recording's id when its documents show the pages of the deck."""
    lecture = folder / "lecture"
    lecture.mkdir()
    deck = write_deck(random.Random(1), lecture, _DECK_PAGES)
    video = write_video(deck, range(_DECK_PAGES), [_S_PER_PAGE] * _DECK_PAGES)
    words = _prose()
    subtitles = "\n".join(_cue(number, words) for number in range(int(_DECK_PAGES * _S_PER_PAGE / _S_PER_SEGMENT)))
    with video.open("rb") as file:
        files = {"file": (video.name, file), "subtitles": ("talk.srt", subtitles.encode())}
        recording_id = _convert(client, files, "")
    with deck.open("rb") as file:
        job = client.call("PUT", f"/api/v1/recordings/{recording_id}/deck", files={"deck": (deck.name, file)})["job"]
    _wait(lambda: client.call("GET", f"/api/v1/jobs/{job['id']}")["state"])
    return recording_id


def _convert(client: Client, files: Mapping[str, Any], formats: str) -> str:
    """Upload files; return the recording's id when it is converted."""
    response = client.http.post(f"{client.url}/upload", files=files, data={"formats": formats, "language": "en"}, timeout=300)
    response.raise_for_status()
    recording_id: str = response.json()["video_id"]
    status = client.wait(recording_id)
    if status["status"] != "completed":
        raise RuntimeError(f"the conversion {status}")
    return recording_id


def _cue(number: int, spoken_words: Sequence[str]) -> str:
    words = [spoken_words[(number * WORDS_PER_SEGMENT + at) % len(spoken_words)] for at in range(WORDS_PER_SEGMENT)]
    start, end = (_timestamp(number * _S_PER_SEGMENT + part) for part in (0.1, _S_PER_SEGMENT - 0.1))
    return f"{number + 1}\n{start} --> {end}\n{' '.join(words)}.\n"


def _timestamp(seconds: float) -> str:
    whole, milliseconds = divmod(round(1000 * seconds), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02},{milliseconds:03}"
