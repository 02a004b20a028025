"""Pauses the queue for maintenance on all machines: running jobs continue, no other job starts."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import structlog
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from database import notify_after_commit, transaction
from lib.clock import now
from models import QueuePause
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


def pause_queue(reason: str, paused_by: str) -> Pause:
    """Pause the queue; a second call replaces the reason."""
    new_pause = Pause(reason, paused_by, now())
    with transaction() as session:
        session.execute(delete(QueuePause))
        session.add(QueuePause(id=1, reason=reason, paused_by=paused_by, paused_at=new_pause.paused_at))
    log.warning("queue_paused", by=paused_by, reason=reason)
    return new_pause


def resume_queue(resumed_by: str) -> bool:
    """Let jobs start again; other processes follow within seconds. Return whether the queue was paused."""
    with transaction() as session:
        was_paused = current_pause(session) is not None
        session.execute(delete(QueuePause))
        notify_after_commit(JOBS_WAITING)
    if was_paused:
        log.warning("queue_resumed", by=resumed_by)
    return was_paused


def current_pause(session: Session) -> Pause | None:
    row = session.execute(select(QueuePause.reason, QueuePause.paused_by, QueuePause.paused_at)).first()
    return Pause(row.reason, row.paused_by, row.paused_at) if row else None
