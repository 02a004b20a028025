"""Batches of links: create, show, cancel, retry and delete, with their permission checks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVarTuple

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session, aliased

import errors
from database import changed_rows, transaction
from database import session as current_session
from domain import ACTIVE_STATES
from lib.clock import now
from lib.paging import Page, Paging, count_rows, fetch_page
from lib.serialization import to_plain
from models import Batch, BatchItem, Job
from services.accounts import Caller
from services.accounts.user_lock import lock_user
from services.downloaders import Collection
from services.jobs import queue
from services.library import lecture_jobs, limits
from services.links import batch_states, import_jobs, list_jobs
from services.links import submit as link_imports
from services.links.batch_states import BatchRow, ItemRow
from services.links.list_jobs import Listing
from services.links.submit import ImportPolicy, Link
from services.operations import audit
from tables.columns import new_id

Columns = TypeVarTuple("Columns")
_MAX_UNFINISHED_BATCHES = 20
_RETRY_AFTER_S = 60


class TooManyBatches(errors.TooManyRequests):
    """You have reached the limit of unfinished batches."""

    code = "too_many_batches"
    hint = "Wait until a batch has finished, or cancel one."


@dataclass(frozen=True)
class BatchRequest:
    """A link to several recordings, and the options of each import. `takes_known`: also import recordings that the user already has."""

    link: Link
    conversion: str
    options: Mapping[str, Any]
    takes_known: bool = False


def create(caller: Caller, request: BatchRequest, policy: ImportPolicy) -> BatchRow:
    """Create a batch and queue the job that lists its recordings.

    Raises UrlRefused, IntakePaused, LanguageModelMissing, TooManyJobs and TooManyBatches.
    """
    link_imports.check(request.link.url, policy, request.options)
    with transaction() as session:
        batch = _add(session, caller, request, policy)
        limits.check_jobs(session, caller.user_id, policy.active_jobs)
        password_option = {"sealed_password": batch.sealed_password} if batch.sealed_password else {}
        options = {"url": batch.url, "max_items": policy.batch_max_items, "batch_id": batch.id, "is_followed": True, **password_option}
        batch.list_job_id = queue.submit(user_id=caller.user_id, pipeline=list_jobs.PIPELINE, options=options).id
    return get(caller, batch.id)


def create_listed(caller: Caller, request: BatchRequest, policy: ImportPolicy, collection: Collection) -> BatchRow:
    """Create a batch of recordings that are listed already."""
    link_imports.check(request.link.url, policy, request.options)
    listing = Listing.model_validate(to_plain(collection))
    with transaction() as session:
        batch = _add(session, caller, request, policy)
        list_jobs.add_items(session, batch, listing, policy.batch_max_items)
    return get(caller, batch.id)


def _add(session: Session, caller: Caller, request: BatchRequest, policy: ImportPolicy) -> Batch:
    lock_user(session, caller.user_id)
    waiting_batches = select(BatchItem.batch_id).where(BatchItem.state == batch_states.WAITING)
    listing = select(Job.id).where(Job.state.in_(ACTIVE_STATES), Job.user_id == caller.user_id)
    is_unfinished = Batch.id.in_(waiting_batches) | Batch.list_job_id.in_(listing)
    if count_rows(Batch, Batch.user_id == caller.user_id, is_unfinished) >= _MAX_UNFINISHED_BATCHES:
        raise TooManyBatches(f"The limit is {_MAX_UNFINISHED_BATCHES}.", wait_s=_RETRY_AFTER_S)
    link = request.link
    batch = Batch(
        id=new_id(),
        user_id=caller.user_id,
        url=link.url,
        title=link.title,
        sealed_password=policy.seal(link.password),
        conversion=request.conversion,
        options=dict(request.options),
        audio_only=link.audio_only,
        takes_known=request.takes_known,
    )
    session.add(batch)
    session.flush()
    return batch


def list_page(caller: Caller, paging: Paging) -> Page[BatchRow]:
    """List the caller's batches, newest first."""
    page = fetch_page(select(Batch).where(Batch.user_id == caller.user_id).order_by(Batch.created_at.desc(), Batch.id), paging)
    return Page(_rows(page.rows), page.total)


def get(caller: Caller, batch_id: str) -> BatchRow:
    """Return a batch of the caller; admins may get any. Raises NotFound."""
    return _rows([_get_owned(current_session(), caller, batch_id)])[0]


def items_of(caller: Caller, batch_id: str) -> Sequence[ItemRow]:
    """Return the items of a batch in their order. Raises NotFound."""
    batch = _get_owned(current_session(), caller, batch_id)
    query = _with_newest_job(select(BatchItem, Job)).where(BatchItem.batch_id == batch.id).order_by(BatchItem.position)
    return [ItemRow(item, job) for item, job in current_session().execute(query)]


def cancel(caller: Caller, batch_id: str) -> BatchRow:
    """Cancel everything of a batch that is unfinished: its list, downloads and conversions. Raises NotFound."""
    with transaction() as session:
        batch = _get_owned(session, caller, batch_id, is_locked=True)
        _cancel(session, caller, batch)
        audit.record_if_other_user(session, caller, batch.user_id, "batch.cancel", ("batch", batch_id))
    return get(caller, batch_id)


def _cancel(session: Session, caller: Caller, batch: Batch) -> None:
    statement = update(BatchItem).where(BatchItem.batch_id == batch.id, BatchItem.state == batch_states.WAITING)
    has_changed = changed_rows(session.execute(statement.values(state=batch_states.CANCELLED))) > 0
    recording_ids = select(BatchItem.recording_id).where(BatchItem.batch_id == batch.id, BatchItem.state == batch_states.STARTED)
    is_of_batch = Job.recording_id.in_(recording_ids) | (Job.id == (batch.list_job_id or ""))
    for job_id in session.execute(select(Job.id).where(is_of_batch, Job.state.in_(ACTIVE_STATES))).scalars().all():
        queue.request_cancel(job_id, by=caller.email, reason="The batch was cancelled.")
        has_changed = True
    if has_changed:
        batch.cancelled_at, batch.wait_reason = now(), ""


def retry(caller: Caller, batch_id: str) -> BatchRow:
    """Queue the failed and cancelled items of a batch again, or its list if that has failed. Raises NotFound, and Conflict for others."""
    with transaction() as session:
        batch = _get_owned(session, caller, batch_id, is_locked=True)
        list_job = session.get(Job, batch.list_job_id or "", populate_existing=True)
        if batch.listed_at is None:
            if list_job is None or list_job.state in ACTIVE_STATES:
                raise errors.Conflict("The recordings of this batch are being listed.")
            queue.retry(list_job.id)
        else:
            query = _with_newest_job(select(BatchItem, Job)).where(BatchItem.batch_id == batch.id)
            rows = [ItemRow(item, job) for item, job in session.execute(query)]
            items = [row.item for row in rows if row.state in (batch_states.FAILED, batch_states.CANCELLED)]
            if not items:
                raise errors.Conflict("No item of this batch has failed or was cancelled.")
            for item in items:
                item.state, item.error_code, item.error_message, item.error_hint = batch_states.WAITING, None, None, None
        batch.cancelled_at = None
        audit.record_if_other_user(session, caller, batch.user_id, "batch.retry", ("batch", batch_id))
    return get(caller, batch_id)


def delete(caller: Caller, batch_id: str) -> None:
    """Cancel a batch and delete it; its recordings stay. Raises NotFound."""
    with transaction() as session:
        batch = _get_owned(session, caller, batch_id, is_locked=True)
        _cancel(session, caller, batch)
        before = {"url": batch.url, "title": batch.title, "user_id": batch.user_id}
        audit.record_if_other_user(session, caller, batch.user_id, "batch.delete", ("batch", batch_id), before)
        session.delete(batch)


def _get_owned(session: Session, caller: Caller, batch_id: str, *, is_locked: bool = False) -> Batch:
    batch = session.get(Batch, batch_id, populate_existing=True, with_for_update=True if is_locked else None)
    if batch is None or not (caller.is_admin or batch.user_id == caller.user_id):
        raise errors.NotFound("batch")
    return batch


def _rows(batches: Sequence[Batch]) -> list[BatchRow]:
    """Add to each batch the counts of its items and the job that lists them, in two queries."""
    ids = [batch.id for batch in batches]
    query = select(BatchItem.batch_id, BatchItem.state, Job.pipeline, Job.state, func.count())
    groups = (BatchItem.batch_id, BatchItem.state, Job.pipeline, Job.state)
    counts: dict[str, Counter[str]] = {each: Counter() for each in ids}
    for batch_id, stored_state, pipeline, job_state, number in current_session().execute(
        _with_newest_job(query).where(BatchItem.batch_id.in_(ids)).group_by(*groups)
    ):
        counts[batch_id][batch_states.item_state(stored_state, pipeline, job_state)] += number
    list_jobs_query = select(Job).where(Job.id.in_([batch.list_job_id for batch in batches if batch.list_job_id]))
    jobs = {job.id: job for job in current_session().execute(list_jobs_query).scalars()}
    return [BatchRow(batch, counts[batch.id], jobs.get(batch.list_job_id or "")) for batch in batches]


def _with_newest_job(query: Select[*Columns]) -> Select[*Columns]:
    """Join each item with the newest download or conversion of its recording."""
    newer = aliased(Job)
    newest = (
        select(newer.id)
        .where(newer.recording_id == BatchItem.recording_id, newer.pipeline.in_((import_jobs.PIPELINE, lecture_jobs.PIPELINE)))
        .order_by(newer.created_at.desc(), newer.id)
        .limit(1)
        .correlate(BatchItem)
        .scalar_subquery()
    )
    return query.select_from(BatchItem).outerjoin(Job, Job.id == newest)
