"""Applies corrections to the words of a segment."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from domain import Mark, Segment, TimeRange
from services.transcript_text.alignment import align
from services.transcript_text.markup import Run
from services.transcript_text.words import EditableSegment, EditableWord, IdCounter, with_ids


@dataclass(frozen=True)
class Substitution:
    """The words `first` to `last` of a transcript, counted from 0, become another text. `runs`: that text with marks, if it has any."""

    first: int
    last: int
    after: str
    runs: tuple[Run, ...] = ()


def correct(words: Sequence[EditableWord], after: str, ids: IdCounter, runs: Sequence[Run] = ()) -> tuple[EditableWord, ...]:
    """Return the words that take the place of these: unchanged ones stay, new ones get their time."""
    aligned_words = align(words, after, TimeRange(words[0].start_s, max(words[-1].end_s, words[0].start_s)), ids)
    return tuple(_with_marks(aligned_words, runs, ids)) if runs else aligned_words


def apply_to_segments(segments: Sequence[Segment], corrections: Sequence[Substitution]) -> tuple[EditableSegment, ...]:
    """Return the segments with corrections, which are in order. Words that stay have their number, from 0, as id."""
    result, number, at = [], 0, 0
    word_ids, segment_ids, new_ids = IdCounter(0), IdCounter(1), IdCounter(sum(len(segment.words) for segment in segments))
    for position, plain in enumerate(segments):
        segment = with_ids(plain, float(position), segment_ids, word_ids)
        end = number + len(segment.words)
        segment_corrections = []
        while at < len(corrections) and corrections[at].first < end:
            segment_corrections.append(corrections[at])
            at += 1
        words = list(segment.words)
        for each in reversed(segment_corrections):
            first, last = each.first - number, each.last - number + 1
            words[first:last] = correct(words[first:last], each.after, new_ids, each.runs)
        result.append(replace(segment, words=tuple(words)))
        number = end
    return tuple(segment for segment in result if segment.words)


def _with_marks(words: Sequence[EditableWord], runs: Sequence[Run], ids: IdCounter) -> Iterator[EditableWord]:
    """Yield the words with the marks of the runs, which have the same characters; a word with several marks is divided."""
    characters = [run.mark for run in runs for _ in "".join(run.text.split())]
    starts = [at == 0 for run in runs for at in range(len("".join(run.text.split())))]
    if len(characters) != sum(len(word.text.strip()) for word in words):
        yield from words
        return
    at = 0
    for word in words:
        bare_text = word.text.strip()
        edges = [0, *(index for index in range(1, len(bare_text)) if starts[at + index]), len(bare_text)]
        parts = [(bare_text[first:last], characters[at + first]) for first, last in itertools.pairwise(edges) if last > first]
        at += len(bare_text)
        yield from _parts(word, parts, ids)


def _parts(word: EditableWord, parts: Sequence[tuple[str, Mark | None]], ids: IdCounter) -> Iterator[EditableWord]:
    space = word.text[: len(word.text) - len(word.text.lstrip())]
    if len({mark for _, mark in parts}) < 2:
        mark = parts[0][1] if parts else None
        yield word if mark is None else replace(word, mark=_merge(word.mark, mark))
        return
    length, position = sum(len(text) for text, _ in parts), 0
    duration_s = word.end_s - word.start_s
    for number, (text, mark) in enumerate(parts):
        start_s = round(word.start_s + duration_s * position / length, 3)
        position += len(text)
        part_mark = _merge(word.mark if number == 0 else None, mark or Mark())
        part_text = text if number else space + text
        end_s = round(word.start_s + duration_s * position / length, 3)
        yield EditableWord(part_text, start_s, end_s, word.probability, part_mark if part_mark != Mark() else None, id=ids.take())


def _merge(old: Mark | None, new: Mark) -> Mark:
    """Return the new mark, with the break before the word that the current one has."""
    if old is None or new.heading:
        return new
    return replace(
        new,
        heading=old.heading,
        heading_level=old.heading_level,
        starts_paragraph=old.starts_paragraph or new.starts_paragraph,
    )
