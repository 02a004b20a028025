"""Corrections that are carried over to the recognised text of another file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from services.transcript_text.carrying import carry
from services.transcript_text.words import EditableSegment, EditableWord, IdCounter, text_of


def segments_of(*texts: str, first_id: int = 1, start_s: float = 0.0) -> list[EditableSegment]:
    """Return segments of words that last a second each."""
    result, number, at = [], first_id, start_s
    for position, text in enumerate(texts):
        words = []
        for each in text.split():
            words.append(EditableWord(f" {each}", at, at + 1, id=number))
            number, at = number + 1, at + 1
        result.append(EditableSegment(position + 1, float(position), words[0].start_s, words[-1].end_s, tuple(words)))
    return result


def edit_texts(segments: Sequence[EditableSegment], *texts: str) -> list[EditableSegment]:
    """Return the segments with other texts: words that stay keep their id, others get new ones."""
    ids = IdCounter(1000)
    result = []
    for segment, text in zip(segments, texts, strict=True):
        left = list(segment.words)
        words = []
        for each in text.split():
            at = next((index for index, word in enumerate(left) if word.text.strip() == each), None)
            words.append(EditableWord(f" {each}", 0.0, 0.0, id=ids.take()) if at is None else left[at])
            left = left if at is None else left[at + 1 :]
        result.append(replace(segment, words=tuple(words)))
    return result


@pytest.mark.parametrize(
    ("raw", "correction", "new", "expected"),
    [
        (
            "we hash the kees with care",
            "we hash the keys with care",
            "so today we hash the kees with care",
            "so today we hash the keys with care",
        ),
        ("we hash the kees with care", "we hash the keys with care", "We hash the KEES, with care.", "We hash the keys with care."),
        ("we hash the kees with care", "we hash the keys with care", "we sort the kees in order", "we sort the kees in order"),
        ("an um example of it", "an example of it", "now an um example of it all", "now an example of it all"),
        ("an example of it", "an easy example of it", "here is an example of it", "here is an easy example of it"),
        ("tea two parts", "the table has parts", "first tea two parts", "first the table has parts"),
        ("one two three", "two three", "zero one two three", "zero two three"),
        ("one two three", "one two three four", "one two three", "one two three four"),
        ("one two three", "one too three", "four five", "four five"),
    ],
)
def test_corrections_stay_where_the_words_agree(raw: str, correction: str, new: str, expected: str) -> None:
    before, target = segments_of(raw), segments_of(new, first_id=500, start_s=10.0)
    [segment] = carry(before, edit_texts(before, correction), target, IdCounter(9000))
    assert text_of(segment.words).replace(",", "") == expected.replace(",", "")
    times = [(word.start_s, word.end_s) for word in segment.words]
    assert times == sorted(times) and all(10.0 <= start <= end <= target[0].end_s for start, end in times)
    assert len({word.id for word in segment.words}) == len(segment.words)


def test_a_correction_may_cross_a_pause_that_is_not_there_before() -> None:
    before = segments_of("the red black tree is fast")
    after = edit_texts(before, "the red-black tree is fast")
    segments = carry(before, after, segments_of("the red", "black tree is fast", first_id=500), IdCounter(9000))
    assert [text_of(segment.words) for segment in segments] == ["the red-black", "tree is fast"]


def test_a_long_lecture_takes_less_than_a_second() -> None:
    words = [f"word{number % 700}" for number in range(20_000)]
    before = segments_of(" ".join(words))
    after = [
        replace(
            before[0], words=tuple(replace(word, text=" x", id=10**6 + word.id) if word.id % 50 == 0 else word for word in before[0].words)
        )
    ]
    [segment] = carry(before, after, segments_of(" ".join(["well", *words]), first_id=10**5), IdCounter(10**7))
    assert sum(word.text == " x" for word in segment.words) == 400
