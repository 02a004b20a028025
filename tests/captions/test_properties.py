"""Captions of random speech keep every word and all limits that the speech allows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import accumulate

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from domain import Word
from lib.text import clean_text, display_width
from services.captions import avoidable_problems, build_captions, find_problems
from services.captions.limits import MAX_COLUMNS_PER_S, MAX_DURATION_MS, MAX_LINE_COLUMNS, MAX_PAUSE_MS, MIN_DURATION_MS
from tests.captions.speech import check_invariants

_TEXTS = st.one_of(
    st.sampled_from(
        ["a", "of", "the", "slope", "gradient", "mathematics", "here,", "end.", "why?", "“so", "3", "14", "שלום", "كتاب,", "(x)"]
    ),
    st.sampled_from(["梯度", "的", "，", "方向。", "「", "」", "っ", "ー", "カ", "한국어", "ก", "า"]),
    st.text(min_size=1, max_size=60),
)
_SPACES = st.sampled_from(["", " ", " ", " ", " "])
_DURATIONS = st.sampled_from([0.0, 0.05, 0.2, 0.4, 0.8, 9.0])
_PAUSES = st.sampled_from([-1.0, 0.0, 0.0, 0.0, 0.1, 0.4, 1.5, 4.0])


@st.composite
def any_speech(draw: st.DrawFn) -> list[Word]:
    words, now_s = [], draw(st.sampled_from([0.0, 0.0004, 3600.0]))
    for _ in range(draw(st.integers(0, 40))):
        end_s = now_s + draw(_DURATIONS)
        words.append(Word(draw(_SPACES) + draw(_TEXTS), now_s, end_s))
        now_s = max(0.0, end_s + draw(_PAUSES))
    return words


@st.composite
def ordinary_speech(draw: st.DrawFn) -> list[Word]:
    """Short words with spaces, at 6 to 25 characters a second."""
    s_per_character, now_s, words = draw(st.sampled_from([0.04, 0.05, 0.06, 0.08, 0.15])), 0.0, []
    for _ in range(draw(st.integers(1, 25))):
        text = draw(st.sampled_from(["a", "of", "slope,", "gradient", "mathematics", "end."]))
        end_s = now_s + s_per_character * (len(text) + 1)
        words.append(Word(f" {text}", round(now_s, 3), round(end_s, 3)))
        now_s = end_s + draw(st.sampled_from([0.0, 0.0, 0.0, 0.2, 0.5, 1.3]))
    return words


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(any_speech(), st.sampled_from(["", "en", "de", "ja", "zh-CN", "xx"]))
@example([Word(" " + "x" * 500, 0.0, 1.0), Word(" y", 0.5, 0.6)], "en")
@example([Word("字" * 100, 0.0, 30.0)], "zh")
@example([Word(" a", 5.0, 5.0)] * 100, "en")
def test_no_word_is_lost_changed_or_moved(words: list[Word], language: str) -> None:
    captions = build_captions(words, language)
    check_invariants([replace(word, text=clean_text(word.text)) for word in words], captions)


@settings(max_examples=120, deadline=None)
@given(ordinary_speech())
def test_captions_keep_all_limits_if_any_division_does(words: list[Word]) -> None:
    captions = build_captions(words, "en")
    check_invariants(words, captions)
    assert avoidable_problems(captions) == ()
    if can_keep_all_limits(words):
        assert find_problems(captions) == ()
    starts = {round(word.start_s * 1000) for word in words}
    assert all(caption.start_ms in starts for caption in captions)


def can_keep_all_limits(words: list[Word]) -> bool:
    """Try every division between the pauses that end a caption; a line break counts as a space."""
    starts = [round(word.start_s * 1000) for word in words] + [round(words[-1].start_s * 1000) + MAX_DURATION_MS]
    ends = [round(word.end_s * 1000) for word in words]
    columns = [0, *accumulate(display_width(word.text) for word in words)]

    def fits(a: int, b: int) -> bool:
        duration_ms = min(starts[b] - starts[a], MAX_DURATION_MS)
        if duration_ms < MIN_DURATION_MS or ends[b - 1] - starts[a] > MAX_DURATION_MS:
            return False
        if any(starts[p] - ends[p - 1] >= MAX_PAUSE_MS for p in range(a + 1, b)):
            return False
        one_line = columns[b] - columns[a] - 1
        if one_line * 1000 > MAX_COLUMNS_PER_S * duration_ms:
            return False
        if one_line <= MAX_LINE_COLUMNS:
            return True
        halves = [(columns[p] - columns[a] - 1, columns[b] - columns[p] - 1) for p in range(a + 1, b)]
        return any(max(pair) <= MAX_LINE_COLUMNS for pair in halves)

    reach = _reach(len(words), fits)
    return reach(0)


def _reach(count: int, fits: Callable[[int, int], bool]) -> Callable[[int], bool]:
    @cache
    def reach(start: int) -> bool:
        return start == count or any(fits(start, end) and reach(end) for end in range(start + 1, count + 1))

    return reach
