"""What keeps a run in touch with the queue: the lease, its progress, and whether it has to stop."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from flask import Flask

from pipelines.lease_keeper import LeaseKeeper
from services.jobs import queue

_LOOK_S = 0.25  # a cancelled job's programs end soon after
_BEAT_S = 1.0


class DatabaseLeaseKeeper(LeaseKeeper):
    """Watches a run: keeps the lease, writes progress once a second, and learns of cancellation."""

    def __init__(self, app: Flask, claim: queue.Claim, lease_s: float, stopping: Callable[[], bool]) -> None:
        super().__init__(_LOOK_S, lease_s, stopping)
        self._app, self._claim = app, claim
        self._stage, self._percent, self._first_percent = "", 0.0, 0.0
        self._forecast: tuple[float, float] | None = None  # seconds left, and when that was said
        self._started = time.monotonic()

    def progress(self, stages: Sequence[str], percent: float, seconds_left: float | None) -> None:
        if not self._percent:
            self._first_percent = percent
        self._stage = " + ".join(stages) or self._stage
        self._percent = max(self._percent, percent)
        self._forecast = None if seconds_left is None else (seconds_left, time.monotonic())

    def _seconds_left(self) -> float | None:
        """By what stages took here before; where that is not known, by this run's own speed so far."""
        if self._forecast is not None:
            seconds, said_at = self._forecast
            return round(max(0.0, seconds - (time.monotonic() - said_at)), 1)
        gained = self._percent - self._first_percent
        return round((time.monotonic() - self._started) * (100 - self._percent) / gained, 1) if gained >= 2 else None

    def renew(self) -> None:
        with self._app.app_context():
            if self.since_renewal_s() >= _BEAT_S:
                self._write()
            else:
                queue.check(self._claim)

    def _write(self) -> None:
        queue.heartbeat(
            self._claim,
            self._lease_s,
            stage=self._stage[:40],
            progress=round(min(self._percent, 99.0), 1),
            seconds_left=self._seconds_left(),
        )
        self.renewed()
