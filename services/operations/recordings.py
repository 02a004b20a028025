"""Recordings of all users and their jobs, for admins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select

import errors
from database import transaction
from lib.paging import Page, Paging, fetch_page
from models import Job, Recording, User
from services.accounts import Caller
from services.jobs import queue
from services.library import recordings, user_jobs
from services.library.recordings import RecordingRow
from services.operations import audit


@dataclass(frozen=True)
class RecordingFilter:
    """Conditions; empty fields match all. `query`: part of title, file name or owner's address; `state`: state of the newest job."""

    query: str = ""
    user_id: str = ""
    state: str = ""


def list_page(filters: RecordingFilter, paging: Paging) -> Page[RecordingRow]:
    """List recordings, newest first."""
    chosen = select(Recording).join(User, User.id == Recording.user_id).where(*_conditions(filters))
    page = fetch_page(chosen.order_by(Recording.created_at.desc(), Recording.id), paging)
    return Page(recordings.with_jobs(page.rows), page.total)


def _conditions(filters: RecordingFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.query:
        names = (Recording.title, Recording.filename, User.email)
        conditions.append(or_(*(func.lower(name).contains(filters.query.lower(), autoescape=True) for name in names)))
    if filters.user_id:
        conditions.append(Recording.user_id == filters.user_id)
    if filters.state:
        newest = select(Job.state).where(Job.recording_id == Recording.id).order_by(Job.created_at.desc()).limit(1)
        conditions.append(newest.scalar_subquery() == filters.state)
    return conditions


def requeue(caller: Caller, recording_id: str) -> Job:
    """Retry the newest job of a recording. Raises NotFound, and Conflict unless it failed or was cancelled."""
    return user_jobs.retry(caller, _newest_job(caller, recording_id))


def cancel(caller: Caller, recording_id: str) -> Job:
    """Cancel the newest job of a recording unless it has ended. Raises NotFound."""
    job_id = _newest_job(caller, recording_id)
    user_jobs.cancel(caller, job_id)
    return user_jobs.get_accessible_job(caller, job_id)


def _newest_job(caller: Caller, recording_id: str) -> str:
    _, job, _ = recordings.get_row(caller, recording_id)
    if job is None:
        raise errors.NotFound("This recording has no job.")
    return job.id


def requeue_failed(caller: Caller, job_ids: Sequence[str] = ()) -> int:
    """Retry failed jobs: these, or all with a retryable error. Return their number."""
    with transaction() as session:
        condition = Job.id.in_(job_ids) if job_ids else Job.retryable
        failed_ids = session.execute(select(Job.id).where(Job.state == "failed", condition)).scalars().all()
        for job_id in failed_ids:
            queue.retry(job_id)
        audit.record(session, caller, "job.requeue_failed", ("queue", ""), None, {"jobs": list(failed_ids)[:100], "count": len(failed_ids)})
    return len(failed_ids)
