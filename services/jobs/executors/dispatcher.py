"""Hands jobs on to where they are run: a thread, so that no request waits for a broker or another server."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from lib.background_loop import BackgroundLoop
from services.jobs.scheduling import stager
from services.jobs.scheduling.scheduler import Lane
from services.jobs.scheduling.stager import Stager


class Carrier(Protocol):
    """The way to those who run jobs."""

    def send(self, job_id: str, lane: Lane) -> None:
        """Hand on one job. Raises TransientError."""

    def waiting(self, lane: Lane) -> int:
        """How many that were sent wait to be claimed, as far as the other side knows. Raises TransientError."""


class Dispatcher:
    """Sends what is next each time it is woken; what can't be sent now is sent at a later wake."""

    def __init__(self, in_app: Callable[[], AbstractContextManager[object]], carrier: Carrier, lanes: Stager) -> None:
        self._carrier, self._lanes = carrier, lanes
        self._loop = BackgroundLoop("dispatcher", self._dispatch, context=in_app)

    def wake(self) -> None:
        """Harmless at any time and from any thread; the thread that sends starts with the first one."""
        self._loop.start()
        self._loop.wake()

    def stop(self, wait_s: float) -> None:
        self._loop.stop(wait_s)

    def _dispatch(self) -> None:
        state = self._lanes.backlog()
        old = [lane for lane, each in state.items() if each.has_old]
        for lane in old:
            self._lanes.restage_lost(lane, self._carrier.waiting(lane))
        for lane, each in (self._lanes.backlog() if old else state).items():
            if self._lanes.wants(each):
                self._send_next(lane)

    def _send_next(self, lane: Lane) -> None:
        unsent = list(self._lanes.stage(lane))
        try:
            while unsent:
                self._carrier.send(unsent[0], lane)
                unsent.pop(0)
        finally:
            if unsent:
                stager.unstage(unsent)
