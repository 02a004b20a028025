"""A run and its time: how long stages may take, and how long what is left will take."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

import errors

_SURE_AT = 0.5  # of a stage: from there on its own speed alone says how long it goes on
_SAYS_SOMETHING_AT = 0.03


@dataclass(frozen=True)
class StageTiming:
    """`expected_s`: what stages took in the past, wall seconds for a recording of this length; those never measured are left out.

    A stage is ended after `floor_s + factor * media_s`, and after `stall_s` without any progress.
    """

    media_s: float = 0.0
    expected_s: Mapping[str, float] = field(default_factory=dict)
    floor_s: float = math.inf
    factor: float = 0.0
    stall_s: float = math.inf

    @property
    def timeout_s(self) -> float:
        return self.floor_s + self.factor * self.media_s


class StageProgress:
    """One attempt at a stage: how far it is, since when, and whether it has to be ended."""

    def __init__(self, timing: StageTiming, now: Callable[[], float] = time.monotonic) -> None:
        self._timing, self._now = timing, now
        self._started = self._moved_at = now()
        self._first: tuple[float, float] | None = None
        self.fraction = 0.0

    def report(self, fraction: float) -> None:
        if fraction != self.fraction:
            self._moved_at = self._now()
        if self._first is None:
            self._first = (self._now(), fraction)  # what was done before (a checkpoint) says nothing of the speed
        self.fraction = fraction

    def check(self) -> None:
        """Raises TimedOut or Stalled."""
        now = self._now()
        if now - self._started > self._timing.timeout_s:
            raise errors.TimedOut(f"It ran for {self._timing.timeout_s:.0f} s.")
        if now - self._moved_at > self._timing.stall_s:
            raise errors.Stalled(f"Nothing moved for {self._timing.stall_s:.0f} s.")

    def seconds_left(self, expected_s: float | None) -> float | None:
        """By its own speed, mixed with what it took in the past while it has not shown much yet."""
        past = None if expected_s is None else max(0.0, expected_s * (1 - self.fraction))
        own = self._by_own_speed()
        if own is None or past is None:
            return past if own is None else own
        sure = min(1.0, self.fraction / _SURE_AT)
        return own * sure + past * (1 - sure)

    def _by_own_speed(self) -> float | None:
        if self._first is None:
            return None
        since, at = self._first
        gained = self.fraction - at
        return (self._now() - since) * (1 - self.fraction) / gained if gained >= _SAYS_SOMETHING_AT else None


def seconds_left(
    waiting: Mapping[str, Collection[str]], running: Mapping[str, float | None], expected_s: Mapping[str, float], slots: int
) -> float | None:
    """Wall seconds until all have ended, `slots` of them side by side.

    `waiting` names the stages that each waits for, `running` says what those under way still need.
    None where one of them was never measured.
    """
    if any(left is None for left in running.values()) or any(name not in expected_s for name in waiting):
        return None
    ends = {name: left or 0.0 for name, left in running.items()}
    left, now = list(waiting), 0.0
    while left or ends:
        unfinished = {*left, *ends}
        for name in [name for name in left if unfinished.isdisjoint(waiting[name])][: max(0, slots - len(ends))]:
            left.remove(name)
            ends[name] = now + expected_s[name]
        if not ends:
            return None  # there is no order: the run itself will say so
        first = min(ends, key=lambda name: ends[name])
        now = ends.pop(first)
    return now
