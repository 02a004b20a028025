"""Artifacts that are not documents for users: later jobs read them, or the page shows them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Artifact
from services.library import object_deletion
from services.media.ladder import MAX_RUNGS

NOTES_ARCHIVE = "notes"
EDITED_NOTES = "edited_notes"  # the same with the corrected slides
RAW_TRANSCRIPT = "raw_transcript"  # as it was recognised, JSON lines
PREVIOUS_TRANSCRIPT = "previous_raw"  # that of a file that was replaced, from which corrections are carried over, JSON lines
EDITED_TRANSCRIPT = "edited_transcript"  # the newest text that documents were requested from, JSON lines
CORRECTIONS = "corrections"  # those of the newest proofreading, JSON lines
PROOFREAD_INPUT = "proofread_input"  # the text that is being proofread, JSON lines with the ids of the words
OWN_TEXT = "own_text"  # a text without times that the recording is aligned with
DECK = "deck"  # the deck that the lecture was given with: PPTX or PDF
LESSON_SLIDES = "lesson_slides"  # the slides of a lesson as its script has them, tar
POSTER = "poster"  # the picture of a recording or a lesson, JPEG
STREAM_INDEX = "stream_index"  # the playlists of the streams, JSON
STREAM_MEDIA = tuple(f"stream_{number}" for number in range(MAX_RUNGS + 1))  # one file per rendition, the last one the sound
SPRITE = "sprite"  # a sheet of thumbnails, JPEG
STREAMS = (STREAM_INDEX, *STREAM_MEDIA, SPRITE)
ALL = (
    NOTES_ARCHIVE,
    EDITED_NOTES,
    RAW_TRANSCRIPT,
    PREVIOUS_TRANSCRIPT,
    EDITED_TRANSCRIPT,
    CORRECTIONS,
    PROOFREAD_INPUT,
    OWN_TEXT,
    DECK,
    LESSON_SLIDES,
    POSTER,
    *STREAMS,
)
_PICTURE = ("jpg", "image/jpeg")
_TYPES = {
    POSTER: _PICTURE,
    SPRITE: _PICTURE,
    LESSON_SLIDES: ("slides.tar", "application/x-tar"),
    STREAM_INDEX: ("json", "application/json"),
    **dict.fromkeys(STREAM_MEDIA, ("mp4", "video/mp4")),
}
_DEFAULT_TYPE = ("jsonl", "application/jsonl")


def put(session: Session, recording_id: str, format_name: str, storage_key: str, size_bytes: int, sha256: str, job_id: str = "") -> None:
    """Name a stored object as the recording's newest artifact of this format, and delete the one before.

    A file that was sent again, with the same content and without a job, keeps the first object: a running job may be reading it.
    """
    of_format = select(Artifact).where(Artifact.recording_id == recording_id, Artifact.format == format_name)
    row = session.execute(of_format).scalar_one_or_none()
    if row is not None and not job_id and row.sha256 == sha256 and row.storage_key != storage_key:
        object_deletion.schedule(session, [storage_key])
        return
    object_deletion.cancel(session, [storage_key])
    if row is not None and row.storage_key != storage_key:
        delete(session, row)
        row = None
    if row is None:
        extension, content_type = _TYPES.get(format_name, _DEFAULT_TYPE)
        name = {"filename": f"{format_name}.{extension}", "format": format_name, "content_type": content_type}
        row = Artifact(recording_id=recording_id, storage_key=storage_key, job_id=job_id, size_bytes=size_bytes, sha256=sha256, **name)
        session.add(row)
    row.job_id = job_id
    session.flush()


def shown_notes(session: Session, recording_id: str) -> Artifact | None:
    """Return the archive with the slides that the documents show: the corrected one, else that of the conversion."""
    archives = select(Artifact).where(Artifact.recording_id == recording_id, Artifact.format.in_((EDITED_NOTES, NOTES_ARCHIVE)))
    rows = {row.format: row for row in session.execute(archives).scalars()}
    return rows.get(EDITED_NOTES) or rows.get(NOTES_ARCHIVE)


def discard(session: Session, recording_id: str, format_name: str) -> None:
    """Delete the recording's artifact of this format, if there is one."""
    row = session.execute(
        select(Artifact).where(Artifact.recording_id == recording_id, Artifact.format == format_name)
    ).scalar_one_or_none()
    if row is not None:
        delete(session, row)


def has_edited_text(session: Session, recording_id: str | None) -> bool:
    """Whether documents were requested from an edited text, which later conversions then show too."""
    query = select(Artifact.id).where(Artifact.recording_id == recording_id, Artifact.format == EDITED_TRANSCRIPT)
    return session.execute(query).first() is not None


def delete(session: Session, artifact: Artifact) -> None:
    """Delete the row, and schedule the deletion of its object."""
    object_deletion.schedule(session, [artifact.storage_key])
    session.delete(artifact)
    session.flush()
