"""The thread that renews a job's lease while the job runs, and tells the run when it has to stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Self

import structlog

import errors
from pipelines.job_session import JobSession

log = structlog.get_logger(__name__)
_MAX_STAGE_CHARS = 40
_MIN_PERCENT_FOR_SPEED = 2.0
_RETRY_S = 1.0


class WorkerStopping(errors.Cancelled):
    """This worker is shutting down; the job goes back into the queue."""


class LeaseKeeper:
    """A context manager; `check` raises the error that the thread has found: cancellation, loss of the lease, or shutdown of the worker.

    A run whose last renewal is longer ago than the lease has lost its job.
    """

    def __init__(self, session: JobSession, should_stop: Callable[[], bool]) -> None:
        self._session, self._should_stop = session, should_stop
        self._start_s = self._renewed_at = time.monotonic()
        self._stage, self._percent, self._first_percent = "", 0.0, 0.0
        self._sent_stage = ""
        self._forecast: tuple[float, float] | None = None  # seconds left, and when they were forecast
        self._stop: errors.LecternError | None = None
        self._has_ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lease-keeper", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._has_ended.set()
        self._thread.join()

    def check(self) -> None:
        """Raise Cancelled, LeaseLost or WorkerStopping if the run has to stop."""
        if self._stop is not None:
            raise self._stop
        if self._should_stop():
            raise WorkerStopping
        if time.monotonic() - self._renewed_at > self._session.lease_s:
            raise errors.LeaseLost("No heartbeat got through.")

    def progress(self, stages: Sequence[str], percent: float, seconds_left: float | None) -> None:
        """Take the progress that the next heartbeat reports."""
        if not self._percent:
            self._first_percent = percent
        self._stage = " + ".join(stages) or self._stage
        self._percent = max(self._percent, percent)
        self._forecast = None if seconds_left is None else (seconds_left, time.monotonic())

    def _run(self) -> None:
        while not self._has_ended.wait(self._session.check_every_s):
            try:
                self._renew()
            except (errors.Cancelled, errors.LeaseLost) as stop:
                self._stop = stop
                return
            except Exception as error:
                log.warning("heartbeat_failed", error=f"{type(error).__name__}: {error}")
                self._has_ended.wait(_RETRY_S)

    def _renew(self) -> None:
        """Send a heartbeat if one is due, or if other stages run; else only check."""
        stage = self._stage[:_MAX_STAGE_CHARS]
        if stage == self._sent_stage and time.monotonic() - self._renewed_at < self._session.heartbeat_every_s:
            self._session.check()
            return
        self._session.heartbeat(stage, round(min(self._percent, 99.0), 1), self._seconds_left())
        self._sent_stage, self._renewed_at = stage, time.monotonic()

    def _seconds_left(self) -> float | None:
        """The forecast less the time since; without a forecast, by the speed of this run so far."""
        if self._forecast is not None:
            seconds, forecast_at = self._forecast
            return round(max(0.0, seconds - (time.monotonic() - forecast_at)), 1)
        new_percent = self._percent - self._first_percent
        elapsed_s = time.monotonic() - self._start_s
        return round(elapsed_s * (100 - self._percent) / new_percent, 1) if new_percent >= _MIN_PERCENT_FOR_SPEED else None
