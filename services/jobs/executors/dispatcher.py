"""Hands jobs on to where they are run: a thread, so that no request waits for a broker or another server."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

import structlog
from sqlalchemy.exc import OperationalError

import errors
from services.jobs.scheduling import stager
from services.jobs.scheduling.scheduler import Lane
from services.jobs.scheduling.stager import Stager

log = structlog.get_logger(__name__)


class Carrier(Protocol):
    """The way to those who run jobs."""

    def send(self, job_id: str, lane: Lane) -> None:
        """Hand on one job. Raises TransientError."""

    def waiting(self, lane: Lane) -> int:
        """How many that were sent wait to be claimed, as far as the other side knows. Raises TransientError."""


class Dispatcher:
    """Sends what is next each time it is woken; what can't be sent now is sent at a later wake."""

    def __init__(self, in_app: Callable[[], AbstractContextManager[object]], carrier: Carrier, lanes: Stager) -> None:
        self._in_app, self._carrier, self._lanes = in_app, carrier, lanes
        self._woken, self._stop_asked = threading.Event(), threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._away = False

    def wake(self) -> None:
        """Harmless at any time and from any thread; the thread that sends starts with the first one."""
        with self._lock:
            if self._stop_asked.is_set():
                return
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="dispatcher", daemon=True)
                self._thread.start()
        self._woken.set()

    def stop(self, wait_s: float) -> None:
        with self._lock:
            self._stop_asked.set()
        self._woken.set()
        if self._thread is not None:
            self._thread.join(timeout=wait_s)

    def _run(self) -> None:
        while True:
            self._woken.wait()
            self._woken.clear()
            if self._stop_asked.is_set():
                return
            with self._in_app():
                self._turn()

    def _turn(self) -> None:
        try:
            state = self._lanes.backlog()
            old = [lane for lane, each in state.items() if each.has_old]
            for lane in old:
                self._lanes.restage_lost(lane, self._carrier.waiting(lane))
            for lane, each in (self._lanes.backlog() if old else state).items():
                if self._lanes.wants(each):
                    self._send_next(lane)
            self._away = False
        except errors.TransientError as error:
            self._tell("the other side", error.detail)
        except OperationalError as error:
            self._tell("the database", str(error.orig))
        except Exception:
            log.exception("dispatch_failed")

    def _send_next(self, lane: Lane) -> None:
        unsent = list(self._lanes.stage(lane))
        try:
            while unsent:
                self._carrier.send(unsent[0], lane)
                unsent.pop(0)
        finally:
            if unsent:
                stager.unstage(unsent)

    def _tell(self, who: str, detail: str) -> None:
        if not self._away:  # once each time it goes
            log.warning("jobs_wait", away=who, detail=detail)
        self._away = True
