"""Functions of the application that a Celery worker calls."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from database import background_context, dispose_connections
from services.jobs.executors.port import RunNext
from services.jobs.scheduling.scheduler import ConcurrencyLimits
from services.jobs.scheduling.stager import unstage

if TYPE_CHECKING:
    from flask import Flask


@dataclass(frozen=True)
class WorkerHooks:
    """`before_fork` is called once, before the worker forks, and leaves no connection open; `after_fork` is called in each child process.

    `run_job(worker, job_id, should_stop)` claims a job and runs it to its end, or releases it once `should_stop()` is true. It returns
    False if the job is still queued although the worker is idle, because the machine is drained or lacks capacity.
    """

    app_context: Callable[[], AbstractContextManager[object]]
    before_fork: Callable[[], None]
    after_fork: Callable[[], None]
    run_job: Callable[[str, str, Callable[[], bool]], bool]


def build_worker_hooks(
    app: Flask,
    run_next: RunNext,
    prepare_worker: Callable[[], None],
    *,
    limits: ConcurrencyLimits,
    wake_dispatcher: Callable[[], None],
) -> WorkerHooks:
    """Return the hooks for an application; `wake_dispatcher` sends further jobs to the broker."""

    def before_fork() -> None:
        prepare_worker()
        with app.app_context():
            dispose_connections()

    def after_fork() -> None:
        with app.app_context():
            dispose_connections(close=False)

    def run_job(worker: str, job_id: str, should_stop: Callable[[], bool]) -> bool:
        was_run = run_next(worker, should_stop, job_id, wake_dispatcher)
        is_still_queued = not was_run and unstage([job_id]) > 0  # claimed and ended jobs are not staged
        if is_still_queued or limits.has_limits:  # another job may be able to start now
            wake_dispatcher()
        return not is_still_queued

    return WorkerHooks(functools.partial(background_context, app), before_fork, after_fork, run_job)
