"""Time limits of stages, and predictions of the time that a run still needs."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

import errors

_TRUST_OWN_SPEED_AT = 0.5  # fraction of a stage from which its own speed alone predicts the rest
_MIN_FRACTION_FOR_SPEED = 0.03


@dataclass(frozen=True)
class StageTiming:
    """`expected_s`: predicted wall seconds by stage, without those that were never measured.

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
    """The progress of one attempt at a stage."""

    def __init__(self, timing: StageTiming, now: Callable[[], float] = time.monotonic) -> None:
        self._timing, self._now = timing, now
        self._started = self._moved_at = now()
        self._first: tuple[float, float] | None = None
        self.fraction = 0.0

    def report(self, fraction: float) -> None:
        if fraction != self.fraction:
            self._moved_at = self._now()
        if self._first is None:
            self._first = (self._now(), fraction)  # progress restored from a checkpoint does not count for the speed
        self.fraction = fraction

    def check(self) -> None:
        """Raise TimedOut or Stalled if the stage has to end."""
        now = self._now()
        if now - self._started > self._timing.timeout_s:
            raise errors.TimedOut(f"The stage ran for {self._timing.timeout_s:.0f} s.")
        if now - self._moved_at > self._timing.stall_s:
            raise errors.Stalled(f"The stage made no progress for {self._timing.stall_s:.0f} s.")

    def seconds_left(self, expected_s: float | None) -> float | None:
        """Predict by the attempt's own speed, mixed with the expected duration at first."""
        past = None if expected_s is None else max(0.0, expected_s * (1 - self.fraction))
        own = self._by_own_speed()
        if own is None or past is None:
            return past if own is None else own
        sure = min(1.0, self.fraction / _TRUST_OWN_SPEED_AT)
        return own * sure + past * (1 - sure)

    def _by_own_speed(self) -> float | None:
        if self._first is None:
            return None
        since, at = self._first
        gained = self.fraction - at
        return (self._now() - since) * (1 - self.fraction) / gained if gained >= _MIN_FRACTION_FOR_SPEED else None


def seconds_left(
    waiting: Mapping[str, Collection[str]], running: Mapping[str, float | None], expected_s: Mapping[str, float], slots: int
) -> float | None:
    """Return the wall seconds until all stages have ended, `slots` of them side by side.

    `waiting` maps each stage that has not started to those it needs, `running` each running one to its seconds left.
    None where a stage was never measured.
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
            return None  # a cycle; the run itself raises the error
        first = min(ends, key=lambda name: ends[name])
        now = ends.pop(first)
    return now
