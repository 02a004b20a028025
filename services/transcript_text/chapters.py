"""Chapters of a recording as headings in its transcript."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from domain import Mark, Segment, Transcript

_TOLERANCE_S = 0.7  # chapters often begin in the pause before their first word, or a little late
_MAX_DELAY_S = 120.0  # to the first word of a chapter; later it would name what another chapter may be about


def with_chapters(transcript: Transcript, chapters: Sequence[tuple[float, str]]) -> Transcript:
    """Return the transcript with a heading at the first word of each chapter: start in seconds, and title."""
    words = [(word.start_s, number, at) for number, segment in enumerate(transcript.segments) for at, word in enumerate(segment.words)]
    headings: dict[tuple[int, int], str] = {}
    position = 0
    for start_s, title in sorted(chapters):
        while position < len(words) and words[position][0] < start_s - _TOLERANCE_S:
            position += 1
        if position < len(words) and words[position][0] <= start_s + _MAX_DELAY_S:
            headings[words[position][1:]] = title
    if not headings:
        return transcript
    segments = tuple(_with_headings(segment, number, headings) for number, segment in enumerate(transcript.segments))
    return replace(transcript, segments=segments)


def _with_headings(segment: Segment, number: int, headings: dict[tuple[int, int], str]) -> Segment:
    if not any((number, at) in headings for at in range(len(segment.words))):
        return segment
    words = list(segment.words)
    for at, word in enumerate(words):
        title = headings.get((number, at))
        if title:
            words[at] = replace(word, mark=replace(word.mark or Mark(), heading=title))
    return replace(segment, words=tuple(words))
