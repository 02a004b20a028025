"""Divide timed words into captions: the division with the lowest total cost (shortest path over the places to break).

First only captions within all limits are tried. A passage that has no such division, because its speaker is too fast, is divided again with
costs for what exceeds the limits of time; the limits of space always hold.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Iterator, Sequence
from itertools import accumulate

from domain import Caption, Word
from services.captions.break_costs import costs_of_breaks, sentence_ends_before
from services.captions.limits import (
    MAX_COLUMNS_PER_S,
    MAX_DURATION_MS,
    MAX_LINE_COLUMNS,
    MAX_LINES,
    MAX_PAUSE_MS,
    MIN_DURATION_MS,
    MIN_GAP_MS,
    TARGET_LINE_COLUMNS,
)
from services.captions.reading_time import min_duration_ms
from services.captions.units import Unit, make_units

_CAPTION_COST = 0.7  # of each caption: limits their number
_SHORT_CAPTION = 0.8
_SHORT_COLUMNS = 16
_SENTENCE_END_INSIDE = 0.5  # in captions of two lines
_LINE_BREAK_WEIGHT = 0.5  # a break within a caption matters less than one between captions
_IMBALANCE_COST = 1.0  # for a difference of a full line
_COLUMN_PAST_TARGET = 0.12
_TOO_BRIEF = 3.0
_TOO_BRIEF_PER_S = 10.0
_TOO_FAST = 2.0
_TOO_FAST_PER_COLUMN = 1.0
_LINE_BREAKS_TRIED = 2  # on each side of the middle
_MAX_COLUMNS = MAX_LINES * MAX_LINE_COLUMNS


def build_captions(words: Sequence[Word], language: str = "") -> tuple[Caption, ...]:
    """Return captions with every word once, in the order given, starting when their first word starts."""
    units = make_units(words)
    if not units:
        return ()
    return tuple(_give_times(units, _Divider(units, language).divide()))


class _Divider:
    """Arrays of what the costs need, by position: position p is before unit p."""

    def __init__(self, units: Sequence[Unit], language: str) -> None:
        self.count = len(units)
        self.starts = [unit.start_ms for unit in units] + [units[-1].start_ms + MAX_DURATION_MS]
        self.ends = [0, *(unit.end_ms for unit in units)]  # of the unit before the position
        self.spaces = [int(unit.has_space) for unit in units] + [0]
        self.columns = [0, *accumulate(unit.columns + unit.has_space for unit in units)]
        self.break_costs = costs_of_breaks(units, language)
        self.sentence_ends = sentence_ends_before(units)
        pauses = [p for p in range(1, self.count) if self.starts[p] - self.ends[p] >= MAX_PAUSE_MS]
        self.passages = list(zip([0, *pauses], [*pauses, self.count], strict=True))
        self.costs = [math.inf] * (self.count + 1)
        self.origins = [(0, 0)] * (self.count + 1)

    def divide(self) -> list[tuple[int, int, int]]:
        """Return start, line break (the end where there is one line) and end of each caption."""
        captions = []
        for first, last in self.passages:
            self._find_path(first, last, is_strict=True)
            if self.costs[last] == math.inf:
                self._find_path(first, last, is_strict=False)
            path = []
            end = last
            while end > first:
                start, line_break = self.origins[end]
                path.append((start, line_break, end))
                end = start
            captions += path[::-1]
        return captions

    def _find_path(self, first: int, last: int, *, is_strict: bool) -> None:
        """Set costs and origins of the positions after `first`, to `last`; costs[last] stays infinite if there is no way."""
        costs, origins, starts, columns, break_costs = self.costs, self.origins, self.starts, self.columns, self.break_costs
        costs[first + 1 : last + 1] = [math.inf] * (last - first)
        costs[first] = 0.0
        position = first
        for start in range(first, last):
            if start > position:
                return
            cost_before = costs[start] + _CAPTION_COST
            if cost_before == math.inf:
                continue
            start_ms, offset = starts[start], columns[start] + self.spaces[start]
            latest_end_ms = start_ms + MAX_DURATION_MS
            for end in range(start + 1, last + 1):
                width = columns[end] - offset
                if width > _MAX_COLUMNS + 1 or (self.ends[end] > latest_end_ms and end > start + 1):
                    break
                cost = cost_before + break_costs[end]
                if cost >= costs[end]:
                    continue
                duration_ms = min(starts[end] - start_ms, MAX_DURATION_MS)
                max_width = MAX_COLUMNS_PER_S * duration_ms / 1000
                if duration_ms < MIN_DURATION_MS or width > max_width:  # a line break counts as the space that it replaces
                    if is_strict:
                        continue
                    cost += _excess_cost(width - max_width, duration_ms)
                if width < _SHORT_COLUMNS:
                    cost += _SHORT_CAPTION
                elif width > MAX_LINE_COLUMNS:
                    cost += _SENTENCE_END_INSIDE * (self.sentence_ends[end - 1] - self.sentence_ends[start])
                if width > TARGET_LINE_COLUMNS and cost < costs[end]:
                    line_cost, line_break = self._best_lines(start, end, width)
                    cost += line_cost
                else:
                    line_break = end
                if cost < costs[end]:
                    costs[end], origins[end] = cost, (start, line_break)
                    position = end if end > position else position

    def _best_lines(self, start: int, end: int, width: int) -> tuple[float, int]:
        """Return the cost of the best lines for units [start, end), and where the second line begins (`end`: nowhere)."""
        columns, spaces = self.columns, self.spaces
        offset = columns[start] + spaces[start]
        best_cost, best_break = math.inf, end
        if width <= MAX_LINE_COLUMNS:
            best_cost = _COLUMN_PAST_TARGET * (width - TARGET_LINE_COLUMNS)
        middle = min(bisect.bisect_left(columns, offset + width // 2, start + 1, end), end - 1)
        for position in range(max(start + 1, middle - _LINE_BREAKS_TRIED), min(end, middle + _LINE_BREAKS_TRIED + 1)):
            upper = columns[position] - offset
            lower = columns[end] - columns[position] - spaces[position]
            longer = upper if upper > lower else lower
            if longer > MAX_LINE_COLUMNS:
                continue
            cost = _LINE_BREAK_WEIGHT * self.break_costs[position] + _IMBALANCE_COST * abs(upper - lower) / MAX_LINE_COLUMNS
            if longer > TARGET_LINE_COLUMNS:
                cost += _COLUMN_PAST_TARGET * (longer - TARGET_LINE_COLUMNS)
            if cost < best_cost:
                best_cost, best_break = cost, position
        return best_cost, best_break


def _excess_cost(unread_columns: float, duration_ms: int) -> float:
    """Return the cost of a caption that is shown too briefly.

    It grows with the number of columns above the limit. The sum over a passage of fast speech then depends little on its division, and the
    costs of the breaks decide.
    """
    cost = 0.0
    if duration_ms < MIN_DURATION_MS:
        cost = _TOO_BRIEF + _TOO_BRIEF_PER_S * (MIN_DURATION_MS - duration_ms) / 1000
    return cost + (_TOO_FAST + _TOO_FAST_PER_COLUMN * unread_columns if unread_columns > 0 else 0.0)


def _give_times(units: Sequence[Unit], divisions: Sequence[tuple[int, int, int]]) -> Iterator[Caption]:
    """Yield captions that stay until their words are spoken and read, if the next one leaves the time."""
    free_ms = 0
    for start, line_break, end in divisions:
        lines = tuple("".join(unit.text for unit in units[a:b]).strip() for a, b in ((start, line_break), (line_break, end)) if a < b)
        start_ms = max(free_ms, units[start].start_ms)
        spoken_ms = max(unit.end_ms for unit in units[start:end])
        end_ms = max(spoken_ms, start_ms + min_duration_ms(lines))
        if end < len(units):
            next_ms = units[end].start_ms
            end_ms = next_ms if next_ms - end_ms < MIN_GAP_MS else end_ms
        free_ms = max(min(end_ms, start_ms + MAX_DURATION_MS), start_ms + 1)
        yield Caption(start_ms, free_ms, lines)
