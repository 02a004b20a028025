"""Chapters, and ffmpeg's metadata format, which gives them and a title to a file."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ffmpeg as ffmpeg_python

from services.media.allowed_formats import file_url


@dataclass(frozen=True)
class Chapter:
    start_s: float
    end_s: float
    title: str


def chapters_of(starts: Sequence[tuple[float, str]], duration_s: float) -> list[Chapter]:
    """Return chapters with these starts and titles; each ends where the next one begins."""
    ends = [*(start_s for start_s, _ in starts[1:]), duration_s]
    return [Chapter(start_s, end_s, title) for (start_s, title), end_s in zip(starts, ends, strict=False) if end_s > start_s]


@contextlib.contextmanager
def metadata_input(target: Path, title: str, chapters: Sequence[Chapter]) -> Iterator[Any]:
    """Yield a stream for `ffmpeg.output`; `map_metadata` and `map_chapters` name its input. Its file is written next to `target`."""
    file = target.with_suffix(".ffmeta")
    file.write_text(_metadata_text(title, chapters), encoding="utf-8")
    try:
        # ffmpeg-python needs a stream of each input; this optional one does not exist
        yield ffmpeg_python.input(file_url(file), f="ffmetadata", protocol_whitelist="file,pipe")["t?"]
    finally:
        file.unlink(missing_ok=True)


def _metadata_text(title: str, chapters: Sequence[Chapter]) -> str:
    """Return the title and chapters in ffmpeg's metadata format (https://ffmpeg.org/ffmpeg-formats.html#Metadata-2)."""
    rows = [";FFMETADATA1", f"title={_escape(title)}"]
    for chapter in chapters:
        times = (f"START={round(chapter.start_s * 1000)}", f"END={round(chapter.end_s * 1000)}")
        rows += ["[CHAPTER]", "TIMEBASE=1/1000", *times, f"title={_escape(chapter.title)}"]
    return "\n".join(rows) + "\n"


def _escape(text: str) -> str:
    return "".join(f"\\{each}" if each in "=;#\\" else each for each in text).replace("\n", " ")
