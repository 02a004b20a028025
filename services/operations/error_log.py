"""The error log for admins: failed job attempts and crashed requests."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, literal, select
from sqlalchemy.orm import Session

from database import end_read, session, transaction
from lib.clock import now
from lib.paging import Page, Paging, fetch_page
from lib.request_id import request_id
from models import ErrorEntry, Job

RETENTION = dt.timedelta(days=90)
_MAX_LOG_LENGTH = 20_000
_FAILURE_KINDS = ("failed", "retrying")


@dataclass(frozen=True)
class ErrorFilter:
    """Conditions for the list of errors; empty fields match all."""

    code: str = ""
    stage: str = ""
    job_id: str = ""
    user_id: str = ""
    request_id: str = ""


def record_failed_attempt(session: Session, job_id: str, kind: str) -> None:
    """Copy the error of a failed attempt from the job's row, in the transaction that ends it; the next attempt clears the row."""
    if kind not in _FAILURE_KINDS:
        return
    columns = {
        "created_at": literal(now(), ErrorEntry.created_at.type),
        "source": literal("job"),
        "code": func.coalesce(Job.error_code, ""),
        "message": func.coalesce(Job.error_message, ""),
        "hint": func.coalesce(Job.error_hint, ""),
        "stage": func.coalesce(Job.error_stage, ""),
        "log": func.coalesce(Job.error_log, ""),
        "job_id": Job.id,
        "attempt": Job.attempt,
        "recording_id": Job.recording_id,
        "user_id": Job.user_id,
        "request_id": Job.request_id,
        "path": literal(""),
    }
    session.execute(insert(ErrorEntry).from_select(list(columns), select(*columns.values()).where(Job.id == job_id)))


def record_crash(*, path: str, user_id: str | None, message: str, trace: str) -> None:
    """Record a request that ended with an internal error."""
    with transaction() as session:
        session.add(
            ErrorEntry(
                source="request",
                code="internal_error",
                message=message[:2000],
                log=trace[-_MAX_LOG_LENGTH:],
                user_id=user_id,
                path=path[:500],
                request_id=request_id(),
            )
        )


def list_page(filters: ErrorFilter, paging: Paging) -> Page[ErrorEntry]:
    """List errors, newest first."""
    conditions = [getattr(ErrorEntry, name) == value for name, value in vars(filters).items() if value]
    return fetch_page(select(ErrorEntry).where(*conditions).order_by(ErrorEntry.id.desc()), paging)


def delete_old() -> None:
    """Delete entries older than RETENTION."""
    end_read()
    old = session().execute(select(ErrorEntry.id).where(ErrorEntry.created_at < now() - RETENTION).limit(1)).first()
    end_read()
    if old is not None:
        with transaction() as write_session:
            write_session.execute(delete(ErrorEntry).where(ErrorEntry.created_at < now() - RETENTION))
