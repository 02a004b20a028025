"""The Celery app. A task carries only the id of a job; the database decides whether the job runs.

A task that is delivered late, twice or never does no harm: https://docs.celeryq.dev/en/stable/userguide/tasks.html
(`acks_late`, `reject_on_worker_lost`), and lost ones are sent again by services/jobs/scheduling/stager.py.
"""

from __future__ import annotations

import mmap
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import structlog
from celery import Celery, Task, signals
from kombu.entity import Exchange, Queue

from lib import tracing
from lib.backoff import backoff_s
from services.jobs.executors.celery_worker_hooks import WorkerHooks
from services.jobs.queue.worker_id import this_worker
from services.jobs.scheduling.scheduler import Lane

log = structlog.get_logger(__name__)
RUN_JOB = "lectern.run_job"
_FIRST_DELAY_S, _MAX_DELAY_S, _POLL_S = 0.5, 10.0, 0.1


@dataclass(frozen=True)
class BrokerSettings:
    """`visibility_s`: how long an unacknowledged task stays with its worker. `drain_s`: how long a stopping worker finishes its jobs.

    `region` is that of SQS; empty means the default of the AWS SDK. `queue_url`: the one SQS queue for all lanes; empty means that each
    lane has a queue of its own, which Celery creates.
    """

    url: str
    visibility_s: int
    processes: int
    drain_s: float
    region: str = ""
    queue_url: str = ""


def queue_name(lane: Lane) -> str:
    """Return the queue's name for `celery worker -Q`."""
    return lane.value


def build_celery(broker: BrokerSettings, hooks: WorkerHooks) -> Celery:
    """Flask's pattern (https://flask.palletsprojects.com/en/stable/patterns/celery/): tasks run in the app's context."""

    class AppTask(Task):  # type: ignore[misc]
        def __call__(self, *args: object, **kwargs: object) -> object:
            with hooks.app_context():
                return self.run(*args, **kwargs)

    celery = Celery("lectern", task_cls=AppTask)
    celery.config_from_object(_config(broker))
    drain, backoff = _Drain(broker.drain_s), RefusalBackoff()

    @celery.task(name=RUN_JOB)  # type: ignore[untyped-decorator]
    def run_job(job_id: str) -> None:
        """Claim this job if it may run now, and run it."""
        backoff.after(hooks.run_job(this_worker(str(threading.get_ident())), job_id, drain.is_over), drain.has_begun)

    signals.setup_logging.connect(lambda **_: None, weak=False)  # keep the logging of lib/logs.py
    signals.worker_init.connect(lambda **_: hooks.before_fork(), weak=False)
    signals.worker_process_init.connect(lambda **_: hooks.after_fork(), weak=False)
    signals.worker_process_shutdown.connect(lambda **_: tracing.flush(), weak=False)
    signals.worker_shutting_down.connect(lambda **_: drain.begin(), weak=False)
    return celery


def _config(broker: BrokerSettings) -> dict[str, Any]:
    scheme = urlsplit(broker.url).scheme
    to_server: dict[str, Any] = {"socket_connect_timeout": 3, "socket_timeout": 30} if scheme.startswith("redis") else {}
    if scheme == "sqs":
        to_server = _sqs_options(broker)
    arguments = (
        {"x-consumer-timeout": broker.visibility_s * 1000} if scheme.startswith("amqp") else None
    )  # RabbitMQ's 30 minutes are too few
    names = [queue_name(lane) for lane in Lane]
    return {
        "broker_url": broker.url,
        "broker_connection_timeout": 3,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "broker_transport_options": {"visibility_timeout": broker.visibility_s, **to_server},
        "task_queues": [Queue(name, Exchange(name), name, queue_arguments=arguments) for name in names],  # type: ignore[no-untyped-call]
        "task_default_queue": queue_name(Lane.SHORT),
        "task_create_missing_queues": False,
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_ignore_result": True,
        "task_serializer": "json",
        "accept_content": ["json"],
        "task_send_sent_event": True,
        "worker_prefetch_multiplier": 1,
        "worker_concurrency": broker.processes,
        "worker_send_task_events": True,
        "worker_enable_remote_control": not scheme.startswith("sqs"),
        "worker_redirect_stdouts": False,
    }


def _sqs_options(broker: BrokerSettings) -> dict[str, Any]:
    """Return the options of kombu's SQS transport."""
    if not broker.queue_url:
        return {"queue_name_prefix": "lectern-", "region": broker.region}  # an account's queues share one space of names
    address = urlsplit(broker.queue_url)
    labels = (address.hostname or "").split(".")
    region = labels[1] if labels[0] == "sqs" and "amazonaws" in labels else broker.region
    queue = {"url": broker.queue_url, "region": region}
    return {"predefined_queues": {queue_name(lane): queue for lane in Lane}, "region": region, "is_secure": address.scheme == "https"}


class RefusalBackoff:
    """Delays a process after a job that it could not run: the broker would deliver the same job at once."""

    def __init__(self, sleep: Callable[[float], None] = time.sleep) -> None:
        self._sleep, self._refusals = sleep, 0

    def after(self, was_free_to_run: bool, is_ending: Callable[[], bool]) -> None:
        """Wait, longer after each refusal in a row."""
        self._refusals = 0 if was_free_to_run else self._refusals + 1
        if self._refusals == 1:
            log.info("jobs_refused_here")
        left_s = backoff_s(self._refusals, _FIRST_DELAY_S, max_s=_MAX_DELAY_S) if self._refusals else 0.0
        while left_s > 0 and not is_ending():
            self._sleep(min(left_s, _POLL_S))
            left_s -= _POLL_S


class _Drain:
    """The time until which a stopping worker finishes its jobs, in memory shared with its child processes."""

    def __init__(self, drain_s: float) -> None:
        self._drain_s = drain_s
        self._shared_memory = mmap.mmap(-1, 8)

    def begin(self) -> None:
        """Called in a signal handler."""
        self._shared_memory[:8] = struct.pack("d", time.monotonic() + self._drain_s)

    def has_begun(self) -> bool:
        return self._until() > 0

    def is_over(self) -> bool:
        return self.has_begun() and time.monotonic() >= self._until()

    def _until(self) -> float:
        until: float = struct.unpack("d", self._shared_memory[:8])[0]
        return until
