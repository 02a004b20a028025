"""A thread that keeps in touch with the queue while a run goes on, and tells the run when it has to stop."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Self

import structlog

import errors

log = structlog.get_logger(__name__)


class WorkerStopping(errors.Cancelled):
    """This worker is shutting down; the job goes back into the queue."""


class LeaseKeeper(ABC):
    """`with` it, `beat` is called every `every_s` seconds in a thread of its own; `check` raises what a beat has learnt.

    A run whose last good beat (`beaten`) is longer ago than `lease_s` has lost its job.
    """

    def __init__(self, every_s: float, lease_s: float, stopping: Callable[[], bool]) -> None:
        self._every_s, self._lease_s, self._stopping = every_s, lease_s, stopping
        self._last_beat = time.monotonic()
        self._stop: errors.LecternError | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pulse", daemon=True)

    @abstractmethod
    def renew(self) -> None:
        """Raises Cancelled or LeaseLost where the run has to stop; after any other error the next beat tries again."""

    def renewed(self) -> None:
        """A beat got through: the lease counts from now."""
        self._last_beat = time.monotonic()

    def since_renewal_s(self) -> float:
        return time.monotonic() - self._last_beat

    def check(self) -> None:
        if self._stop is not None:
            raise self._stop
        if self._stopping():
            raise WorkerStopping
        if self.since_renewal_s() > self._lease_s:
            raise errors.LeaseLost("No heartbeat got through.")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(self._every_s):
            try:
                self.renew()
            except (errors.Cancelled, errors.LeaseLost) as stop:
                self._stop = stop
                return
            except Exception as error:
                log.warning("heartbeat_failed", error=f"{type(error).__name__}: {error}")
                self._ended.wait(1.0)
