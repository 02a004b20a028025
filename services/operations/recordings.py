"""Recordings of all users and their jobs, for admins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select

import errors
from database import session as current_session
from database import transaction
from lib.clock import now
from lib.paging import Page, Paging, fetch_page
from lib.text_search import contains_text
from models import Job, Recording, User
from services.accounts import Caller
from services.jobs import queue
from services.library import recordings, user_jobs
from services.library.recordings import RecordingRow
from services.operations import audit

_MAX_AUDITED_JOBS = 100


@dataclass(frozen=True)
class RecordingFilter:
    """Conditions; empty fields match all. `query`: part of title, file name or owner's address; `state`: state of the newest job."""

    query: str = ""
    user_id: str = ""
    state: str = ""


def list_page(filters: RecordingFilter, paging: Paging) -> Page[RecordingRow]:
    """List recordings, newest first."""
    query = select(Recording).join(User, User.id == Recording.user_id).where(*_conditions(filters))
    page = fetch_page(query.order_by(Recording.created_at.desc(), Recording.id), paging)
    return Page(recordings.with_jobs(page.rows), page.total)


def _conditions(filters: RecordingFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [Recording.deleted_at.is_(None)]
    if filters.query:
        conditions.append(contains_text(filters.query, Recording.title, Recording.filename, User.email))
    if filters.user_id:
        conditions.append(Recording.user_id == filters.user_id)
    if filters.state:
        newest_state = select(Job.state).where(Job.recording_id == Recording.id).order_by(Job.created_at.desc()).limit(1)
        conditions.append(newest_state.scalar_subquery() == filters.state)
    return conditions


def retry_newest_job(caller: Caller, recording_id: str) -> Job:
    """Retry the newest job of a recording. Raises NotFound, and Conflict unless it failed or was cancelled."""
    return user_jobs.retry(caller, _newest_job_id(caller, recording_id))


def cancel_newest_job(caller: Caller, recording_id: str) -> Job:
    """Cancel the newest job of a recording unless it has ended. Raises NotFound."""
    job_id = _newest_job_id(caller, recording_id)
    user_jobs.cancel(caller, job_id)
    return user_jobs.get_accessible_job(caller, job_id)


def set_hidden(caller: Caller, recording_id: str, *, is_hidden: bool) -> None:
    """Hide a recording from all viewers but its owner and admins, or show it again. Raises NotFound."""
    with transaction() as session:
        recording = recordings.get_locked(session, caller, recording_id)
        recording.hidden_at = (recording.hidden_at or now()) if is_hidden else None
        action = "recording.hide" if is_hidden else "recording.unhide"
        audit.record(session, caller, action, target=("recording", recording_id), after={"title": recording.title})


def _newest_job_id(caller: Caller, recording_id: str) -> str:
    _, job, _ = recordings.get_row(caller, recording_id)
    if job is None:
        raise errors.NotFound("This recording has no job.")
    return job.id


@dataclass(frozen=True)
class RetriedJobs:
    """The result of retrying several jobs: ids of those in the queue again, and the error of each that can't be retried now."""

    job_ids: Sequence[str]
    errors_by_job: Mapping[str, errors.LecternError]


def retry_failed_jobs(caller: Caller, job_ids: Sequence[str] | None = None) -> RetriedJobs:
    """Retry those of these jobs that failed, or without `job_ids` all that failed with a retryable error.

    A job whose payer can't pay does not stop the others.
    """
    condition = Job.retryable if job_ids is None else Job.id.in_(job_ids)
    failed_ids = current_session().execute(select(Job.id).where(Job.state == "failed", condition)).scalars().all()
    retried_ids: list[str] = []
    errors_by_job: dict[str, errors.LecternError] = {}
    for job_id in failed_ids:
        try:
            queue.retry(job_id)
            retried_ids.append(job_id)
        except errors.LecternError as error:
            errors_by_job[job_id] = error
    with transaction() as session:
        details = {"jobs": retried_ids[:_MAX_AUDITED_JOBS], "count": len(retried_ids), "refused": list(errors_by_job)[:_MAX_AUDITED_JOBS]}
        audit.record(session, caller, "job.requeue_failed", target=("queue", ""), after=details)
    return RetriedJobs(retried_ids, errors_by_job)
