"""Puts lost jobs back into the queue and wakes the executor for work that nobody was woken for."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog
from flask import Flask
from sqlalchemy.exc import OperationalError

import errors
from services.jobs import queue
from services.jobs.executors.port import JobExecutor
from services.jobs.queue.worker_id import is_surely_dead

log = structlog.get_logger(__name__)


def requeue_orphans() -> int:
    """Requeue what dead or silent workers left behind; -> how many jobs."""
    return queue.rescue_orphaned([worker for worker in queue.running_workers() if is_surely_dead(worker)])


class Janitor(threading.Thread):
    """Every `every_s` seconds: recover, run the given chores, wake the executor where jobs wait."""

    def __init__(self, app: Flask, executor: JobExecutor, every_s: float, chores: tuple[Callable[[], object], ...] = ()) -> None:
        super().__init__(name="janitor", daemon=True)
        self._app, self._executor, self._every_s, self._chores = app, executor, every_s, chores
        self._stop_asked = threading.Event()

    def run(self) -> None:
        while True:
            with self._app.app_context():
                self._tidy()
            if self._stop_asked.wait(self._every_s):
                return

    def _tidy(self) -> None:
        try:
            lost = requeue_orphans()
            if lost:
                log.warning("jobs_requeued", count=lost)
            for chore in self._chores:
                chore()
            if queue.has_waiting():
                self._executor.wake()
        except errors.LecternError as error:
            log.warning("janitor_failed", code=error.code, detail=error.detail)
        except OperationalError as error:
            log.warning("janitor_failed", code="database_away", detail=str(error.orig))
        except Exception:
            log.exception("janitor_failed")

    def stop(self) -> None:
        self._stop_asked.set()
        if self.is_alive():
            self.join(timeout=10)
