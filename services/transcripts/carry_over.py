"""Corrections of a transcript after its recording's file was replaced: those whose words agree stay in the text and in the documents."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

import errors
from database import end_read, session, transaction
from domain import Segment
from lib.hashing import sha256_of
from models import Artifact, Transcript
from services.jobs.queue.recording_lock import lock_recording
from services.library import hidden_formats, object_deletion
from services.storage import Store, keys
from services.transcript_text import lines
from services.transcript_text.carrying import carry
from services.transcript_text.raw_version import number_words
from services.transcript_text.words import EditableSegment, IdCounter
from services.transcripts import publishing
from services.transcripts.journal import Step
from tables.columns import new_id


@dataclass(frozen=True)
class PreviousText:
    """The recognised text of the replaced file."""

    sha256: str
    segments: Sequence[Segment]


def read_previous(recording_id: str | None, store: Store) -> PreviousText | None:
    """Return the recognised text of the file that was replaced, if the recording's newest conversion is the first of its new file."""
    query = select(Artifact.storage_key, Artifact.sha256).where(
        Artifact.recording_id == recording_id, Artifact.format == hidden_formats.PREVIOUS_TRANSCRIPT
    )
    row = session().execute(query).one_or_none()
    end_read()
    if row is None:
        return None
    try:
        return PreviousText(row.sha256, tuple(lines.read(io.BytesIO(b"".join(store.read(row.storage_key))))[1]))
    except errors.NotFound:  # the recording was deleted
        return None


def assign_word_ids(previous: PreviousText | None, transcript: Transcript | None) -> tuple[EditableSegment, ...]:
    """Return the previous text with the ids that its words have in the transcript; nothing if that began with another text."""
    if previous is None or transcript is None or previous.sha256 != transcript.raw_sha256:
        return ()
    return number_words(previous.segments, (), IdCounter(1), IdCounter(transcript.raw_first_word_id)).segments


def plan_step(
    raw: Sequence[EditableSegment], before: Sequence[EditableSegment], current: Sequence[EditableSegment], ids: IdCounter
) -> Step | None:
    """Plan the step that carries the corrections of the previous text over to the current one. Return None if there are none.

    `raw`: the recognised text of the replaced file; `before`: the same text with its corrections.
    """
    pairs = [(old, new) for old, new in zip(current, carry(raw, before, current, ids), strict=True) if old != new]
    return Step("carry", [old for old, _ in pairs], [new for _, new in pairs]) if pairs else None


def publish(recording_id: str, store: Store) -> None:
    """Store the current text, which the documents are then rendered from."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "transcript.jsonl"
        revision = publishing.write_current_text(recording_id, file)
        size_bytes, sha256 = file.stat().st_size, sha256_of(file)
        key = keys.edited_transcript(recording_id, new_id())
        with transaction() as write_session:
            object_deletion.schedule(write_session, [key], after=object_deletion.UPLOAD_GRACE)
        store.put(file, key, lines.CONTENT_TYPE)
    with transaction() as write_session:
        if not lock_recording(write_session, recording_id):
            return
        transcript = write_session.get(Transcript, recording_id, populate_existing=True, with_for_update=True)
        if transcript is not None:
            hidden_formats.put(write_session, recording_id, hidden_formats.EDITED_TRANSCRIPT, key, size_bytes, sha256)
            transcript.documents_revision = revision
    object_deletion.try_run_due(store)
