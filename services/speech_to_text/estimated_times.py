"""Times of words that an engine returned without times: they share the time of the speech by their lengths."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from domain import TimeRange, Word
from services.speech_to_text.port import SAMPLE_RATE_HZ
from services.speech_to_text.vad import Span
from services.transcript_text.alignment import split_words

_MIN_WORD_S = 0.01


def voiced_ranges(speech: Sequence[Span], duration_s: float) -> list[TimeRange]:
    """Return the spans in seconds; the whole duration if there is none."""
    return [TimeRange(start / SAMPLE_RATE_HZ, end / SAMPLE_RATE_HZ) for start, end in speech] or [TimeRange(0.0, duration_s)]


def spread(text: str, ranges: Sequence[TimeRange]) -> list[Word]:
    """Share the time of the ranges among the words of a text by their lengths."""
    words = list(_words(text))
    total_s = sum(each.duration_s for each in ranges)
    signs = sum(map(len, words)) or 1
    result, position = [], 0
    for word in words:
        start_s, end_s = (_time_at(total_s * signs_before / signs, ranges) for signs_before in (position, position + len(word)))
        result.append(Word(word, start_s, max(end_s, start_s + _MIN_WORD_S)))
        position += len(word)
    return result


def _words(text: str) -> Iterator[str]:
    for start, end, has_space in split_words(text):
        yield f"{' ' if has_space else ''}{text[start:end]}"


def _time_at(spoken_s: float, ranges: Sequence[TimeRange]) -> float:
    """Return when `spoken_s` of speech have passed, without the pauses between the ranges."""
    for each in ranges:
        if spoken_s <= each.duration_s:
            return each.start_s + spoken_s
        spoken_s -= each.duration_s
    return ranges[-1].end_s
