"""Everybody's recordings and their jobs, for admins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select

import errors
from database import session, transaction
from models import Job, Recording, User
from services import audit, recordings
from services.accounts import Caller
from services.jobs import queue
from services.recordings import Page
from services.storage import Store


@dataclass(frozen=True)
class Wanted:
    """Which recordings; empty: all. `query`: a part of a title, a file name or the owner's address; `state`: the newest job's."""

    query: str = ""
    user_id: str = ""
    state: str = ""


def list_page(wanted: Wanted, *, page: int, limit: int) -> Page:
    """Newest first."""
    conditions = _conditions(wanted)
    chosen = select(Recording).join(User, User.id == Recording.user_id).where(*conditions)
    total = session().execute(select(func.count()).select_from(chosen.subquery())).scalar_one()
    found = session().execute(chosen.order_by(Recording.created_at.desc(), Recording.id).offset((page - 1) * limit).limit(limit))
    return Page(recordings.with_jobs(found.scalars().all()), total)


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
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


def delete(caller: Caller, recording_id: str, store: Store) -> list[str]:
    """With all rows and files; -> the keys that went. Raises NotFound."""
    recording, _, documents = recordings.show(caller, recording_id)
    before = {"title": recording.title, "user_id": recording.user_id, "size_bytes": recording.size_bytes}
    keys = [
        recording.storage_key,
        *([recording.subtitles_key] if recording.subtitles_key else []),
        *(each.storage_key for each in documents),
    ]
    recordings.delete(caller, recording_id, store)
    with transaction() as writing:
        audit.note(writing, caller, "recording.delete", ("recording", recording_id), before, None)
    return keys


def requeue(caller: Caller, recording_id: str) -> Job:
    """Try its newest job again. Raises NotFound, and Conflict unless it failed or was cancelled."""
    return _on_newest(caller, recording_id, "job.requeue", lambda job: queue.retry(job.id))


def cancel(caller: Caller, recording_id: str) -> Job:
    """Stop its newest job; a finished one stays as it is. Raises NotFound."""

    def stop(job: Job) -> Job:
        queue.request_cancel(job.id)
        return job

    return _on_newest(caller, recording_id, "job.cancel", stop)


def _on_newest(caller: Caller, recording_id: str, action: str, act: Callable[[Job], Job]) -> Job:
    with transaction() as writing:
        _, job, _ = recordings.show(caller, recording_id)
        if job is None:
            raise errors.NotFound("This recording has no job.")
        before = {"state": queue.shown_state(job)}
        done = act(job)
        writing.flush()
        writing.refresh(done)
        audit.note(writing, caller, action, ("job", done.id), before, {"state": queue.shown_state(done)})
    return done


def requeue_failed(caller: Caller, job_ids: Sequence[str] = ()) -> int:
    """Try all failed jobs again whose error may pass, or those named; -> how many."""
    with transaction() as writing:
        which = Job.id.in_(job_ids) if job_ids else Job.retryable
        found = writing.execute(select(Job.id).where(Job.state == "failed", which)).scalars().all()
        for job_id in found:
            queue.retry(job_id)
        audit.note(writing, caller, "job.requeue_failed", ("queue", ""), None, {"jobs": list(found)[:100], "count": len(found)})
    return len(found)
