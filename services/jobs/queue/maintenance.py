"""Pauses the queue for maintenance on all machines: running jobs continue, no other job starts."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import structlog
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from database import end_read, notify_after_commit, session, transaction
from domain import JobState
from lib.clock import now
from models import Job, QueuePause
from services.jobs.queue.topics import JOBS_WAITING

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Pause:
    reason: str
    paused_by: str
    paused_at: dt.datetime

    @property
    def message(self) -> str:
        return f"The queue is paused for maintenance. {self.reason}".strip()


@dataclass(frozen=True)
class QueueStatus:
    """`waiting` counts jobs by lane; `oldest_s` is the age of the oldest queued job."""

    pause: Pause | None
    waiting: dict[str, int]
    running: int
    oldest_s: float


def pause(reason: str, by: str) -> Pause:
    """Pause the queue; a second call replaces the reason."""
    pause = Pause(reason, by, now())
    with transaction() as session:
        session.execute(delete(QueuePause))
        session.add(QueuePause(id=1, reason=reason, paused_by=by, paused_at=pause.paused_at))
    log.warning("queue_paused", by=by, reason=reason)
    return pause


def resume(by: str) -> bool:
    """Let jobs start again; -> whether the queue was paused. Other processes see it within seconds."""
    with transaction() as session:
        was_paused = current_pause(session) is not None
        session.execute(delete(QueuePause))
        notify_after_commit(JOBS_WAITING)
    if was_paused:
        log.warning("queue_resumed", by=by)
    return was_paused


def current_pause(session: Session) -> Pause | None:
    row = session.execute(select(QueuePause.reason, QueuePause.paused_by, QueuePause.paused_at)).first()
    return Pause(row.reason, row.paused_by, row.paused_at) if row else None


def status() -> QueueStatus:
    end_read()
    counted = session().execute(
        select(Job.state, Job.lane, func.count().label("number"), func.min(Job.queued_at).label("oldest"))
        .where(Job.state.in_((JobState.QUEUED, JobState.RUNNING)))
        .group_by(Job.state, Job.lane)
    )
    waiting, running, oldest = {"short": 0, "long": 0}, 0, now()
    for row in counted:
        if row.state == JobState.RUNNING:
            running += row.number
        else:
            waiting[row.lane] = row.number
            oldest = min(oldest, row.oldest)
    return QueueStatus(current_pause(session()), waiting, running, round((now() - oldest).total_seconds(), 1))
