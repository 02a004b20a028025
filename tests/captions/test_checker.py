"""The checker names the rule, the caption, the value and the limit."""

from __future__ import annotations

import pytest

from domain import Caption
from services.captions import RULES, Problem, avoidable_problems, find_problems

GOOD = Caption(0, 3000, ("A line of text", "and another one"))


def test_good_captions_have_no_problems() -> None:
    assert find_problems([GOOD, Caption(3000, 4000, ("Next.",))]) == ()


@pytest.mark.parametrize(
    ("caption", "problem"),
    [
        (Caption(0, 5000, ("a", "b", "c")), Problem("line_count", 1, 3, 2, "lines")),
        (Caption(0, 5000, ("x" * 43,)), Problem("line_length", 1, 43, 42, "columns")),
        (Caption(0, 7000, ("字" * 22,)), Problem("line_length", 1, 44, 42, "columns")),
        (Caption(0, 5000, ("方向", "，然后")), Problem("line_break", 1, 1, 0, "breaks")),
        (Caption(0, 900, ("Yes.",)), Problem("min_duration", 1, 0.9, 1, "s")),
        (Caption(0, 7001, ("Yes.",)), Problem("max_duration", 1, 7.001, 7, "s")),
        (Caption(0, 1000, ("x" * 18,)), Problem("reading_speed", 1, 18, 17, "characters per second")),
        (Caption(0, 5000, ()), Problem("empty", 1, 0, 1, "columns")),
    ],
)
def test_a_broken_rule(caption: Caption, problem: Problem) -> None:
    assert find_problems([caption]) == (problem,)
    assert problem.rule in RULES


def test_overlapping_captions() -> None:
    assert find_problems([GOOD, Caption(2500, 4000, ("Next.",))]) == (Problem("overlap", 1, 0.5, 0, "s"),)


def test_the_limits_themselves_are_allowed() -> None:
    assert find_problems([Caption(0, 1000, ("x" * 17,)), Caption(1000, 8000, ("x" * 42, "y" * 42))]) == ()


def test_a_problem_is_one_sentence() -> None:
    (problem,) = find_problems([Caption(0, 1000, ("x" * 25,))])
    assert str(problem) == "caption 1: too fast to read (25 characters per second, limit 17)"


@pytest.mark.parametrize(("next_start_ms", "count"), [(1000, 0), (1400, 0), (1500, 1), (9000, 1)])
def test_fast_speech_is_avoidable_only_if_there_is_time_after_it(next_start_ms: int, count: int) -> None:
    captions = [Caption(0, 1000, ("x" * 25,)), Caption(next_start_ms, next_start_ms + 1000, ("Next.",))]
    assert len(avoidable_problems(captions)) == count


def test_long_lines_are_always_avoidable() -> None:
    assert [problem.rule for problem in avoidable_problems([Caption(0, 5000, ("x" * 43,))])] == ["line_length"]
