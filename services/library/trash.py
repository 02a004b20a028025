"""The trash: a deleted recording can be restored for TRASH_DAYS days, then it is deleted for good."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Sequence

import structlog
from sqlalchemy import ColumnElement, and_, exists, func, select

import errors
from database import end_read, session, transaction
from domain import ACTIVE_STATES
from lib.clock import now
from models import Job, Recording, User
from services.accounts import Caller
from services.jobs import queue
from services.jobs.queue.recording_lock import lock_recording
from services.library import recordings
from services.operations import audit
from services.storage import Store

log = structlog.get_logger(__name__)
_BATCH_SIZE = 100


def put(caller: Caller, recording_id: str) -> None:
    """Move a recording to the trash and cancel its jobs. It is no longer visible to anybody. Raises NotFound."""
    with transaction() as session:
        recording = recordings.get_locked(session, caller, recording_id)
        query = select(Job.id).where(Job.recording_id == recording_id, Job.state.in_(ACTIVE_STATES))
        for job_id in session.execute(query).scalars().all():
            queue.request_cancel(job_id)
        recording.deleted_at = now()
        target = ("recording", recording_id)
        audit.record_if_other_user(session, caller, recording.user_id, "recording.trash", target, {"title": recording.title})


def restore(caller: Caller, recording_id: str) -> None:
    """Take a recording out of the trash; harmless for one that is not in it. Raises NotFound."""
    with transaction() as session:
        lock_recording(session, recording_id)
        session.expire_all()
        recording = recordings.get_owned(caller, recording_id, in_trash=None)
        if recording.deleted_at is not None:
            recording.deleted_at, recording.restored_at = None, now()
        target = ("recording", recording_id)
        audit.record_if_other_user(session, caller, recording.user_id, "recording.restore", target, after={"title": recording.title})


def delete_expired(store: Store, days: int) -> int:
    """Delete the recordings that have been in the trash for this number of days. Return their number."""
    deleted_before = now() - dt.timedelta(days=days)
    ids = _ids(Recording.deleted_at <= deleted_before)
    _delete_all(ids, store, lambda recording: recording.deleted_at is not None and recording.deleted_at <= deleted_before)
    if ids:
        log.info("trash_emptied", recordings=len(ids))
    return len(ids)


def put_old(days: int) -> int:
    """Move recordings that are older than this number of days to the trash; 0: none. Those with unfinished jobs wait. Return how many.

    For users with days of their own (`User.retention_days`) those count.
    """
    end_read()
    own_days = session().execute(select(User.retention_days).where(User.retention_days > 0).distinct()).scalars().all()
    recording_count = sum(_put_older(each, User.retention_days == each) for each in own_days if each)
    recording_count += _put_older(days, User.retention_days.is_(None)) if days else 0
    if recording_count:
        log.info("old_recordings_put_in_trash", recordings=recording_count)
    return recording_count


def _put_older(days: int, whose: ColumnElement[bool]) -> int:
    """Move old recordings of users who meet a condition to the trash, and return their number."""
    created_before = now() - dt.timedelta(days=days)
    is_busy = exists().where(Job.recording_id == Recording.id, Job.state.in_(ACTIVE_STATES))
    kept_since = func.coalesce(Recording.restored_at, Recording.created_at)
    of_user = exists().where(User.id == Recording.user_id, whose)
    is_old = and_(kept_since <= created_before, Recording.deleted_at.is_(None), Recording.delete_at.is_(None), ~is_busy, of_user)
    ids = _ids(is_old)
    for recording_id in ids:
        with transaction() as write_session:
            lock_recording(write_session, recording_id)
            recording = write_session.execute(select(Recording).where(Recording.id == recording_id, is_old)).scalar_one_or_none()
            if recording is not None:
                recording.deleted_at = now()
                audit.record(write_session, None, "recording.retire", ("recording", recording_id), {"title": recording.title})
    return len(ids)


def delete_temporary(store: Store) -> None:
    """Delete recordings that were kept to answer a request, if the process that should have deleted them has ended."""
    due_at = now()
    _delete_all(
        _ids(Recording.delete_at <= due_at), store, lambda recording: recording.delete_at is not None and recording.delete_at <= due_at
    )


def _ids(condition: ColumnElement[bool]) -> Sequence[str]:
    end_read()
    ids = session().execute(select(Recording.id).where(condition).limit(_BATCH_SIZE)).scalars().all()
    end_read()
    return ids


def _delete_all(ids: Sequence[str], store: Store, is_due: Callable[[Recording], bool]) -> None:
    for recording_id in ids:
        with contextlib.suppress(errors.NotFound):  # deleted or restored meanwhile
            recordings.delete_if(recording_id, store, is_due)
