"""Recordings: take in, list, show, delete. Every permission and quota check of them is here."""

from __future__ import annotations

import contextlib
import unicodedata
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import errors
from database import session, transaction
from domain import ACTIVE_STATES, JobState
from lib.paging import Page, Paging, fetch_page
from models import Artifact, Job, Recording, User
from services.accounts import Caller
from services.jobs import queue
from services.library import object_deletion
from services.operations import audit, statistics
from services.storage import Store

_NOT_IN_TITLES = ("Cc", "Cs", "Cn")
_TURNING = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

Row = tuple[Recording, Job | None, Sequence[Artifact]]


def used_bytes(reading: Session, user_id: str) -> int:
    """What a user's recordings and the documents made from them take."""
    own = select(func.coalesce(func.sum(Recording.size_bytes), 0)).where(Recording.user_id == user_id).scalar_subquery()
    derived = (
        select(func.coalesce(func.sum(Artifact.size_bytes), 0))
        .join(Recording, Recording.id == Artifact.recording_id)
        .where(Recording.user_id == user_id)
        .scalar_subquery()
    )
    return int(reading.execute(select(own + derived)).scalar_one())


def clean_title(text: str) -> str:
    """One line without control signs, which no document may hold (XML 1.0, 2.2), and without marks that turn what follows around."""
    spaced = "".join(" " if sign.isspace() else sign for sign in text)
    return " ".join("".join(sign for sign in spaced if unicodedata.category(sign) not in _NOT_IN_TITLES and sign not in _TURNING).split())


def check_quota(reading: Session, user_id: str, more_bytes: int, default_quota_bytes: int) -> None:
    """Raise QuotaExceeded if `more_bytes` do not fit any more."""
    own_quota = reading.execute(select(User.quota_bytes).where(User.id == user_id)).scalar_one()
    quota = default_quota_bytes if own_quota is None else own_quota
    used = used_bytes(reading, user_id)
    if used + more_bytes > quota:
        raise errors.QuotaExceeded(f"{used} of {quota} bytes are used; {more_bytes} more do not fit.")


def owned(caller: Caller, recording_id: str) -> Recording:
    """The recording if it is the caller's or the caller is an admin; else NotFound, which gives nothing away."""
    found = session().get(Recording, recording_id)
    if found is None or not (caller.is_admin or found.user_id == caller.user_id):
        raise errors.NotFound("recording")
    return found


def show(caller: Caller, recording_id: str) -> Row:
    found = owned(caller, recording_id)
    return with_jobs([found])[0]


def list_page(caller: Caller, paging: Paging, *, everybody: bool = False) -> Page[Row]:
    """List the caller's recordings, newest first. `everybody`: those of all users, for admins only."""
    if everybody and not caller.is_admin:
        raise errors.Forbidden
    mine = [] if everybody else [Recording.user_id == caller.user_id]
    page = fetch_page(select(Recording).where(*mine).order_by(Recording.created_at.desc(), Recording.id), paging)
    return Page(with_jobs(page.rows), page.total)


def rename(caller: Caller, recording_id: str, title: str) -> None:
    """Documents made from now on carry the title. Raises NotFound."""
    with transaction() as writing:
        found = owned(caller, recording_id)
        before, found.title = found.title, title
        audit.record_on_others(
            writing, caller, found.user_id, "recording.rename", ("recording", recording_id), {"title": before}, {"title": title}
        )


def delete(caller: Caller, recording_id: str, store: Store) -> list[str]:
    """Remove every row and object of a recording; its jobs are cancelled first. -> the keys that went. Raises NotFound."""
    with transaction() as writing:
        owned(caller, recording_id)
        found = writing.get(Recording, recording_id, populate_existing=True, with_for_update=True)
        if found is None:  # somebody else was quicker
            raise errors.NotFound("recording")
        before = {"title": found.title, "user_id": found.user_id, "size_bytes": found.size_bytes}
        keys = [found.storage_key] + ([found.subtitles_key] if found.subtitles_key else [])
        running = writing.execute(select(Job.id).where(Job.recording_id == recording_id, Job.state.in_(ACTIVE_STATES))).scalars().all()
        for job_id in running:
            queue.request_cancel(job_id)
        keys += writing.execute(select(Artifact.storage_key).where(Artifact.recording_id == recording_id)).scalars().all()
        statistics.preserve_counts_of_recording(writing, recording_id)
        writing.delete(found)
        object_deletion.schedule(writing, keys)
        audit.record_on_others(writing, caller, found.user_id, "recording.delete", ("recording", recording_id), before)
    object_deletion.run_due_now(store)
    return keys


def owned_artifact(caller: Caller, artifact_id: str) -> Artifact:
    """Return a document that the caller may see. Raises NotFound, with the same message for a missing document and one of others."""
    artifact = session().get(Artifact, artifact_id)
    with contextlib.suppress(errors.NotFound):
        if artifact is not None and owned(caller, artifact.recording_id):
            return artifact
    raise errors.NotFound("artifact")


def linked_artifact(artifact_id: str) -> Artifact:
    """Return the document of a signed link, whose signature is the permission. Raises NotFound."""
    artifact = session().get(Artifact, artifact_id)
    if artifact is None:
        raise errors.NotFound("The document was deleted.")
    return artifact


def find_artifact(caller: Caller, recording_id: str, format_name: str) -> Artifact:
    """A finished document. Raises NotReady while it is being made, NotFound where it was not asked for."""
    _, job, artifacts = show(caller, recording_id)
    for each in artifacts:
        if each.format == format_name:
            return each
    if job is not None and JobState(job.state) in ACTIVE_STATES:
        raise errors.NotReady(f"The {format_name} of this recording is being made.")
    if job is not None and job.state == JobState.FAILED:
        raise errors.NotReady(job.error_message or "", hint=job.error_hint or "")
    raise errors.NotFound(f"No {format_name} was made of this recording.")


def with_jobs(recordings: Sequence[Recording]) -> Sequence[Row]:
    """Three queries, however many recordings."""
    ids = [each.id for each in recordings]
    newest: dict[str | None, Job] = {}
    for job in session().execute(select(Job).where(Job.recording_id.in_(ids)).order_by(Job.created_at)).scalars():
        newest[job.recording_id] = job
    documents: dict[str, list[Artifact]] = {each: [] for each in ids}
    for made in session().execute(select(Artifact).where(Artifact.recording_id.in_(ids)).order_by(Artifact.format)).scalars():
        documents[made.recording_id].append(made)
    return [(each, newest.get(each.id), documents[each.id]) for each in recordings]
