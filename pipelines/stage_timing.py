"""Time limits of stages, and predictions of the seconds that a running stage still needs."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import errors

_SPEED_ALONE_FROM_FRACTION = 0.5  # of a stage; before, its speed is mixed with the duration of earlier runs
_MIN_FRACTION_FOR_SPEED = 0.03


@dataclass(frozen=True)
class StageTiming:
    """Expected durations and time limits of the stages of one run.

    `expected_s`: predicted wall seconds by stage, without stages that were never measured.
    A stage fails after `base_timeout_s + timeout_per_media_s * media_s`, and after `stall_s` without progress.
    """

    media_s: float = 0.0
    expected_s: Mapping[str, float] = field(default_factory=dict)
    base_timeout_s: float = math.inf
    timeout_per_media_s: float = 0.0
    stall_s: float = math.inf

    @property
    def timeout_s(self) -> float:
        return self.base_timeout_s + self.timeout_per_media_s * self.media_s


class StageProgress:
    """The progress of one attempt at a stage."""

    def __init__(self, timing: StageTiming, now: Callable[[], float] = time.monotonic) -> None:
        self._timing, self._now = timing, now
        self._started_at = self._advanced_at = now()
        self._first_report: tuple[float, float] | None = None  # time and fraction
        self.fraction = 0.0

    def report(self, fraction: float) -> None:
        if fraction != self.fraction:
            self._advanced_at = self._now()
        if self._first_report is None:
            self._first_report = (self._now(), fraction)  # progress restored from a checkpoint does not count for the speed
        self.fraction = fraction

    @property
    def has_reported(self) -> bool:
        return self._first_report is not None

    def raise_if_overdue(self) -> None:
        """Raise TimedOut or Stalled if the stage exceeded a time limit."""
        now = self._now()
        if now - self._started_at > self._timing.timeout_s:
            raise errors.TimedOut(f"The stage exceeded its time limit of {self._timing.timeout_s:.0f} s.")
        if now - self._advanced_at > self._timing.stall_s:
            raise errors.Stalled(f"The stage made no progress for {self._timing.stall_s:.0f} s.")

    def predict_stage_seconds(self, expected_s: float | None) -> float | None:
        """Predict the seconds until the stage ends, from its speed and at first also from its expected duration; None without both."""
        left_by_history = None if expected_s is None else max(0.0, expected_s * (1 - self.fraction))
        left_by_speed = self._remaining_by_speed()
        if left_by_speed is None or left_by_history is None:
            return left_by_history if left_by_speed is None else left_by_speed
        speed_weight = min(1.0, self.fraction / _SPEED_ALONE_FROM_FRACTION)
        return left_by_speed * speed_weight + left_by_history * (1 - speed_weight)

    def _remaining_by_speed(self) -> float | None:
        if self._first_report is None:
            return None
        first_at, first_fraction = self._first_report
        new_fraction = self.fraction - first_fraction
        return (self._now() - first_at) * (1 - self.fraction) / new_fraction if new_fraction >= _MIN_FRACTION_FOR_SPEED else None
