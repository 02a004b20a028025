"""Check captions against the rules of `limits`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain import Caption
from lib.text import display_width
from services.captions import limits
from services.captions.line_breaks import may_break

RULES: dict[str, str] = {
    "line_count": "too many lines",
    "line_length": "a line too long",
    "line_break": "a line break at a forbidden place",
    "min_duration": "shown too briefly",
    "max_duration": "shown too long",
    "reading_speed": "too fast to read",
    "overlap": "overlaps the next caption",
    "empty": "no text",
}
"""Name of each rule -> a phrase for a caption that breaks it."""


@dataclass(frozen=True)
class Problem:
    """A caption that breaks a rule. `number` counts captions from 1; `value` and `limit` are in `unit`."""

    rule: str
    number: int
    value: float
    limit: float
    unit: str

    def __str__(self) -> str:
        return f"caption {self.number}: {RULES[self.rule]} ({self.value:g} {self.unit}, limit {self.limit:g})"


def find_problems(captions: Sequence[Caption]) -> tuple[Problem, ...]:
    """Return every broken rule, in the order of the captions."""
    problems = list[Problem]()
    for index, caption in enumerate(captions):
        next_caption = captions[index + 1] if index + 1 < len(captions) else None
        problems += _problems_of(index + 1, caption, next_caption)
    return tuple(problems)


def avoidable_problems(captions: Sequence[Caption]) -> tuple[Problem, ...]:
    """Return the broken rules that the speech does not force.

    A caption that is too brief or too fast counts only if a gap before the next one leaves the time that it needs.
    """
    return tuple(problem for problem in find_problems(captions) if _is_avoidable(problem, captions))


def _is_avoidable(problem: Problem, captions: Sequence[Caption]) -> bool:
    if problem.rule not in ("min_duration", "reading_speed"):
        return True
    caption = captions[problem.number - 1]
    available_ms = limits.MAX_DURATION_MS
    if problem.number < len(captions):
        available_ms = min(available_ms, captions[problem.number].start_ms - caption.start_ms)
    if problem.rule == "min_duration":
        return available_ms >= limits.MIN_DURATION_MS
    return _columns(caption) * 1000 <= limits.MAX_COLUMNS_PER_S * available_ms


def _problems_of(number: int, caption: Caption, next_caption: Caption | None) -> Iterator[Problem]:
    columns = _columns(caption)
    if columns == 0:
        yield Problem("empty", number, 0, 1, "columns")
    if len(caption.lines) > limits.MAX_LINES:
        yield Problem("line_count", number, len(caption.lines), limits.MAX_LINES, "lines")
    longest = max(map(display_width, caption.lines), default=0)
    if longest > limits.MAX_LINE_COLUMNS:
        yield Problem("line_length", number, longest, limits.MAX_LINE_COLUMNS, "columns")
    forbidden = sum(not may_break(upper, f" {lower}") for upper, lower in zip(caption.lines, caption.lines[1:], strict=False))
    if forbidden:
        yield Problem("line_break", number, forbidden, 0, "breaks")
    yield from _time_problems(number, caption, columns)
    if next_caption is not None and next_caption.start_ms < caption.end_ms:
        yield Problem("overlap", number, (caption.end_ms - next_caption.start_ms) / 1000, 0, "s")


def _time_problems(number: int, caption: Caption, columns: int) -> Iterator[Problem]:
    duration_ms = caption.end_ms - caption.start_ms
    if duration_ms < limits.MIN_DURATION_MS:
        yield Problem("min_duration", number, duration_ms / 1000, limits.MIN_DURATION_MS / 1000, "s")
    if duration_ms > limits.MAX_DURATION_MS:
        yield Problem("max_duration", number, duration_ms / 1000, limits.MAX_DURATION_MS / 1000, "s")
    if columns * 1000 > limits.MAX_COLUMNS_PER_S * duration_ms:
        speed = columns * 1000 / max(1, duration_ms)
        yield Problem("reading_speed", number, round(speed, 2), limits.MAX_COLUMNS_PER_S, "characters per second")


def _columns(caption: Caption) -> int:
    return sum(map(display_width, caption.lines))
