"""Sends the ids of jobs to a broker for Celery workers; this process runs no job."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from celery import Celery
from kombu.exceptions import OperationalError

import errors
from config import Settings
from services.jobs.executors.celery_app import RUN_JOB, BrokerSettings, build_celery, queue_name
from services.jobs.executors.celery_worker_hooks import build_worker_hooks
from services.jobs.executors.dispatcher import Dispatcher
from services.jobs.executors.port import JobExecutor, RunNext
from services.jobs.scheduling.scheduler import ConcurrencyLimits, Lane
from services.jobs.scheduling.stager import Stager

if TYPE_CHECKING:
    from flask import Flask

_CONNECT_TIMEOUT_S = 3.0
_QUEUE_NOT_FOUND = "404"  # AMQP 0-9-1, section 1.2. Kombu's Redis transport has no empty queues and gives the same code for them


class CeleryExecutor:
    name = "celery"
    is_required = True

    def __init__(self, app_context: Callable[[], AbstractContextManager[object]], celery: Celery, stager: Stager) -> None:
        self._celery = celery
        self._dispatcher = Dispatcher(app_context, self, stager)

    def wake(self) -> None:
        self._dispatcher.wake()

    def shut_down(self, wait_s: float) -> None:
        """Stop sending jobs. Those that workers run or the broker holds are not affected."""
        self._dispatcher.stop(wait_s)

    def check(self) -> str:
        try:
            with self._celery.connection_for_read() as connection:
                connection.ensure_connection(max_retries=1, interval_start=0, timeout=_CONNECT_TIMEOUT_S)
        except Exception as error:  # each transport has its own error classes
            raise errors.TransientError(f"The broker does not answer ({error}). Jobs wait until it does.") from error
        return f"Celery over {urlsplit(self._celery.conf.broker_url).scheme}"

    def send(self, job_id: str, lane: Lane) -> None:
        try:
            self._celery.send_task(RUN_JOB, (job_id,), queue=queue_name(lane), retry=False)
        except (OperationalError, OSError) as error:
            raise errors.TransientError(f"The broker does not answer ({error}).") from error

    def count_waiting(self, lane: Lane) -> int:
        try:
            with self._celery.connection_for_read() as connection, connection.channel() as channel:
                queue = channel.queue_declare(queue_name(lane), passive=True)
        except Exception as error:  # each transport has its own error classes
            if str(getattr(error, "reply_code", "")) == _QUEUE_NOT_FOUND:
                return 0
            raise errors.TransientError(f"The broker does not report its queue ({error}).") from error
        return int(queue.message_count)


def from_settings(settings: Settings, app: Flask, run_next: RunNext, prepare_worker: Callable[[], None]) -> JobExecutor:
    """Return the executor. Its Celery app becomes `app.extensions["celery"]`, which wsgi.py offers to `celery -A wsgi.celery worker`."""
    hooks = build_worker_hooks(
        app,
        run_next,
        prepare_worker,
        limits=ConcurrencyLimits.from_settings(settings),
        wake_dispatcher=lambda: executor.wake(),
    )
    broker = BrokerSettings(
        url=settings.broker,
        visibility_s=settings.celery_visibility_timeout_s,
        processes=settings.job_threads,
        drain_s=settings.drain_s,
        region=settings.aws_region or "",
        queue_url=settings.broker_queue_url,
    )
    celery = build_celery(broker, hooks)
    executor = CeleryExecutor(hooks.app_context, celery, Stager.from_settings(settings))
    app.extensions["celery"] = celery
    return executor
