"""Writes what happens to a job in the transaction in which it happens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from models import JobEvent
from services.jobs import notifications
from services.operations import error_log

_EVENT = insert(JobEvent.__table__)


def append(writing: Session, job_id: str, user_id: str, kind: str, data: Mapping[str, Any]) -> None:
    writing.flush()
    writing.execute(_EVENT, {"job_id": job_id, "user_id": user_id, "kind": kind, "data": dict(data)})
    notifications.put(writing, job_id, user_id, kind)
    error_log.record_failed_attempt(writing, job_id, kind)


def where(stage: str, progress: float, seconds_left: float | None) -> dict[str, Any]:
    """How far a job was, as events tell it."""
    return {"stage": stage, "progress": round(progress, 1), "seconds_left": seconds_left}
