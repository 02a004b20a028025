"""Health of the job workers."""

from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

import errors
from database import session
from lib.clock import now
from lib.paging import count_rows
from models import Job, QueuePause
from services.jobs import queue
from services.jobs.executors.port import JobExecutor

_MAX_WAIT = dt.timedelta(minutes=15)


@dataclass(frozen=True)
class WorkerHealth:
    """`status`: healthy, unhealthy (jobs wait long and none runs) or unavailable (the executor does not answer)."""

    status: str
    error: str
    executor: str
    detail: str
    workers: int
    running: int
    queued: int
    oldest_waiting_s: float
    paused: bool

    def as_dict(self) -> dict[str, Any]:
        return dataclasses.asdict(self)


def check(executor: JobExecutor) -> WorkerHealth:
    status, error, detail = "healthy", "", ""
    try:
        detail = executor.check()
    except errors.LecternError as outage:
        status, error = "unavailable", f"{outage.message} {outage.detail}".strip()
    running = count_rows(Job, Job.state == "running")
    query = select(func.count(), func.min(func.coalesce(Job.run_after, Job.created_at))).where(Job.state == "queued")
    queued_count, oldest = session().execute(query).one()
    wait = max(dt.timedelta(), now() - oldest) if oldest else dt.timedelta()
    is_paused = session().execute(select(QueuePause.id)).first() is not None
    if status == "healthy" and not is_paused and not running and wait > _MAX_WAIT:
        status, error = (
            "unhealthy",
            f"{queued_count} jobs are queued, the oldest for {wait.total_seconds() / 60:.0f} minutes, but none is running.",
        )
    return WorkerHealth(
        status, error, executor.name, detail, len(queue.running_workers()), running, queued_count, round(wait.total_seconds(), 1), is_paused
    )
