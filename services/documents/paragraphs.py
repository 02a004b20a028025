"""Group speech into paragraphs that break at pauses, or at sentence ends once they are long enough."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from domain import Segment, Word
from lib.text import ends_clause, ends_sentence, is_wide

BREAK_PAUSE_S = 1.5
TARGET_LENGTH = 80
SOFT_MAX_LENGTH = 120
MAX_LENGTH = 180
_MAX_GIVEN_LENGTH = 400


def group_into_paragraphs(segments: Sequence[Segment]) -> tuple[Segment, ...]:
    """Return the same words in the same order, grouped into paragraphs. Lengths count words (CJK: two characters each).

    If any word is marked as the start of a paragraph, paragraphs begin there, and otherwise only after very long ones. A heading begins
    one too, and leaves the others as they are.
    """
    words = [word for segment in segments for word in segment.words if word.text.strip()]
    return tuple(Segment(group[0].start_s, max(word.end_s for word in group), tuple(group)) for group in _group_words(words))


def _group_words(words: Sequence[Word]) -> Iterator[list[Word]]:
    group: list[Word] = []
    length = 0.0
    are_given = any(word.mark is not None and word.mark.starts_paragraph for word in words)
    for word, next_word in zip_longest(words, words[1:]):
        group.append(word)
        length += _word_length(word)
        is_long = length >= _MAX_GIVEN_LENGTH and ends_sentence(word.text)
        if next_word is None or _starts_paragraph(next_word) or (is_long if are_given else _is_break(word, next_word, length)):
            yield group
            group, length = [], 0.0


def _starts_paragraph(word: Word) -> bool:
    return word.mark is not None and (word.mark.starts_paragraph or bool(word.mark.heading))


def _is_break(word: Word, next_word: Word, length: float) -> bool:
    sentence_end = ends_sentence(word.text)
    pause_s = next_word.start_s - word.end_s
    if pause_s >= BREAK_PAUSE_S:
        return sentence_end or length >= TARGET_LENGTH / 4 or pause_s >= 2 * BREAK_PAUSE_S
    if length >= MAX_LENGTH:
        return True
    if length >= SOFT_MAX_LENGTH:
        return sentence_end or ends_clause(word.text)
    return length >= TARGET_LENGTH and sentence_end


def _word_length(word: Word) -> float:
    wide = sum(map(is_wide, word.text))
    return wide / 2 if wide else 1.0
