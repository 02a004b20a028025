"""Render the documents of a recording again, from the archive of its notes: for another title or text, no stage reads the recording.

The archive is an artifact that users do not see: the notes and the images of the slides.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from sqlalchemy import select
from sqlalchemy.orm import Session

import errors
from database import session as current_session
from domain import ACTIVE_STATES
from models import Artifact, Job, Recording, SlideDeck
from services.documents import reference_document
from services.documents.port import RENDER_OPTIONS
from services.jobs import queue, side_jobs
from services.jobs.job_kind import JobDetails, JobInput
from services.library import hidden_formats, lecture_jobs, recording_facts, reference_input
from services.slide_plan.plan import Plan, hash_of, plan_from_plain
from services.storage import keys

PIPELINE = "document_rendering"
ARCHIVE_FILE = "notes.tar"
TRANSCRIPT_FILE = "edited_transcript.jsonl"
DECK_FILE = "deck"


def request(session: Session, recording: Recording) -> Job | None:
    """Queue a job that renders all documents with the current title and text. Return None if there are none, or while a job is active.

    A queued job reads title and text when it starts, and a running one requests the rendering when it ends.
    """
    query = select(Job.id).where(Job.recording_id == recording.id, Job.state.in_(ACTIVE_STATES), ~side_jobs.in_side_pipeline())
    if not has_documents(session, recording.id) or session.execute(query).first() is not None:
        return None
    before = lecture_jobs.newest_options(session, recording.id)
    options = {name: before[name] for name in RENDER_OPTIONS if name in before}
    return queue.submit(
        user_id=recording.user_id,
        pipeline=PIPELINE,
        options={**options, "formats": sorted(_formats(session, recording.id) - {*hidden_formats.ALL}), "silent": True},
        recording_id=recording.id,
        media_s=0.0,
    )


def has_documents(session: Session, recording_id: str) -> bool:
    """Whether the recording has documents and the archive that they can be rendered from."""
    formats = _formats(session, recording_id)
    return hidden_formats.NOTES_ARCHIVE in formats and bool(formats - {*hidden_formats.ALL})


def is_current(session: Session, recording: Recording, title: str, transcript_sha256: str, slides_sha256: str, deck_sha256: str) -> bool:
    """Whether documents with this title, edited text, corrected slides and deck show the present ones.

    Text, slides and deck are given by their hashes; "" for those of the conversion, and for no deck.
    """
    if slides_sha256 != hash_of(published_plan(session, recording.id)):
        return False
    of_recording = select(Artifact.sha256).where(Artifact.recording_id == recording.id)
    published_sha256 = session.execute(of_recording.where(Artifact.format == hidden_formats.EDITED_TRANSCRIPT)).scalar_one_or_none()
    deck = session.execute(of_recording.where(Artifact.format == hidden_formats.DECK)).scalar_one_or_none()
    if deck_sha256 != (deck or ""):
        return False
    return (title == recording.title or not (recording.has_given_title and title)) and transcript_sha256 == (published_sha256 or "")


def published_plan(session: Session, recording_id: str) -> Plan | None:
    """Return the plan of corrected slides that documents were requested from; None for the slides of the conversion."""
    plain = session.execute(select(SlideDeck.published).where(SlideDeck.recording_id == recording_id)).scalar_one_or_none()
    return plan_from_plain(plain) if plain else None


def _formats(session: Session, recording_id: str) -> set[str]:
    return set(session.execute(select(Artifact.format).where(Artifact.recording_id == recording_id)).scalars())


def rename_downloads(session: Session, recording: Recording) -> None:
    """Name all documents after the title."""
    for artifact in session.execute(select(Artifact).where(Artifact.recording_id == recording.id)).scalars():
        artifact.filename = download_name(recording, PurePosixPath(artifact.storage_key).name.partition(".")[2])


def download_name(recording: Recording, extension: str) -> str:
    """Return the file name of a download, after the title."""
    return f"{keys.title_as_filename(recording.title)}.{extension}"


def load(claim: queue.Claim) -> JobDetails:
    """Read the archive, the edited text if there is one, and the current title of a claimed job's recording."""
    recording = current_session().get_one(Recording, claim.recording_id)
    files = {hidden_formats.NOTES_ARCHIVE: ARCHIVE_FILE, hidden_formats.EDITED_TRANSCRIPT: TRANSCRIPT_FILE, hidden_formats.DECK: DECK_FILE}
    query = select(Artifact).where(Artifact.recording_id == recording.id, Artifact.format.in_(files))
    rows = {row.format: row for row in current_session().execute(query).scalars()}
    if hidden_formats.NOTES_ARCHIVE not in rows:
        raise errors.NotFound("The archive of the notes was deleted.")
    inputs = [
        JobInput(files[name], row.storage_key, files[name], row.content_type, row.size_bytes, row.sha256) for name, row in rows.items()
    ]
    facts = recording_facts.facts_of(current_session(), recording)
    options = {**claim.options, "title": recording.title, **facts, "is_edited": hidden_formats.EDITED_TRANSCRIPT in rows}
    reference = reference_input.inputs_for(recording.user_id)
    inputs += reference
    options |= {"has_deck": hidden_formats.DECK in rows, reference_document.OPTION: bool(reference)}
    deck = current_session().get(SlideDeck, recording.id, populate_existing=True)
    if deck is not None and deck.published:
        options |= {"slide_plan": deck.published, "slide_fingerprint": deck.fingerprint}
    return JobDetails(options, recording.id, inputs, recording.duration_s)
