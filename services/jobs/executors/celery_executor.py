"""Has jobs run by Celery's workers: sends their ids to a broker, and runs none itself."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from urllib.parse import urlsplit

from celery import Celery
from kombu.exceptions import OperationalError

import errors
from services.jobs.executors.celery_app import RUN_JOB, queue_name
from services.jobs.executors.dispatcher import Dispatcher
from services.jobs.scheduling.scheduler import Lane
from services.jobs.scheduling.stager import Stager

_CHECK_S = 3.0
_NO_QUEUE = "404"  # AMQP 0-9-1, 1.2: nobody has declared it so far; on Redis, it is empty


class CeleryExecutor:
    name = "celery"
    is_needed = True

    def __init__(self, in_app: Callable[[], AbstractContextManager[object]], celery: Celery, lanes: Stager) -> None:
        self._celery = celery
        self._dispatcher = Dispatcher(in_app, self, lanes)

    def wake(self) -> None:
        self._dispatcher.wake()

    def shut_down(self, wait_s: float) -> None:
        """Running jobs are other processes': they go on."""
        self._dispatcher.stop(wait_s)

    def check(self) -> str:
        try:
            with self._celery.connection_for_read() as connection:
                connection.ensure_connection(max_retries=1, interval_start=0, timeout=_CHECK_S)
        except Exception as error:  # each transport has errors of its own
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
        except Exception as error:  # each transport has errors of its own
            if str(getattr(error, "reply_code", "")) == _NO_QUEUE:
                return 0
            raise errors.TransientError(f"The broker does not tell what waits there ({error}).") from error
        return int(declared.message_count)
