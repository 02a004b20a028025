"""Alignment of a changed text with the words that it had."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import TimeRange
from services.transcript_text.alignment import align, same_text
from services.transcript_text.words import EditableWord, IdCounter, text_of

BOUNDS = TimeRange(10.0, 20.0)


def make_words(*texts: str) -> tuple[EditableWord, ...]:
    """Words of a second each, with a pause of a second after each."""
    return tuple(EditableWord(text, 10.0 + 2 * index, 11.0 + 2 * index, 0.8, id=index + 1) for index, text in enumerate(texts))


def align_words(words: tuple[EditableWord, ...], text: str) -> tuple[EditableWord, ...]:
    return align(words, text, BOUNDS, IdCounter(100))


def test_unchanged_words_keep_everything() -> None:
    words = make_words(" The", " Haching", " of", " keys")
    result = align_words(words, "The hashing of keys")
    assert [word.id for word in result] == [1, 100, 3, 4]
    assert result[0] is not words[1] and result[0] == words[0] and result[2:] == words[2:]
    assert (result[1].text, result[1].start_s, result[1].end_s, result[1].probability) == (" hashing", 12.0, 13.0, 1.0)


def test_one_word_becomes_three_in_its_time() -> None:
    result = align_words(make_words(" a", " logarithm", " b"), "a log a rithm b")
    assert [word.id for word in result] == [1, 100, 101, 102, 3]
    inner = result[1:4]
    assert (inner[0].start_s, inner[-1].end_s) == (12.0, 13.0)
    assert inner[0].end_s - inner[0].start_s > inner[1].end_s - inner[1].start_s  # longer texts take longer


def test_inserted_words_fill_the_pause_and_deleted_ones_leave_one() -> None:
    result = align_words(make_words(" a", " b"), "a new b")
    assert (result[1].start_s, result[1].end_s) == (11.0, 12.0)
    assert [word.id for word in align_words(make_words(" a", " b", " c"), "a c")] == [1, 3]
    assert align_words(make_words(" a"), "") == ()
    only = align_words((), "brand new")
    assert (only[0].start_s, only[-1].end_s) == (10.0, 20.0) and text_of(only) == "brand new"


def test_scripts_without_spaces_are_compared_by_character() -> None:
    words = make_words("机器", "学习", "很", "难")
    result = align_words(words, "机器学习不难")
    assert text_of(result) == "机器学习不难"
    assert [word.id for word in result] == [1, 2, 100, 4]


@pytest.mark.parametrize("text", ["a " * 5000, "b a " * 2500])
def test_repetitive_text_takes_no_long_time(text: str) -> None:
    words = tuple(EditableWord(" a", float(index), index + 1.0, id=index) for index in range(5000))
    assert text_of(align(words, text, TimeRange(0, 5000), IdCounter(9000))) == text.strip()


TEXT = st.lists(st.sampled_from(["a", "b", "Ä", "naïve", "3.5%", "学", "习", "ok,"]), max_size=12).map(" ".join)


@given(TEXT, TEXT)
def test_any_edit_gives_the_text_in_order_with_unique_ids(before: str, after: str) -> None:
    ids = IdCounter(1)
    words = align((), before, BOUNDS, ids)
    result = align(words, after, BOUNDS, ids)
    assert text_of(result) == after and same_text(result, after)
    assert len({word.id for word in result}) == len(result)
    assert all(BOUNDS.start_s <= word.start_s <= word.end_s <= BOUNDS.end_s for word in result)
    assert all(first.start_s <= second.start_s for first, second in itertools.pairwise(result))
    by_id = {word.id: word for word in words}
    assert all((word.start_s, word.end_s) == (by_id[word.id].start_s, by_id[word.id].end_s) for word in result if word.id in by_id)
