"""The deck of a recording: it is stored, and the documents are rendered again with its pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

import errors
from database import session, transaction
from domain import DeckPageUse, JobState
from lib.serialization import from_plain
from models import Artifact, Job
from services.accounts import Caller
from services.lessons import source_reading
from services.library import hidden_formats, object_deletion, recordings, rendering, stored_inputs
from services.library.uploads import UploadedPart
from services.storage import Store, keys


@dataclass(frozen=True)
class Coverage:
    """The uses of a deck's pages; none until the documents have been rendered with it."""

    pages: Sequence[DeckPageUse]
    is_rendered: bool


def attach(caller: Caller, recording_id: str, part: UploadedPart | None, quota_bytes: int, store: Store) -> Job | None:
    """Store a deck; return the job that renders the documents with it, None while another one will do so, or before there are any.

    Raises NotFound, NoFile, UnreadableDeck, DeckTooLarge and QuotaExceeded.
    """
    recordings.get_owned(caller, recording_id)
    if part is None:
        raise errors.NoFile("The field is `deck`: a PPTX file or a PDF.")
    is_named = part.filename.lower().endswith(source_reading.DECK_EXTENSIONS)
    name = part.filename if is_named else "deck.pdf"  # its content decides
    source_reading.read_file(part.file.keep(), name, caller.user_id, needs_text=False)
    with stored_inputs.store_file(recording_id, part.file.path, store, key_of=keys.lecture_deck) as key, transaction() as write_session:
        recording = recordings.get_locked(write_session, caller, recording_id)
        more_bytes = part.file.size_bytes - _size_of_deck(write_session, recording_id)
        if more_bytes > 0:
            recordings.check_quota(write_session, recording.user_id, more_bytes, quota_bytes)
        hidden_formats.put(write_session, recording_id, hidden_formats.DECK, key, part.file.size_bytes, part.file.sha256)
        return rendering.request(write_session, recording)


def _size_of_deck(session: Session, recording_id: str) -> int:
    """Return the bytes of the present deck, 0 without one."""
    of_recording = select(Artifact.size_bytes).where(Artifact.recording_id == recording_id, Artifact.format == hidden_formats.DECK)
    return session.execute(of_recording).scalar_one_or_none() or 0


def remove(caller: Caller, recording_id: str, store: Store) -> Job | None:
    """Forget the deck; the documents are rendered with the pictures of the recording again. Raises NotFound."""
    with transaction() as write_session:
        recording = recordings.get_locked(write_session, caller, recording_id)
        of_recording = select(Artifact).where(Artifact.recording_id == recording_id, Artifact.format == hidden_formats.DECK)
        row = write_session.execute(of_recording).scalar_one_or_none()
        if row is None:
            raise errors.NotFound("deck")
        hidden_formats.delete(write_session, row)
        job = rendering.request(write_session, recording)
    object_deletion.try_run_due(store)
    return job


def read_coverage(caller: Caller, recording_id: str) -> Coverage:
    """Return how the pages of the present deck were used. Raises NotFound, also if the recording has no deck."""
    recordings.get_owned(caller, recording_id)
    of_recording = select(Artifact.sha256).where(Artifact.recording_id == recording_id, Artifact.format == hidden_formats.DECK)
    sha256 = session().execute(of_recording).scalar_one_or_none()
    if sha256 is None:
        raise errors.NotFound("deck")
    newest = select(Job.metrics).where(Job.recording_id == recording_id, Job.pipeline == rendering.PIPELINE)
    newest = newest.where(Job.state == JobState.SUCCEEDED).order_by(Job.created_at.desc()).limit(1)
    metrics = session().execute(newest).scalar_one_or_none() or {}
    if metrics.get("deck_sha256") != sha256:
        return Coverage((), is_rendered=False)
    return Coverage([from_plain(DeckPageUse, page) for page in metrics.get("deck", ())], is_rendered=True)
