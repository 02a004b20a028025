"""Words and segments of an editable transcript. Unlike those of `domain`, they have ids that edits keep."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from domain import Segment, Word


@dataclass(frozen=True)
class EditableWord:
    """A word with an id that is unique in its transcript. `text` and `confidence` are those of `domain.Word`."""

    id: int
    text: str
    start_s: float
    end_s: float
    confidence: float = 1.0


@dataclass(frozen=True)
class EditableSegment:
    """A run of words; `position` orders the segments of a transcript. A segment may have lost all its words."""

    id: int
    position: float
    start_s: float
    end_s: float
    words: tuple[EditableWord, ...]

    @property
    def text(self) -> str:
        return text_of(self.words)

    @property
    def lowest_confidence(self) -> float:
        return min((word.confidence for word in self.words), default=1.0)


class IdCounter:
    """Hands out ids of words or segments; `next` is the first one that is free."""

    def __init__(self, first: int) -> None:
        self.next = first

    def take(self) -> int:
        self.next += 1
        return self.next - 1


def text_of(words: Iterable[EditableWord]) -> str:
    """Return the words as text."""
    return "".join(word.text for word in words).strip()


def word_to_plain(word: EditableWord) -> list[Any]:
    """Return the word as a short list, the form in which it is stored."""
    return [word.id, word.text, word.start_s, word.end_s, word.confidence]


def words_from_plain(plain: Iterable[Sequence[Any]]) -> tuple[EditableWord, ...]:
    """Return the words that `word_to_plain` converted."""
    return tuple(EditableWord(*each) for each in plain)


def segment_to_plain(segment: EditableSegment) -> list[Any]:
    """Return the segment as a list, the form in which the journal stores it."""
    return [segment.id, segment.position, segment.start_s, segment.end_s, [word_to_plain(word) for word in segment.words]]


def segment_from_plain(plain: Sequence[Any]) -> EditableSegment:
    """Return the segment that `segment_to_plain` converted."""
    segment_id, position, start_s, end_s, words = plain
    return EditableSegment(segment_id, position, start_s, end_s, words_from_plain(words))


def to_segment(segment: EditableSegment) -> Segment:
    """Return the segment without ids."""
    words = tuple(Word(word.text, word.start_s, word.end_s, word.confidence) for word in segment.words)
    return Segment(segment.start_s, segment.end_s, words)


def with_ids(segment: Segment, position: float, segment_ids: IdCounter, word_ids: IdCounter) -> EditableSegment:
    """Return the segment with new ids."""
    words = tuple(EditableWord(word_ids.take(), word.text, word.start_s, word.end_s, word.probability) for word in segment.words)
    return EditableSegment(segment_ids.take(), position, segment.start_s, segment.end_s, words)
