"""Pausing the queue for maintenance, in all processes at once: running jobs go on, no other begins."""

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
    def sentence(self) -> str:
        return f"The queue is paused for maintenance. {self.reason}".strip()


@dataclass(frozen=True)
class QueueStatus:
    """`waiting` counts by lane; `oldest_s` is how long the job that waits longest has waited."""

    pause: Pause | None
    waiting: dict[str, int]
    running: int
    oldest_s: float


def pause(reason: str, by: str) -> Pause:
    """Pause it; where it is paused already, the new reason counts."""
    made = Pause(reason, by, now())
    with transaction() as writing:
        writing.execute(delete(QueuePause))
        writing.add(QueuePause(id=1, reason=reason, paused_by=by, paused_at=made.paused_at))
    log.warning("queue_paused", by=by, reason=reason)
    return made


def resume(by: str) -> bool:
    """Let jobs begin again; -> whether it was paused. Other processes see it within seconds."""
    with transaction() as writing:
        was = present_pause(writing) is not None
        writing.execute(delete(QueuePause))
        notify_after_commit(JOBS_WAITING)
    if was:
        log.warning("queue_resumed", by=by)
    return was


def present_pause(reading: Session) -> Pause | None:
    row = reading.execute(select(QueuePause.reason, QueuePause.paused_by, QueuePause.paused_at)).first()
    return Pause(row.reason, row.paused_by, row.paused_at) if row else None


def status() -> QueueStatus:
    end_read()
    counted = session().execute(
        select(Job.state, Job.lane, func.count().label("many"), func.min(Job.queued_at).label("oldest"))
        .where(Job.state.in_((JobState.QUEUED, JobState.RUNNING)))
        .group_by(Job.state, Job.lane)
    )
    waiting, running, oldest = {"short": 0, "long": 0}, 0, now()
    for row in counted:
        if row.state == JobState.RUNNING:
            running += row.many
        else:
            waiting[row.lane] = row.many
            oldest = min(oldest, row.oldest)
    return QueueStatus(present_pause(session()), waiting, running, round((now() - oldest).total_seconds(), 1))
