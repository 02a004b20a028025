"""Take over the transcript of a finished conversion: a file in the store becomes rows."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

import errors
from database import session, transaction
from domain import FlaggedSegment, Segment
from models import Artifact, Transcript, TranscriptCorrection
from services.jobs import queue
from services.jobs.queue.recording_lock import lock_recording
from services.library import hidden_formats
from services.storage import Store
from services.transcript_text import lines
from services.transcript_text.raw_version import FlaggedWords, number_words
from services.transcript_text.words import IdCounter
from services.transcripts import carry_over, corrections, edits, journal, segments
from services.transcripts.journal import Step


@dataclass(frozen=True)
class _Plan:
    """The rows to write for a transcript in this state; `state` is None for a recording without a transcript."""

    state: tuple[int, int, int] | None
    raw_first_word_id: int
    new_rows: Sequence[dict[str, Any]]
    steps: Sequence[journal.Plan]
    flagged_words: Sequence[FlaggedWords]
    next_ids: tuple[int, int]
    has_carried_over: bool


@dataclass(frozen=True)
class _RawText:
    """The recognised text of the newest conversion, and that of the file which was replaced."""

    sha256: str
    header: lines.Header
    segments: Sequence[Segment]
    flagged_segments: Sequence[FlaggedSegment]
    previous: carry_over.PreviousText | None


def import_raw(claim: queue.Claim, store: Store) -> None:
    """Make the text that the recording's newest conversion recognised editable, unless it is the one that was recognised before.

    Another text replaces the current one, edits included; this is a step of the journal that can be undone. If the recording's file was
    replaced, edits of words that the new text has too are a second step. Both are planned without a lock, as in `edits`.
    """
    raw = session().execute(_artifact(claim.recording_id, hidden_formats.RAW_TRANSCRIPT)).one_or_none()
    transcript = session().get(Transcript, claim.recording_id, populate_existing=True)
    is_known = raw is not None and transcript is not None and transcript.raw_sha256 == raw.sha256
    previous = carry_over.read_previous(claim.recording_id, store)
    if is_known:
        _mark_documents(claim)
    if raw is None or is_known:
        return
    try:
        content = io.BytesIO(b"".join(store.read(raw.storage_key)))  # compact: 45 bytes a word
    except errors.NotFound:  # the recording was deleted
        return
    header, spoken_segments = lines.read(content)
    flagged_segments = tuple(lines.read_flagged(content.getvalue().splitlines()))
    text = _RawText(raw.sha256, header, tuple(spoken_segments), flagged_segments, previous)
    try:
        plan = edits.write_unless_changed(lambda: _plan(raw.recording_id, text), lambda plan: _write(claim, text, plan))
    except errors.NotFound:  # the recording was deleted
        return
    if plan is not None and plan.has_carried_over:
        carry_over.publish(raw.recording_id, store)


def _plan(recording_id: str, text: _RawText) -> _Plan:
    transcript = session().get(Transcript, recording_id, populate_existing=True)
    state = None if transcript is None else edits.state(transcript)
    revision, segment_id, word_id = state or (1, 1, 1)
    segment_ids, word_ids = IdCounter(segment_id), IdCounter(word_id)
    raw_version = number_words(text.segments, text.flagged_segments, segment_ids, word_ids)
    after = list(raw_version.with_empty_flagged_segments())
    new_rows, steps, carry = list[dict[str, Any]](), list[journal.Plan](), None
    if transcript is None:
        new_rows = list(segments.to_rows(recording_id, after, revision))
    else:
        before = list(segments.read(session(), recording_id))
        old_raw = carry_over.assign_word_ids(text.previous, transcript)
        steps.append(journal.plan(recording_id, revision, Step("conversion", before, after)))
        carry = carry_over.plan_step(old_raw, before, after, word_ids) if old_raw else None
    if carry is not None:
        steps.append(journal.plan(recording_id, revision + 1, carry))
    next_ids = (segment_ids.next, word_ids.next)
    return _Plan(state, word_id, new_rows, steps, raw_version.flagged_words, next_ids, carry is not None)


def _write(claim: queue.Claim, text: _RawText, plan: _Plan) -> bool:
    """Write the plan. Return False if the transcript has changed since; then nothing is written. Raises NotFound."""
    with transaction() as write_session:
        if not lock_recording(write_session, claim.recording_id):
            raise errors.NotFound("recording")
        transcript = write_session.get(Transcript, claim.recording_id, populate_existing=True, with_for_update=True)
        if plan.state != (None if transcript is None else edits.state(transcript)):
            return False
        if transcript is None:
            transcript = Transcript(recording_id=claim.recording_id, next_segment_id=1, next_word_id=1, revision=1, documents_revision=1)
            write_session.add(transcript)
            write_session.flush()
        transcript.language, transcript.source, transcript.engine = text.header.language, text.header.source, text.header.engine
        transcript.transcribe_prompt = claim.options.get("transcribe_prompt") or None
        transcript.raw_sha256, transcript.raw_first_word_id = text.sha256, plan.raw_first_word_id
        write_session.execute(delete(TranscriptCorrection).where(TranscriptCorrection.recording_id == transcript.recording_id))
        segments.replace_rows(write_session, transcript.recording_id, [], plan.new_rows)
        for step in plan.steps:
            journal.write(write_session, transcript, step, "")
        write_session.add_all(corrections.leave_out(transcript, each) for each in plan.flagged_words)
        transcript.next_segment_id, transcript.next_word_id = plan.next_ids
        transcript.documents_revision = 0 if plan.has_carried_over else transcript.revision  # those that the conversion has written
        _discard_published(write_session, transcript.recording_id)
    return True


def _discard_published(write_session: Session, recording_id: str) -> None:
    """Delete the stored texts that the new one replaces."""
    conditions = (Artifact.recording_id == recording_id, Artifact.format == hidden_formats.EDITED_TRANSCRIPT)
    artifact = write_session.execute(select(Artifact).where(*conditions)).scalar_one_or_none()
    if artifact is not None:
        hidden_formats.delete(write_session, artifact)
    hidden_formats.discard(write_session, recording_id, hidden_formats.PREVIOUS_TRANSCRIPT)


def _mark_documents(claim: queue.Claim) -> None:
    """The conversion has written documents without the edits. They are rendered again only if edits were published before."""
    with transaction() as session:
        lock_recording(session, claim.recording_id)
        transcript = session.get(Transcript, claim.recording_id, populate_existing=True, with_for_update=True)
        if transcript is not None and transcript.revision > 1 and not hidden_formats.has_edited_text(session, claim.recording_id):
            transcript.documents_revision = 0
        if transcript is not None:
            hidden_formats.discard(session, transcript.recording_id, hidden_formats.PREVIOUS_TRANSCRIPT)


def _artifact(recording_id: str | None, format_name: str) -> Select[str, str, str]:
    columns = (Artifact.storage_key, Artifact.sha256, Artifact.recording_id)
    return select(*columns).where(Artifact.recording_id == recording_id, Artifact.format == format_name)
