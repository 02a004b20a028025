"""Carries the corrections of one recognised text over to another one: those whose words, and the words beside them, are in both."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rapidfuzz.distance import Levenshtein

from services.transcript_text.differences import Difference, differences
from services.transcript_text.words import EditableSegment, EditableWord, IdCounter


@dataclass(frozen=True)
class _Place:
    """The words `first` to `last` (not included) of the new text, and what takes their place; between two words if they are equal."""

    first: int
    last: int
    words: tuple[EditableWord, ...]


def carry(
    raw: Sequence[EditableSegment], corrected_segments: Sequence[EditableSegment], new: Sequence[EditableSegment], ids: IdCounter
) -> tuple[EditableSegment, ...]:
    """Return the new segments with the corrections that have changed `raw` into `corrected_segments`, with the times of the new words.

    `ids`: of the words that corrections bring. Corrections whose words the new text does not have at that place are left out.
    """
    old, corrected_words, words = ([word for segment in segments for word in segment.words] for segments in (raw, corrected_segments, new))
    if not old or not words:
        return tuple(new)
    groups = [[word] for word in words]
    for place in _places(old, corrected_words, words, ids):
        if place.last > place.first:
            groups[place.first : place.last] = [list(place.words), *([] for _ in range(place.first + 1, place.last))]
        elif place.first:
            groups[place.first - 1] += place.words
        else:
            groups[0] = [*place.words, *groups[0]]
    at, result = 0, []
    for segment in new:
        end = at + len(segment.words)
        result.append(replace(segment, words=tuple(word for group in groups[at:end] for word in group)))
        at = end
    return tuple(result)


def _places(
    old: Sequence[EditableWord], corrected_words: Sequence[EditableWord], words: Sequence[EditableWord], ids: IdCounter
) -> Iterator[_Place]:
    index_of = {word.id: index for index, word in enumerate(old)}
    new_index_of = _equal_words(old, words)
    for each in differences(old, corrected_words):
        start = _start(each, corrected_words, index_of)
        end = start + len(each.before)
        beside = range(max(0, start - 1), min(len(old), end + 1))
        targets = [new_index_of.get(index, -1) for index in beside]
        if not targets or targets[0] < 0 or targets != list(range(targets[0], targets[0] + len(targets))):
            continue
        first = targets[0] + (start - beside.start)
        yield _Place(first, first + len(each.before), tuple(_assign_times(each, words, first, ids)))


def _start(difference: Difference, corrected_words: Sequence[EditableWord], index_of: dict[int, int]) -> int:
    """Return the index of the changed words in the old text; of an insertion, that of the word after it."""
    if difference.before:
        return index_of[difference.before[0].id]
    return index_of[corrected_words[difference.index - 1].id] + 1 if difference.index else 0


def _equal_words(old: Sequence[EditableWord], new: Sequence[EditableWord]) -> dict[int, int]:
    """Return the index of each word in the new text that has it at the same place, without regard to case and marks."""
    pairs: dict[int, int] = {}
    for block in Levenshtein.opcodes([_key(word) for word in old], [_key(word) for word in new]):
        if block.tag == "equal":
            pairs |= {block.src_start + offset: block.dest_start + offset for offset in range(block.src_end - block.src_start)}
    return pairs


def _key(word: EditableWord) -> str:
    text = unicodedata.normalize("NFKC", word.text).casefold()
    return "".join(filter(str.isalnum, text)) or text.strip()


def _assign_times(difference: Difference, words: Sequence[EditableWord], first: int, ids: IdCounter) -> Iterator[EditableWord]:
    """Yield the corrected words with times of the new text; a word of which only text or layout differ keeps its id there."""
    old_words, after = words[first : first + len(difference.before)], difference.after
    own_by_id = {word.id: old_word for word, old_word in zip(difference.before, old_words, strict=True)}
    if len(old_words) == len(after):
        for word, old_word in zip(after, old_words, strict=True):
            number = old_word.id if word.id in own_by_id else ids.take()
            yield replace(word, start_s=old_word.start_s, end_s=old_word.end_s, id=number)
        return
    start_s, end_s = _span(old_words, words, first)
    total, position = sum(len(word.text.strip()) for word in after), 0
    for word in after:
        word_start_s = start_s + (end_s - start_s) * position / max(1, total)
        position += len(word.text.strip())
        word_end_s = start_s + (end_s - start_s) * position / max(1, total)
        yield replace(word, start_s=round(word_start_s, 3), end_s=round(word_end_s, 3), id=ids.take())


def _span(old_words: Sequence[EditableWord], words: Sequence[EditableWord], first: int) -> tuple[float, float]:
    """Return the seconds of the replaced words, or those of the pause in which words are inserted."""
    if old_words:
        return old_words[0].start_s, max(word.end_s for word in old_words)
    start_s = words[first - 1].end_s if first else words[0].start_s
    return start_s, max(start_s, words[first].start_s if first < len(words) else start_s)
