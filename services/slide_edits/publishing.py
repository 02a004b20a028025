"""Documents with the edited slides, and the pictures to choose from."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

import errors
from database import end_read, session, transaction
from domain import ACTIVE_STATES
from models import Artifact, Job, SlideDeck
from services.accounts import Caller
from services.jobs import side_jobs
from services.library import hidden_formats, notes_archive, recordings, rendering
from services.storage import Store


def render_documents(caller: Caller, recording_id: str) -> Job:
    """Queue a job that renders the documents with the corrected slides, and return it; while another job is active, that one.

    Raises NotFound, and NotReady for a recording without documents.
    """
    with transaction() as write_session:
        recording = recordings.get_locked(write_session, caller, recording_id)
        deck = write_session.get(SlideDeck, recording_id, populate_existing=True, with_for_update=True)
        if deck is not None:
            is_changed = deck.present != deck.base
            deck.published = deck.present if is_changed else []
            if not is_changed:
                hidden_formats.discard(write_session, recording_id, hidden_formats.EDITED_NOTES)
        job = rendering.request(write_session, recording)
        if job is None:
            query = select(Job).where(Job.recording_id == recording_id, Job.state.in_(ACTIVE_STATES))
            query = query.where(~side_jobs.in_side_pipeline()).order_by(Job.created_at.desc())
            job = write_session.execute(query.limit(1)).scalar_one_or_none()
        if job is None:
            raise errors.NotReady("This recording has no documents that could be rendered again.")
    return job


def open_picture(caller: Caller, recording_id: str, number: int, build: int | None, store: Store) -> tuple[Iterator[bytes], int, str]:
    """Return a picture of a detected slide in blocks, its size in bytes and the version of the archive. Raises NotFound."""
    recordings.get_owned(caller, recording_id)
    of_archive = select(Artifact).where(Artifact.recording_id == recording_id, Artifact.format == hidden_formats.NOTES_ARCHIVE)
    archive = session().execute(of_archive).scalar_one_or_none()
    end_read()
    if archive is None:
        raise errors.NotFound("slide")
    index, base = notes_archive.read_index(store, archive.storage_key)
    slide = next((each for each in index.slides if each.number == number), None)
    if slide is None or (build is not None and build >= len(slide.builds)):
        raise errors.NotFound("slide")
    place = slide if build is None else slide.builds[build]
    if not place.size:
        raise errors.NotFound("picture")
    start = base + place.offset
    return store.read(archive.storage_key, start, start + place.size), place.size, archive.sha256[:16]
