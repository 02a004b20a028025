"""Sends staged jobs to a broker or a remote worker, in a thread: no request waits for them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from lib.background_loop import BackgroundLoop
from services.jobs.scheduling.scheduler import Lane
from services.jobs.scheduling.stager import Stager, unstage


class JobTransport(Protocol):
    """The connection to a broker or a remote worker."""

    def send(self, job_id: str, lane: Lane) -> None:
        """Send one job. Raises TransientError."""

    def count_waiting(self, lane: Lane) -> int:
        """Return how many unclaimed jobs of a lane the receiver holds; 0 if unknown. Raises TransientError."""


class Dispatcher:
    """Sends the next jobs each time it is woken; a job that cannot be sent is sent at a later wake."""

    def __init__(self, app_context: Callable[[], AbstractContextManager[object]], transport: JobTransport, stager: Stager) -> None:
        self._transport, self._stager = transport, stager
        self._loop = BackgroundLoop("dispatcher", self._dispatch, context=app_context)

    def wake(self) -> None:
        """Wake the sending thread; the first call starts it. May be called at any time and from any thread."""
        self._loop.start()
        self._loop.wake()

    def stop(self, wait_s: float) -> None:
        self._loop.stop(wait_s)

    def _dispatch(self) -> None:
        staging_by_lane = self._stager.staging_by_lane()
        overdue = [lane for lane, staging in staging_by_lane.items() if staging.has_overdue]
        for lane in overdue:
            self._stager.restage_lost(lane, self._transport.count_waiting(lane))
        if overdue:
            staging_by_lane = self._stager.staging_by_lane()
        for lane, staging in staging_by_lane.items():
            if self._stager.needs_staging(staging):
                self._send_next(lane)

    def _send_next(self, lane: Lane) -> None:
        unsent = list(self._stager.stage(lane))
        try:
            while unsent:
                self._transport.send(unsent[0], lane)
                unsent.pop(0)
        finally:
            if unsent:
                unstage(unsent)
