"""What keeps a run in touch with the queue: the lease, its progress, and whether it has to stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

import structlog
from flask import Flask

import errors
from services.jobs import queue

log = structlog.get_logger(__name__)
_LOOK_S = 0.25  # a cancelled job's programs end soon after
_BEAT_S = 1.0


class Stopping(errors.Cancelled):
    """This worker is shutting down; the job goes back into the queue."""


class Pulse:
    """Watches a run: keeps the lease, writes progress once a second, and learns of cancellation."""

    def __init__(self, app: Flask, claim: queue.Claim, lease_s: float, stopping: Callable[[], bool]) -> None:
        self._app, self._claim, self._lease_s, self._stopping = app, claim, lease_s, stopping
        self._stage, self._percent, self._first_percent = "", 0.0, 0.0
        self._forecast: tuple[float, float] | None = None  # seconds left, and when that was said
        self._started = self._last_beat = time.monotonic()
        self._stop: errors.LecternError | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="pulse", daemon=True)

    def __enter__(self) -> Pulse:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def check(self) -> None:
        if self._stop is not None:
            raise self._stop
        if self._stopping():
            raise Stopping
        if time.monotonic() - self._last_beat > self._lease_s:
            raise errors.LeaseLost("No heartbeat got through.")

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

    def _beat(self) -> None:
        while not self._ended.wait(_LOOK_S):
            with self._app.app_context():
                try:
                    if time.monotonic() - self._last_beat >= _BEAT_S:
                        self._write()
                    else:
                        queue.check(self._claim)
                except (errors.Cancelled, errors.LeaseLost) as stop:
                    self._stop = stop
                    return
                except Exception as error:
                    log.warning("heartbeat_failed", error=f"{type(error).__name__}: {error}")
                    self._ended.wait(_BEAT_S)

    def _write(self) -> None:
        queue.heartbeat(
            self._claim,
            self._lease_s,
            stage=self._stage[:40],
            progress=round(min(self._percent, 99.0), 1),
            seconds_left=self._seconds_left(),
        )
        self._last_beat = time.monotonic()
