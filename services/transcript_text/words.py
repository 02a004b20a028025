"""Words and segments of an editable transcript. Unlike those of `domain`, they have ids that edits keep."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from domain import Mark, Segment, Style, Word


@dataclass(frozen=True)
class EditableWord(Word):
    """A word with an id that is unique in its transcript."""

    id: int = field(default=0, kw_only=True)


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
        return min((word.probability for word in self.words), default=1.0)


class IdCounter:
    """Hands out ids of words or segments; `next` is the first one that is free."""

    def __init__(self, first: int) -> None:
        self.next = first

    def take(self) -> int:
        self.next += 1
        return self.next - 1


def text_of(words: Iterable[Word]) -> str:
    """Return the words as text."""
    return "".join(word.text for word in words).strip()


def mark_to_plain(mark: Mark) -> dict[str, Any]:
    """Return the values of a mark that differ from those of an empty one."""
    values = {each.name: (getattr(mark, each.name), each.default) for each in fields(mark)}
    plain = {name: value for name, (value, default) in values.items() if value != default}
    return plain if not mark.styles else {**plain, "styles": [str(style) for style in mark.styles]}


def mark_from_plain(plain: Mapping[str, Any]) -> Mark:
    """Return the mark that `mark_to_plain` converted."""
    return Mark(**{**plain, "styles": tuple(map(Style, plain.get("styles", ())))})


def word_to_plain(word: EditableWord) -> list[Any]:
    """Return the word as a short list, the form in which it is stored."""
    return [word.id, *spoken_to_plain(word)]


def words_from_plain(plain: Iterable[Sequence[Any]]) -> tuple[EditableWord, ...]:
    """Return the words that `word_to_plain` converted."""
    return tuple(
        EditableWord(text, start_s, end_s, probability, mark_from_plain(rest[0]) if rest else None, id=number)
        for number, text, start_s, end_s, probability, *rest in plain
    )


def spoken_to_plain(word: Word) -> list[Any]:
    """Return a word without its id as a short list."""
    return [word.text, word.start_s, word.end_s, word.probability, *([mark_to_plain(word.mark)] if word.mark else [])]


def spoken_from_plain(plain: Sequence[Any]) -> Word:
    """Return the word that `spoken_to_plain` converted."""
    text, start_s, end_s, probability, *rest = plain
    return Word(text, start_s, end_s, probability, mark_from_plain(rest[0]) if rest else None)


def segment_to_plain(segment: EditableSegment) -> list[Any]:
    """Return the segment as a list, the form in which the journal stores it."""
    return [segment.id, segment.position, segment.start_s, segment.end_s, [word_to_plain(word) for word in segment.words]]


def segment_from_plain(plain: Sequence[Any]) -> EditableSegment:
    """Return the segment that `segment_to_plain` converted."""
    segment_id, position, start_s, end_s, words = plain
    return EditableSegment(segment_id, position, start_s, end_s, words_from_plain(words))


def to_word(word: Word) -> Word:
    """Return the word without its id."""
    return Word(word.text, word.start_s, word.end_s, word.probability, word.mark)


def to_segment(segment: EditableSegment) -> Segment:
    """Return the segment without ids."""
    return Segment(segment.start_s, segment.end_s, tuple(map(to_word, segment.words)))


def with_id(word: Word, number: int) -> EditableWord:
    """Return the word with an id."""
    return EditableWord(word.text, word.start_s, word.end_s, word.probability, word.mark, id=number)


def with_ids(segment: Segment, position: float, segment_ids: IdCounter, word_ids: IdCounter) -> EditableSegment:
    """Return the segment with new ids."""
    words = tuple(with_id(word, word_ids.take()) for word in segment.words)
    return EditableSegment(segment_ids.take(), position, segment.start_s, segment.end_s, words)
