"""Applies corrections to the words of a segment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from domain import Segment, TimeRange, Word
from services.transcript_text.alignment import align
from services.transcript_text.words import EditableWord, IdCounter


def corrected(words: Sequence[EditableWord], after: str, ids: IdCounter) -> tuple[EditableWord, ...]:
    """Return the words that take the place of these: unchanged ones stay, new ones get their time."""
    return align(words, after, TimeRange(words[0].start_s, max(words[-1].end_s, words[0].start_s)), ids)


def apply_to_segments(segments: Sequence[Segment], corrections: Sequence[tuple[int, int, str]]) -> tuple[Segment, ...]:
    """Return the segments with corrections: numbers of the first and the last word, counted from 0, and the new text; in order."""
    result, number, at = [], 0, 0
    for segment in segments:
        end = number + len(segment.words)
        ids = IdCounter(len(segment.words))
        words = [EditableWord(index, word.text, word.start_s, word.end_s, word.probability) for index, word in enumerate(segment.words)]
        own = []
        while at < len(corrections) and corrections[at][0] < end:
            own.append(corrections[at])
            at += 1
        for first, last, after in reversed(own):
            words[first - number : last - number + 1] = corrected(words[first - number : last - number + 1], after, ids)
        kept = tuple(Word(word.text, word.start_s, word.end_s, word.confidence) for word in words)
        result.append(replace(segment, words=kept) if own else segment)
        number = end
    return tuple(segment for segment in result if segment.words)
