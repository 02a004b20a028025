"""Take over the transcript of a finished conversion: a file in the store becomes rows."""

from __future__ import annotations

import io
from collections.abc import Iterator

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

import errors
from database import session, transaction
from models import Artifact, Transcript, TranscriptCorrection
from services.jobs import queue
from services.jobs.queue.recording_lock import lock_recording
from services.library import hidden_formats
from services.storage import Store
from services.transcript_text import lines
from services.transcript_text.raw_version import number_words
from services.transcript_text.words import EditableSegment, IdCounter
from services.transcripts import carried, corrections, journal, segments
from services.transcripts.journal import Step


def import_raw(claim: queue.Claim, store: Store) -> None:
    """Make the text that the recording's newest conversion recognised editable, unless it is the one that was recognised before.

    Another text replaces the present one, edits included; this is a step of the journal that can be undone. If the recording's file was
    replaced, edits of words that the new text has too are a second step.
    """
    raw = session().execute(_artifact(claim.recording_id, hidden_formats.RAW_TRANSCRIPT)).one_or_none()
    known = session().get(Transcript, claim.recording_id, populate_existing=True)
    is_known = raw is not None and known is not None and known.raw_sha256 == raw.sha256
    previous = carried.read_previous(claim.recording_id, store)
    if is_known:
        _mark_documents(claim)
    if raw is None or is_known:
        return
    try:
        content = io.BytesIO(b"".join(store.read(raw.storage_key)))  # compact: 45 bytes a word
    except errors.NotFound:  # the recording was deleted
        return
    header, spoken = lines.read(content)
    flagged = tuple(lines.read_flagged(content.getvalue().splitlines()))
    with transaction() as write_session:
        if not lock_recording(write_session, claim.recording_id):
            return
        transcript = write_session.get(Transcript, claim.recording_id, populate_existing=True, with_for_update=True)
        is_new = transcript is None
        if transcript is None:
            transcript = Transcript(recording_id=claim.recording_id, next_segment_id=1, next_word_id=1, revision=1, documents_revision=1)
            write_session.add(transcript)
            write_session.flush()
        old_raw = carried.assign_word_ids(previous, transcript)
        corrected = list(segments.read(write_session, transcript.recording_id)) if old_raw else []
        transcript.language, transcript.source, transcript.engine = header.language, header.source, header.engine
        transcript.transcribe_prompt = claim.options.get("transcribe_prompt") or None
        transcript.raw_sha256, transcript.raw_first_word_id = raw.sha256, transcript.next_word_id
        segment_ids, word_ids = IdCounter(transcript.next_segment_id), IdCounter(transcript.next_word_id)
        raw_version = number_words(spoken, flagged, segment_ids, word_ids)
        _store(write_session, transcript, raw_version.with_places(), is_new=is_new)
        write_session.add_all(corrections.leave_out(transcript, each) for each in raw_version.flagged)
        has_carried = bool(old_raw) and carried.apply(write_session, transcript, old_raw, corrected, word_ids)
        transcript.next_segment_id, transcript.next_word_id = segment_ids.next, word_ids.next
        transcript.documents_revision = 0 if has_carried else transcript.revision  # those that the conversion has written
        published = write_session.execute(
            select(Artifact).where(Artifact.recording_id == claim.recording_id, Artifact.format == hidden_formats.EDITED_TRANSCRIPT)
        ).scalar_one_or_none()
        if published is not None:
            hidden_formats.delete(write_session, published)
        hidden_formats.discard(write_session, transcript.recording_id, hidden_formats.PREVIOUS_TRANSCRIPT)
    if has_carried:
        carried.publish(raw.recording_id, store)


def _mark_documents(claim: queue.Claim) -> None:
    """The conversion has written documents without the edits. They are rendered again only if edits were published before."""
    with transaction() as session:
        lock_recording(session, claim.recording_id)
        transcript = session.get(Transcript, claim.recording_id, populate_existing=True, with_for_update=True)
        if transcript is not None and transcript.revision > 1 and not hidden_formats.has_edited_text(session, claim.recording_id):
            transcript.documents_revision = 0
        if transcript is not None:
            hidden_formats.discard(session, transcript.recording_id, hidden_formats.PREVIOUS_TRANSCRIPT)


def _store(session: Session, transcript: Transcript, after: Iterator[EditableSegment], *, is_new: bool) -> None:
    if is_new:
        segments.replace(session, transcript.recording_id, [], after, transcript.revision)
        return
    session.execute(delete(TranscriptCorrection).where(TranscriptCorrection.recording_id == transcript.recording_id))
    before = list(segments.read(session, transcript.recording_id))
    journal.apply(session, transcript, Step("conversion", before, list(after)), "")


def _artifact(recording_id: str | None, format_name: str) -> Select[str, str, str]:
    columns = (Artifact.storage_key, Artifact.sha256, Artifact.recording_id)
    return select(*columns).where(Artifact.recording_id == recording_id, Artifact.format == format_name)
