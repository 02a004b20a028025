"""Writes the events of jobs, in the transaction of the change that they report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from models import JobEvent
from services.jobs import notifications
from services.operations import error_log

_EVENT = insert(JobEvent.__table__)


def append(session: Session, job_id: str, user_id: str, kind: str, data: Mapping[str, Any]) -> None:
    """Add an event, and the notifications and the error report that it causes."""
    session.flush()
    session.execute(_EVENT, {"job_id": job_id, "user_id": user_id, "kind": kind, "data": dict(data)})
    notifications.add_for_ended_job(session, job_id, user_id, kind)
    error_log.record_failed_attempt(session, job_id, kind)


def progress_data(stage: str, progress: float, seconds_left: float | None) -> dict[str, Any]:
    """Return the progress of a job as data of an event."""
    return {"stage": stage, "progress": round(progress, 1), "seconds_left": seconds_left}
