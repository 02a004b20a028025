"""Sends staged jobs to a broker or a remote worker, in a thread: no request waits for them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from lib.background_loop import BackgroundLoop
from services.jobs.scheduling import stager
from services.jobs.scheduling.scheduler import Lane
from services.jobs.scheduling.stager import Stager


class JobTransport(Protocol):
    """The connection to a broker or a remote worker."""

    def send(self, job_id: str, lane: Lane) -> None:
        """Send one job. Raises TransientError."""

    def waiting(self, lane: Lane) -> int:
        """Return how many jobs of a lane wait at the other side, as far as it knows. Raises TransientError."""


class Dispatcher:
    """Sends the next jobs each time it is woken; what cannot be sent now is sent at a later wake."""

    def __init__(self, in_app: Callable[[], AbstractContextManager[object]], transport: JobTransport, lanes: Stager) -> None:
        self._transport, self._stager = transport, lanes
        self._loop = BackgroundLoop("dispatcher", self._dispatch, context=in_app)

    def wake(self) -> None:
        """Harmless at any time and from any thread; the thread that sends starts with the first one."""
        self._loop.start()
        self._loop.wake()

    def stop(self, wait_s: float) -> None:
        self._loop.stop(wait_s)

    def _dispatch(self) -> None:
        state = self._stager.backlog()
        old = [lane for lane, each in state.items() if each.has_overdue]
        for lane in old:
            self._stager.restage_lost(lane, self._transport.waiting(lane))
        for lane, each in (self._stager.backlog() if old else state).items():
            if self._stager.needs_staging(each):
                self._send_next(lane)

    def _send_next(self, lane: Lane) -> None:
        unstaged = list(self._stager.stage(lane))
        try:
            while unstaged:
                self._transport.send(unstaged[0], lane)
                unstaged.pop(0)
        finally:
            if unstaged:
                stager.unstage(unstaged)
