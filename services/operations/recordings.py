"""Everybody's recordings and their jobs, for admins."""

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
from services.library.recordings import Row
from services.operations import audit


@dataclass(frozen=True)
class RecordingFilter:
    """Which recordings; empty: all. `query`: a part of a title, a file name or the owner's address; `state`: the newest job's."""

    query: str = ""
    user_id: str = ""
    state: str = ""


def list_page(wanted: RecordingFilter, paging: Paging) -> Page[Row]:
    """List recordings, newest first."""
    chosen = select(Recording).join(User, User.id == Recording.user_id).where(*_conditions(wanted))
    page = fetch_page(chosen.order_by(Recording.created_at.desc(), Recording.id), paging)
    return Page(recordings.with_jobs(page.rows), page.total)


def _conditions(wanted: RecordingFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.query:
        names = (Recording.title, Recording.filename, User.email)
        conditions.append(or_(*(func.lower(name).contains(wanted.query.lower(), autoescape=True) for name in names)))
    if wanted.user_id:
        conditions.append(Recording.user_id == wanted.user_id)
    if wanted.state:
        newest = select(Job.state).where(Job.recording_id == Recording.id).order_by(Job.created_at.desc()).limit(1)
        conditions.append(newest.scalar_subquery() == wanted.state)
    return conditions


def requeue(caller: Caller, recording_id: str) -> Job:
    """Try its newest job again. Raises NotFound, and Conflict unless it failed or was cancelled."""
    return user_jobs.retry(caller, _newest_job(caller, recording_id))


def cancel(caller: Caller, recording_id: str) -> Job:
    """Stop its newest job; a finished one stays as it is. Raises NotFound."""
    job_id = _newest_job(caller, recording_id)
    user_jobs.cancel(caller, job_id)
    return user_jobs.owned(caller, job_id)


def _newest_job(caller: Caller, recording_id: str) -> str:
    _, job, _ = recordings.get_row(caller, recording_id)
    if job is None:
        raise errors.NotFound("This recording has no job.")
    return job.id


def requeue_failed(caller: Caller, job_ids: Sequence[str] = ()) -> int:
    """Try all failed jobs again whose error may pass, or those named; -> how many."""
    with transaction() as writing:
        which = Job.id.in_(job_ids) if job_ids else Job.retryable
        found = writing.execute(select(Job.id).where(Job.state == "failed", which)).scalars().all()
        for job_id in found:
            queue.retry(job_id)
        audit.record(writing, caller, "job.requeue_failed", ("queue", ""), None, {"jobs": list(found)[:100], "count": len(found)})
    return len(found)
