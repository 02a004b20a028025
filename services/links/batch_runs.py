"""Starts the items of batches, one after another with a pause between the downloads of a batch.

All its state is in the database, so batches continue after a crash, and several servers may run it at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import errors
from config import Settings
from database import end_read, transaction
from database import session as current_session
from domain import ACTIVE_STATES, FINAL_STATES, JobState
from lib.clock import now
from lib.encryption import decrypt
from models import Batch, BatchItem, Job, User
from services.accounts.user_lock import lock_user
from services.jobs import queue
from services.library import lecture_jobs, limits
from services.links import batch_states, import_jobs, list_jobs
from services.links import submit as link_imports
from services.links.submit import ImportPolicy, Link

_RETRIED_LATER = (errors.TooManyJobs, errors.TooManyUploads, errors.IntakePaused)


def start_due_items(current_settings: Callable[[], Settings]) -> int:
    """Start the next item of each batch that is neither downloading nor pausing; those of suspended users wait.

    Return the number of items that were started or found to be known.
    """
    end_read()
    batch_ids = select(BatchItem.batch_id).where(BatchItem.state == batch_states.WAITING)
    query = (
        select(Batch.id, Batch.user_id).join(User, User.id == Batch.user_id).where(Batch.id.in_(batch_ids), Batch.cancelled_at.is_(None))
    )
    due_batches = current_session().execute(query.where(User.status == "active").order_by(Batch.created_at)).all()
    end_read()
    if not due_batches:
        return 0
    policy = ImportPolicy.from_settings(current_settings())
    return sum(_start_next(batch_id, user_id, policy) for batch_id, user_id in due_batches)


def _start_next(batch_id: str, user_id: str, policy: ImportPolicy) -> bool:
    with transaction() as session:
        lock_user(session, user_id)  # before the batch, as the deletion of an account does
        query = select(Batch).where(Batch.id == batch_id, Batch.cancelled_at.is_(None)).with_for_update(skip_locked=True)
        batch = session.execute(query.execution_options(populate_existing=True)).scalar_one_or_none()
        if batch is None or _is_download_blocked(session, batch, policy.batch_pause_s):
            return False
        waiting_items = select(BatchItem).where(BatchItem.batch_id == batch.id, BatchItem.state == batch_states.WAITING)
        item = session.execute(waiting_items.order_by(BatchItem.position).limit(1)).scalars().first()
        if item is None:
            return False
        try:
            _start(session, batch, item, policy)
        except _RETRIED_LATER as reason:
            batch.wait_reason = f"{reason.message} {reason.detail}".strip()
            return False
        except errors.LecternError as error:
            item.state, item.error_code, item.error_hint = batch_states.FAILED, error.code, error.hint
            item.error_message = f"{error.message} {error.detail}".strip()
            return False
        batch.wait_reason = ""
    return True


def _is_download_blocked(session: Session, batch: Batch, pause_s: float) -> bool:
    """Return whether a download of the batch runs, or the pause after the last one has not elapsed."""
    recording_ids = select(BatchItem.recording_id).where(BatchItem.batch_id == batch.id, BatchItem.state == batch_states.STARTED)
    downloads = (Job.recording_id.in_(recording_ids), Job.pipeline == import_jobs.PIPELINE)
    if session.execute(select(Job.id).where(*downloads, Job.state.in_(ACTIVE_STATES)).limit(1)).first() is not None:
        return True
    last_end = session.execute(select(func.max(Job.finished_at)).where(*downloads, Job.state.in_(FINAL_STATES))).scalar_one()
    return last_end is not None and last_end + dt.timedelta(seconds=pause_s) > now()


def _start(session: Session, batch: Batch, item: BatchItem, policy: ImportPolicy) -> None:
    """Retry the job at which the item's recording has stopped, mark a known recording, or create the recording. Joins the transaction."""
    stopped_job = _stopped_job(session, item)
    if stopped_job is not None:
        limits.check_jobs(session, batch.user_id, policy.active_jobs)
        queue.retry(stopped_job.id)
    elif item.recording_id is None:
        known_ids = {} if batch.takes_known else list_jobs.find_recordings_from_links(session, batch.user_id)
        item.recording_id = known_ids.get(item.source_id) or known_ids.get(item.url)
        if item.recording_id is not None:  # imported since the list was made, by another link or batch
            item.state = batch_states.KNOWN
            return
        link_imports.check(item.url, policy, batch.options)
        password = decrypt(batch.sealed_password, policy.signing_key) if batch.sealed_password else ""
        if password is None:
            raise errors.LinkPasswordNeeded("The stored password can't be decrypted.", hint="Create the batch again.")
        link = Link(
            item.url,
            item.title if item.has_title else "",
            password,
            audio_only=batch.audio_only,
            name=item.title,
            source_id=item.source_id,
        )
        recording, _ = link_imports.create(session, batch.user_id, link, policy, conversion=batch.conversion, options=batch.options)
        item.recording_id = recording.id
    item.state = batch_states.STARTED


def _stopped_job(session: Session, item: BatchItem) -> Job | None:
    """Return the newest job of the item's recording if it has failed or was cancelled."""
    if item.recording_id is None:
        return None
    pipelines = (import_jobs.PIPELINE, lecture_jobs.PIPELINE)
    newest = select(Job).where(Job.recording_id == item.recording_id, Job.pipeline.in_(pipelines)).order_by(Job.created_at.desc(), Job.id)
    job = session.execute(newest.limit(1)).scalars().first()
    return job if job is not None and job.state in (JobState.FAILED, JobState.CANCELLED) else None
