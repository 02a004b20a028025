"""Recordings: list, show, delete, with their permission and quota checks."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, bindparam, exists, func, select
from sqlalchemy.orm import Session

import errors
from database import in_transaction, session, transaction
from domain import ACTIVE_STATES, JobState
from lib.paging import Page, Paging, fetch_page
from lib.text import clean_text
from models import Artifact, Job, Recording, UploadedFile, User
from services.accounts import ADMIN_ROLES, Caller
from services.accounts.user_lock import lock_user
from services.jobs import queue, side_jobs
from services.jobs.queue import history
from services.jobs.queue.recording_lock import lock_recording
from services.library import hidden_formats, lecture_jobs, object_deletion
from services.library.filters import RecordingFilter, Sort, conditions_of, order_of
from services.operations import audit, statistics
from services.storage import Store
from services.subscriptions import entitlements

# Every poll of a status runs these. Building a query takes as long as running it.
_RECORDING_IDS: BindParameter[list[str]] = bindparam("ids", expanding=True)
_JOBS_QUERY = select(Job).where(Job.recording_id.in_(_RECORDING_IDS)).order_by(Job.created_at)
_DOCUMENTS = select(Artifact).where(Artifact.recording_id.in_(_RECORDING_IDS), Artifact.format.not_in(hidden_formats.ALL))
_ARTIFACTS_QUERY = _DOCUMENTS.order_by(Artifact.format)
MAX_TITLE_LENGTH = 500
MAX_SOURCE_ID_LENGTH = 300


class RecordingRow(NamedTuple):
    """A recording with its newest job and its documents."""

    recording: Recording
    job: Job | None
    artifacts: Sequence[Artifact]


def stages_seen(rows: Iterable[RecordingRow]) -> dict[str, list[str]]:
    """Return the stages that the unfinished jobs of these rows have gone through, by the id of the recording."""
    recording_by_job = {row.job.id: row.recording.id for row in rows if row.job is not None and row.job.state in ACTIVE_STATES}
    return {recording_by_job[job_id]: stages for job_id, stages in history.stages_seen(list(recording_by_job)).items()}


def used_bytes(session: Session, user_id: str) -> int:
    """Return the size of a user's recordings, their documents, and other files."""
    recording_bytes = select(func.coalesce(func.sum(Recording.size_bytes), 0)).where(Recording.user_id == user_id).scalar_subquery()
    artifact_bytes = (
        select(func.coalesce(func.sum(Artifact.size_bytes), 0))
        .join(Recording, Recording.id == Artifact.recording_id)
        .where(Recording.user_id == user_id)
        .scalar_subquery()
    )
    files = select(func.coalesce(func.sum(UploadedFile.size_bytes), 0)).where(UploadedFile.user_id == user_id).scalar_subquery()
    return int(session.execute(select(recording_bytes + artifact_bytes + files)).scalar_one())


def clean_title(text: str) -> str:
    """Return one line without control characters, which documents can't hold (XML 1.0, 2.2), and without bidirectional controls."""
    return clean_text("".join(" " if char.isspace() else char for char in text))


def quota_bytes(session: Session, user_id: str, default_quota_bytes: int) -> int:
    """Return the user's quota."""
    return entitlements.limit(session, user_id, User.quota_bytes, default_quota_bytes)


def check_quota(session: Session, user_id: str, more_bytes: int, default_quota_bytes: int) -> int:
    """Return the free bytes of the user's quota. Raises QuotaExceeded if `more_bytes` exceed it."""
    if in_transaction():
        lock_user(session, user_id)
    used, quota = used_bytes(session, user_id), quota_bytes(session, user_id, default_quota_bytes)
    if used + more_bytes > quota:
        raise errors.QuotaExceeded(f"{used} of {quota} bytes are used; {more_bytes} more would exceed the quota.")
    return quota - used


def get_owned(caller: Caller, recording_id: str, *, in_trash: bool | None = False) -> Recording:
    """Return a recording of the caller; admins may get any. `in_trash`: whether it must be in the trash; None: it may be.

    Raises NotFound for a missing recording and for one of others alike.
    """
    recording = session().get(Recording, recording_id)
    if recording is None or not (caller.is_admin or recording.user_id == caller.user_id):
        raise errors.NotFound("recording")
    if in_trash is not None and in_trash != (recording.deleted_at is not None):
        raise errors.NotFound("recording")
    return recording


def get_locked(session: Session, caller: Caller, recording_id: str) -> Recording:
    """Do the same for a transaction that changes the recording or its rows; it must not have locked anything else before."""
    lock_recording(session, recording_id)
    session.expire_all()  # what was read before the lock may be out of date
    return get_owned(caller, recording_id)


def get_row(caller: Caller, recording_id: str) -> RecordingRow:
    """Return a recording with its newest job and its documents. Raises NotFound."""
    return with_jobs([get_owned(caller, recording_id)])[0]


def newest_conversion_options(recording_id: str) -> Mapping[str, Any]:
    """Return the options of a recording's newest conversion; empty if there was none."""
    return lecture_jobs.newest_options(session(), recording_id)


def list_page(
    caller: Caller,
    paging: Paging,
    *,
    everybody: bool = False,
    filters: RecordingFilter = RecordingFilter(),
    sort: Sort = "newest",
) -> Page[RecordingRow]:
    """List the caller's recordings. `everybody`: those of all users, for admins only."""
    if everybody and not caller.is_admin:
        raise errors.Forbidden
    whose = () if everybody else (Recording.user_id == caller.user_id,)
    query = select(Recording).where(*whose, *conditions_of(filters)).order_by(*order_of(sort))
    page = fetch_page(query, paging)
    return Page(with_jobs(page.rows), page.total)


def list_page_of(caller: Caller, user_id: str, paging: Paging) -> Page[RecordingRow]:
    """List the recordings of a user, newest first; for that user and for admins. Raises NotFound."""
    if user_id != caller.user_id and not (caller.is_admin and session().get(User, user_id) is not None):
        raise errors.NotFound("user")
    query = select(Recording).where(Recording.user_id == user_id, *conditions_of(RecordingFilter()))
    page = fetch_page(query.order_by(*order_of("newest")), paging)
    return Page(with_jobs(page.rows), page.total)


def delete(caller: Caller, recording_id: str, store: Store) -> list[str]:
    """Cancel a recording's jobs, then delete its rows and objects, also of one in the trash. Returns the deleted keys. Raises NotFound."""
    get_owned(caller, recording_id, in_trash=None)
    return _delete(caller, recording_id, store)


def delete_if(recording_id: str, store: Store, is_due: Callable[[Recording], bool]) -> list[str]:
    """Do the same for a recording that is still due once it is locked. Raises NotFound."""
    return _delete(None, recording_id, store, is_due)


def _delete(caller: Caller | None, recording_id: str, store: Store, is_due: Callable[[Recording], bool] = lambda _: True) -> list[str]:
    with transaction() as session:
        recording = session.get(Recording, recording_id, populate_existing=True, with_for_update=True)
        if recording is None:  # deleted by another request
            raise errors.NotFound("recording")
        if not is_due(recording):
            raise errors.NotFound("recording")
        before = {"title": recording.title, "user_id": recording.user_id, "size_bytes": recording.size_bytes}
        keys = [key for key in (recording.storage_key, recording.subtitles_key, recording.thumbnail_key) if key]
        running = session.execute(select(Job.id).where(Job.recording_id == recording_id, Job.state.in_(ACTIVE_STATES))).scalars().all()
        queue.cancel_for_deletion(running)
        keys += session.execute(select(Artifact.storage_key).where(Artifact.recording_id == recording_id)).scalars().all()
        statistics.preserve_counts_of_recording(session, recording_id)
        object_deletion.expedite_jobs(session, Job.recording_id == recording_id)
        session.delete(recording)
        object_deletion.schedule(session, keys)
        if caller is not None:
            audit.record_if_other_user(session, caller, recording.user_id, "recording.delete", ("recording", recording_id), before)
    object_deletion.try_run_due(store)
    return keys


def get_artifact(caller: Caller, artifact_id: str) -> Artifact:
    """Return a document that the caller may see. Raises NotFound, with the same message for a missing document and one of others."""
    artifact = session().get(Artifact, artifact_id)
    with contextlib.suppress(errors.NotFound):
        if artifact is not None and get_owned(caller, artifact.recording_id):
            return artifact
    raise errors.NotFound("artifact")


def get_linked_artifact(artifact_id: str, user_id: str) -> Artifact:
    """Return the document of a signed link if the link's user may still see it. Raises NotFound."""
    artifact = session().get(Artifact, artifact_id)
    may_see = Recording.deleted_at.is_(None) & (
        (Recording.user_id == user_id) | exists().where(User.id == user_id, User.role.in_(ADMIN_ROLES))
    )
    if artifact is None or session().execute(select(Recording.id).where(Recording.id == artifact.recording_id, may_see)).first() is None:
        raise errors.NotFound("The document was deleted.")
    return artifact


def find_artifact(caller: Caller, recording_id: str, format_name: str) -> Artifact:
    """Return a finished document. Raises NotReady while the job is unfinished or failed, NotFound if the format was not requested."""
    _, job, artifacts = get_row(caller, recording_id)
    for artifact in artifacts:
        if artifact.format == format_name:
            return artifact
    if job is not None and JobState(job.state) in ACTIVE_STATES:
        raise errors.NotReady(f"The {format_name} of this recording is being made.")
    if job is not None and job.state == JobState.FAILED:
        raise errors.NotReady(job.error_message or "", hint=job.error_hint or "")
    raise errors.NotFound(f"This recording has no {format_name}.")


def get_poster(caller: Caller, recording_id: str) -> Artifact:
    """Return the picture of a recording from a link. Raises NotFound if there is none."""
    get_owned(caller, recording_id)
    query = select(Artifact).where(Artifact.recording_id == recording_id, Artifact.format == hidden_formats.POSTER)
    poster = session().execute(query).scalar_one_or_none()
    if poster is None:
        raise errors.NotFound("This recording has no picture.")
    return poster


def documents_of(recording_id: str) -> Sequence[Artifact]:
    """Return the documents of a recording. The caller checks permissions."""
    return session().execute(_ARTIFACTS_QUERY, {"ids": [recording_id]}).scalars().all()


def with_jobs(recordings: Sequence[Recording]) -> Sequence[RecordingRow]:
    """Add the newest job and the documents to each recording, in two queries. A side job counts if there is no other."""
    ids = [each.id for each in recordings]
    newest: dict[str | None, Job] = {}
    for job in session().execute(_JOBS_QUERY, {"ids": ids}).scalars():
        before = newest.get(job.recording_id)
        if before is None or side_jobs.is_side_job(before) or not side_jobs.is_side_job(job):
            newest[job.recording_id] = job
    documents: dict[str, list[Artifact]] = {each: [] for each in ids}
    for artifact in session().execute(_ARTIFACTS_QUERY, {"ids": ids}).scalars():
        documents[artifact.recording_id].append(artifact)
    return [RecordingRow(each, newest.get(each.id), documents[each.id]) for each in recordings]
