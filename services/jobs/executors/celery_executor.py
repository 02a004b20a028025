"""Sends the ids of jobs to a broker for Celery workers; this process runs no job."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from celery import Celery
from kombu.exceptions import OperationalError

import errors
from config import Settings
from database import background_context, dispose_connections
from services.jobs.executors.celery_app import RUN_JOB, Broker, WorkerHooks, build_celery, queue_name
from services.jobs.executors.dispatcher import Dispatcher
from services.jobs.executors.port import JobExecutor, RunNext
from services.jobs.scheduling import stager
from services.jobs.scheduling.scheduler import ConcurrencyLimits, Lane
from services.jobs.scheduling.stager import Stager

if TYPE_CHECKING:
    from flask import Flask

_CHECK_S = 3.0
_NO_QUEUE = "404"  # AMQP 0-9-1, section 1.2: the queue is not declared yet; on Redis, it is empty


class CeleryExecutor:
    name = "celery"
    is_required = True

    def __init__(self, app_context: Callable[[], AbstractContextManager[object]], celery: Celery, stager: Stager) -> None:
        self._celery = celery
        self._dispatcher = Dispatcher(app_context, self, stager)

    def wake(self) -> None:
        self._dispatcher.wake()

    def shut_down(self, wait_s: float) -> None:
        """Running jobs continue in their own processes."""
        self._dispatcher.stop(wait_s)

    def check(self) -> str:
        try:
            with self._celery.connection_for_read() as connection:
                connection.ensure_connection(max_retries=1, interval_start=0, timeout=_CHECK_S)
        except Exception as error:  # each transport has its own error classes
            raise errors.TransientError(f"The broker does not answer ({error}). Jobs wait until it does.") from error
        return f"Celery over {urlsplit(self._celery.conf.broker_url).scheme}"

    def send(self, job_id: str, lane: Lane) -> None:
        try:
            self._celery.send_task(RUN_JOB, (job_id,), queue=queue_name(lane), retry=False)
        except (OperationalError, OSError) as error:
            raise errors.TransientError(f"The broker does not answer ({error}).") from error

    def waiting(self, lane: Lane) -> int:
        try:
            with self._celery.connection_for_read() as connection, connection.channel() as channel:
                declared = channel.queue_declare(queue_name(lane), passive=True)
        except Exception as error:  # each transport has its own error classes
            if str(getattr(error, "reply_code", "")) == _NO_QUEUE:
                return 0
            raise errors.TransientError(f"The broker does not report its queue ({error}).") from error
        return int(declared.message_count)


def from_settings(settings: Settings, app: Flask, run_next: RunNext, prepare_worker: Callable[[], None]) -> JobExecutor:
    """Return the executor. Its Celery app becomes `app.extensions["celery"]`, which wsgi.py offers to `celery -A wsgi.celery worker`."""
    limits = ConcurrencyLimits.from_settings(settings)

    def prepare() -> None:
        prepare_worker()
        with app.app_context():
            dispose_connections()

    def discard_inherited_connections() -> None:
        with app.app_context():
            dispose_connections(close=False)

    def run(worker: str, job_id: str, stopping: Callable[[], bool]) -> bool:
        ran = run_next(worker, stopping, job_id, executor.wake)
        still_queued = not ran and stager.unstage([job_id]) > 0
        if still_queued or limits.has_limits:  # another job may be able to start now
            executor.wake()
        return not still_queued

    app_context = functools.partial(background_context, app)
    broker = Broker(
        settings.broker, settings.celery_visibility_timeout_s, settings.job_threads, settings.drain_s, settings.aws_region or ""
    )
    celery = build_celery(broker, WorkerHooks(app_context, prepare, discard_inherited_connections, run))
    executor = CeleryExecutor(app_context, celery, Stager.from_settings(settings))
    app.extensions["celery"] = celery
    return executor
