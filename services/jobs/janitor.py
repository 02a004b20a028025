"""Requeues lost jobs and wakes the executor for jobs that have become ready."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import structlog
from flask import Flask

from database import background_context
from lib.background_loop import BackgroundLoop
from services.jobs import queue
from services.jobs.executors.port import JobExecutor
from services.jobs.queue.worker_id import is_surely_dead

log = structlog.get_logger(__name__)


def requeue_orphans() -> int:
    """Requeue the jobs of dead and silent workers. Return their number."""
    return queue.rescue_orphaned([worker for worker in queue.running_workers() if is_surely_dead(worker)])


class Janitor:
    """Every `every_s` seconds: requeue orphans, run the recovery tasks, and wake the executor if jobs are waiting."""

    def __init__(self, app: Flask, executor: JobExecutor, every_s: float, recovery_tasks: Sequence[Callable[[], object]] = ()) -> None:
        self._executor, self._recovery_tasks = executor, recovery_tasks
        self._loop = BackgroundLoop("janitor", self._tidy, context=functools.partial(background_context, app), every_s=every_s)

    def start(self) -> None:
        self._loop.start()
        self._loop.wake()

    def stop(self) -> None:
        self._loop.stop()

    def _tidy(self) -> None:
        job_count = requeue_orphans()
        if job_count:
            log.warning("jobs_requeued", count=job_count)
        for task in self._recovery_tasks:
            task()
        if queue.has_waiting():
            self._executor.wake()
