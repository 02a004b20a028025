"""Captions of people are adjusted to the rules where they break one, without losing a word; the others stay."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from domain import Caption
from services.captions import adjust_captions, avoidable_problems, find_problems
from services.documents import render
from services.subtitles import read_captions
from tests.captions.speech import letters, lines_of
from tests.documents.lecture import make_notes

LONG = "Such is the shape of a function of two variables, seen from above"
FEW_WORDS = ["One.", "Two, and more.", "Three.", "Four, the last."]
WORDS = ["a", "of", "the", "slope", "gradient,", "mathematics", "end.", "why?", "שלום", "3.14", "- Yes.", "[MUSIC]"]
WORDS += ["Donaudampfschifffahrtsgesellschaft"]
TEXTS = st.one_of(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=14).map(" ".join),
    st.lists(st.sampled_from(["梯度", "的", "方向。", "きょう", "データ", "한국어", " ", "，"]), min_size=1, max_size=16).map("".join),
)


@st.composite
def any_captions(draw: st.DrawFn) -> list[Caption]:
    """Captions that overlap, are out of order, too long, too brief or too full."""
    captions, now_ms = [], 0
    for _ in range(draw(st.integers(1, 10))):
        end_ms = now_ms + draw(st.sampled_from([1, 300, 1000, 2000, 4000, 9000, 40_000]))
        lines = tuple(filter(str.strip, draw(st.lists(TEXTS, min_size=1, max_size=4))))
        captions.append(Caption(now_ms, end_ms, lines or ("So",)))
        now_ms = max(0, end_ms + draw(st.sampled_from([-3000, -1000, -1, 0, 0, 0, 100, 700, 5000])))
    return captions


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(any_captions(), st.sampled_from(["en", "ja", ""]))
@example([Caption(0, 1, ("Hello",))] * 30, "en")
@example([Caption(0, 1000, ("梯度 ",))], "en")
def test_adjusted_captions_pass_and_have_every_word(captions: list[Caption], language: str) -> None:
    result = adjust_captions(captions, language)
    assert avoidable_problems(result) == ()
    in_order = sorted(captions, key=lambda caption: (caption.start_ms, caption.end_ms))
    assert letters(lines_of(result)) == letters(lines_of(in_order))
    assert all(caption.start_ms < caption.end_ms for caption in result)
    assert all(caption.end_ms <= following.start_ms for caption, following in pairwise(result))
    assert adjust_captions(result, language) == result
    if not find_problems(captions):
        assert result == tuple(replace(each, lines=tuple(" ".join(line.split()) for line in each.lines)) for each in captions)


@pytest.mark.parametrize(
    ("given_captions", "expected"),
    [
        ([(0, 3000, "- Shall we?", "- Yes."), (3000, 4000, "Now.")], [(0, 3000, "- Shall we?", "- Yes."), (3000, 4000, "Now.")]),
        ([(0, 400, "Now."), (5000, 7000, "And then.")], [(0, 1000, "Now."), (5000, 7000, "And then.")]),
        ([(0, 3000, "First."), (2000, 4000, "Second.")], [(0, 2000, "First."), (2000, 4000, "Second.")]),
        ([(0, 3000, "- Who?"), (0, 3000, "- Me.")], [(0, 3000, "- Who?", "- Me.")]),
        ([(0, 20_000, "[MUSIC]")], [(0, 7000, "[MUSIC]")]),
        ([(0, 6000, *FEW_WORDS)], [(0, 2769, *FEW_WORDS[:2]), (2769, 6000, *FEW_WORDS[2:])]),
        ([(0, 5000, LONG)], [(0, 5000, LONG[:31], LONG[32:])]),
        (
            [(0, 2500, "This is the first"), (2500, 2900, "of them."), (2900, 6000, f"And {LONG[:30]}")],
            [(0, 2900, "This is the first of them."), (2900, 6000, f"And {LONG[:30]}")],
        ),
    ],
)
def test_only_what_breaks_a_rule_changes(given_captions: list[tuple], expected: list[tuple]) -> None:  # type: ignore[type-arg]
    result = adjust_captions([Caption(start, end, lines) for start, end, lines in map(_caption_parts, given_captions)], "en")
    assert [(caption.start_ms, caption.end_ms, *caption.lines) for caption in result] == expected


def _caption_parts(values: tuple[object, ...]) -> tuple[int, int, tuple[str, ...]]:
    start_ms, end_ms, *lines = values
    return start_ms, end_ms, tuple(lines)  # type: ignore[return-value]


@pytest.mark.parametrize("kind", ["srt", "vtt"])
def test_written_files_of_uploaded_subtitles_pass(tmp_path: Path, kind: str) -> None:
    captions = (Caption(0, 9000, (LONG * 2,)), Caption(8000, 8100, ("a < b & c",)), Caption(12_000, 12_100, ("x", "y", "z")))
    assert render(kind, make_notes(captions=captions), tmp_path, tmp_path / f"a.{kind}") == ()
    assert find_problems(read_captions(tmp_path / f"a.{kind}")) == ()
