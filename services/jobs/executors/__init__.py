"""Executors run jobs: in threads of this process, in Celery workers, or in remote workers over HTTP."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

from database import background_context

if TYPE_CHECKING:
    from flask import Flask

    from config import Settings
    from services.jobs.executors.port import JobExecutor, RunNext


def from_settings(settings: Settings, app: Flask, run_next: RunNext, prepare_worker: Callable[[], None]) -> JobExecutor:
    """Return the configured executor. `prepare_worker` makes the app ready in a Celery worker, before it forks."""
    if settings.job_executor == "celery":
        from services.jobs.executors import celery_executor  # Celery is slow to import

        return celery_executor.from_settings(settings, app, run_next, prepare_worker)
    if settings.job_executor == "remote":
        from services.jobs.executors.remote import RemoteExecutor

        return RemoteExecutor.from_settings(settings, functools.partial(background_context, app))
    from services.jobs.executors.threads import ThreadExecutor

    return ThreadExecutor(app, settings.job_threads + settings.link_threads, run_next)
