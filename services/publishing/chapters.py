"""The description of a video with chapters, within YouTube's limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lib.media_time import format_clock
from lib.text import clean_text

MAX_DESCRIPTION_BYTES = 5000
MAX_TITLE_CHARS = 100
_MIN_CHAPTERS, _MIN_CHAPTER_S = 3, 10.0  # else YouTube shows none: https://support.google.com/youtube/answer/9884579
_MAX_CHAPTER_CHARS = 100


@dataclass(frozen=True)
class Mark:
    """The beginning of a chapter."""

    start_s: float
    title: str


def with_chapters(description: str, marks: Sequence[Mark], duration_s: float) -> str:
    """Return the description with a list of chapters, if there are enough of them and if they fit."""
    lines = chapter_lines(marks, duration_s)
    if not lines:
        return description
    text = "\n".join(lines)
    full_text = f"{description.rstrip()}\n\n{text}" if description.strip() else text
    return full_text if len(full_text.encode()) <= MAX_DESCRIPTION_BYTES else description


def chapter_lines(marks: Sequence[Mark], duration_s: float) -> list[str]:
    """Return a line for each chapter: from 0:00, at least three, each of ten seconds or more. Empty if that is not possible."""
    sorted_marks = sorted(marks, key=lambda mark: mark.start_s)
    chapters = list[Mark]()
    for mark in sorted_marks:
        title = clean_text(mark.title).replace("<", "(").replace(">", ")")[:_MAX_CHAPTER_CHARS]
        start_s = 0.0 if not chapters else mark.start_s
        is_long_enough = not chapters or start_s - chapters[-1].start_s >= _MIN_CHAPTER_S
        if title and is_long_enough and duration_s - start_s >= _MIN_CHAPTER_S:
            chapters.append(Mark(start_s, title))
    if len(chapters) < _MIN_CHAPTERS:
        return []
    return [f"{format_clock(mark.start_s)} {mark.title}" for mark in chapters]


def clean_description(text: str) -> str:
    """Return a description that YouTube accepts: without angle brackets, at most 5,000 bytes."""
    text = text.replace("<", "(").replace(">", ")").strip()
    return text.encode()[:MAX_DESCRIPTION_BYTES].decode(errors="ignore")
