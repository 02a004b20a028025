"""Corrections of proofreading: they are applied to the text at once or wait, and can be accepted or rejected, singly or all."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

import errors
from database import end_read, session, transaction
from lib.paging import Page, Paging, fetch_page
from models import Artifact, Transcript, TranscriptCorrection, TranscriptSegment
from services.accounts import Caller
from services.jobs import queue
from services.jobs.queue.recording_lock import lock_recording
from services.library import hidden_formats
from services.proofreading import Correction, read_corrections
from services.storage import Store
from services.transcript_text.corrections import correct
from services.transcript_text.raw_version import FlaggedWords
from services.transcript_text.words import EditableSegment, EditableWord, IdCounter, text_of, word_to_plain, words_from_plain
from services.transcripts import edits, glossary, journal, reading, segments
from services.transcripts.edits import Change, Draft
from services.transcripts.journal import Plan, Step

PROPOSED, OPEN, ACCEPTED, REJECTED = "proposed", "open", "accepted", "rejected"
SPEECH = "speech"  # the source of corrections that remove words that were probably not spoken
IN_TEXT = (OPEN, ACCEPTED)  # states of corrections that the text contains
_NOT_REVIEWED = (PROPOSED, OPEN)


class TextChangedSince(errors.Conflict):
    """The corrected text was edited since."""

    code = "text_changed_since"
    hint = "Edit the segment instead."


def list_page(caller: Caller, recording_id: str, paging: Paging, *, state: str = "") -> Page[TranscriptCorrection]:
    """List corrections in the order of the text. Raises NotFound."""
    reading.get(caller, recording_id)
    query = select(TranscriptCorrection).where(TranscriptCorrection.recording_id == recording_id)
    if state:
        query = query.where(TranscriptCorrection.state == state)
    return fetch_page(query.order_by(TranscriptCorrection.start_s, TranscriptCorrection.id), paging)


def decide(
    caller: Caller,
    recording_id: str,
    correction_id: int,
    decision: Literal["accepted", "rejected"],
    revision: int | None,
    *,
    add_to_glossary: bool = False,
) -> Change:
    """Accept or reject a correction, also one that was decided before. Raises NotFound, RevisionConflict and TextChangedSince."""

    def plan(draft: Draft) -> Plan | None:
        row = draft.session.get(TranscriptCorrection, correction_id)
        if row is None or row.recording_id != recording_id:
            raise errors.NotFound("correction")
        return _decide(draft, [row], decision)

    def remember(write_session: Session, owner_id: str) -> None:
        row = write_session.get_one(TranscriptCorrection, correction_id)
        glossary.add(write_session, owner_id, row.after, [row.before])

    return edits.run(caller, recording_id, revision, plan, also=remember if add_to_glossary else None)


def decide_all(caller: Caller, recording_id: str, decision: Literal["accepted", "rejected"], revision: int | None) -> Change:
    """Decide all corrections that were not reviewed, except those whose text was edited since. Raises NotFound and RevisionConflict."""

    def plan(draft: Draft) -> Plan | None:
        of_transcript = select(TranscriptCorrection).where(TranscriptCorrection.recording_id == recording_id)
        if decision == REJECTED:  # not the words of speech recognition that were left out: those are restored one by one
            of_transcript = of_transcript.where(TranscriptCorrection.source != SPEECH)
        query = of_transcript.where(TranscriptCorrection.state.in_(_NOT_REVIEWED)).order_by(TranscriptCorrection.id)
        return _decide(draft, draft.session.execute(query).scalars().all(), decision, skip_changed=True)

    return edits.run(caller, recording_id, revision, plan)


def import_new(claim: queue.Claim, store: Store) -> None:
    """Apply the corrections that this job has published, or propose them. Those whose words were edited meanwhile are left out."""
    query = select(Artifact.storage_key).where(
        Artifact.recording_id == claim.recording_id, Artifact.format == hidden_formats.CORRECTIONS, Artifact.job_id == claim.job_id
    )
    key = session().execute(query).scalar_one_or_none()
    end_read()
    if key is None:
        return
    try:
        corrections = list(read_corrections(io.BytesIO(b"".join(store.read(key)))))
    except errors.NotFound:  # the recording was deleted
        return
    edits.write_unless_changed(lambda: _plan(claim.recording_id, corrections), lambda plan: _write(claim, plan))


@dataclass(frozen=True)
class _Plan:
    """The changes by corrections in this state of the transcript. `rows`: those whose words still exist; `step`: their edit of the text."""

    state: tuple[int, int, int]
    rows: Sequence[TranscriptCorrection]
    step: journal.Preparation | None
    next_word_id: int
    has_corrections: bool


def _plan(recording_id: str | None, corrections: Sequence[Correction]) -> _Plan | None:
    """Plan to apply or to propose the corrections, without a lock, as in `edits`. None if there is no transcript."""
    transcript = session().get(Transcript, recording_id, populate_existing=True)
    if transcript is None:
        return None
    state, current_segments = edits.state(transcript), list(segments.read(session(), transcript.recording_id))
    by_first_word = {_word_ids(transcript, each)[0]: each for each in corrections}
    ids = IdCounter(transcript.next_word_id)
    before, after, rows = [], [], list[TranscriptCorrection]()
    for segment in current_segments:
        words = list(segment.words)
        for index in reversed(range(len(words))):
            correction = by_first_word.get(words[index].id)
            if correction is None:
                continue
            end = index + correction.last - correction.first + 1
            old = tuple(words[index:end])
            if [word.id for word in old] == _word_ids(transcript, correction) and text_of(old) == correction.before:
                new = correct(old, correction.after, ids, correction.runs)
                if new != old:
                    words[index:end] = new
                    rows.append(_row(transcript, correction, old, new))
        if tuple(words) != segment.words:
            before.append(segment)
            after.append(replace(segment, words=tuple(words)))
    step = journal.Preparation(transcript.recording_id, transcript.revision, Step("proofread", before, after)) if before else None
    return _Plan(state, rows if before else (), step, ids.next, bool(corrections))


def _write(claim: queue.Claim, plan: _Plan) -> bool:
    """Write the plan. Return False if the transcript has changed since; then nothing is written."""
    with transaction() as write_session:
        lock_recording(write_session, claim.recording_id)
        transcript = write_session.get(Transcript, claim.recording_id, populate_existing=True, with_for_update=True)
        if transcript is None:
            return True
        if edits.state(transcript) != plan.state:
            return False
        was_current = transcript.documents_revision == transcript.revision and not hidden_formats.has_edited_text(
            write_session, transcript.recording_id
        )
        transcript.proofread_prompt = claim.options.get("proofread_prompt") or None
        _add(write_session, transcript, plan, PROPOSED if claim.options.get("review_first") else OPEN)
        if was_current and claim.options.get("proofread", "off") != "off":
            transcript.documents_revision = transcript.revision  # this conversion has written its documents from them
    return True


def _add(session: Session, transcript: Transcript, plan: _Plan, state: str) -> None:
    """Store the corrections; proposed ones leave the text as it is."""
    if plan.has_corrections and state == PROPOSED:  # a later proofreading replaces what the one before proposed
        of_transcript = TranscriptCorrection.recording_id == transcript.recording_id
        session.execute(delete(TranscriptCorrection).where(of_transcript, TranscriptCorrection.state == PROPOSED))
    if plan.step is None:
        return
    for row in plan.rows:
        row.state = state
    session.add_all(plan.rows)
    transcript.next_word_id = plan.next_word_id
    session.flush()
    if state != PROPOSED:
        journal.write(session, transcript, plan.step.finish([(row.id, REJECTED, OPEN) for row in plan.rows]), "")


def leave_out(transcript: Transcript, flagged_words: FlaggedWords) -> TranscriptCorrection:
    """Return the correction that leaves out what was recognised where probably nobody speaks; rejecting it restores the words."""
    words = flagged_words.segment.words
    correction = Correction(0, len(words) - 1, text_of(words), "", flagged_words.reason, SPEECH)
    return _row(transcript, correction, words, ())


def _word_ids(transcript: Transcript, correction: Correction) -> list[int]:
    """Return the ids of the words; those of the recognised text follow from their numbers."""
    first = transcript.raw_first_word_id
    return list(correction.word_ids or range(first + correction.first, first + correction.last + 1))


def _row(
    transcript: Transcript, correction: Correction, before: Sequence[EditableWord], after: Sequence[EditableWord]
) -> TranscriptCorrection:
    return TranscriptCorrection(
        recording_id=transcript.recording_id,
        state=OPEN,
        source=correction.source,
        reason=correction.reason,
        start_s=before[0].start_s,
        before=correction.before,
        after=correction.after,
        before_words=[word_to_plain(word) for word in before],
        after_words=[word_to_plain(word) for word in after],
    )


def _decide(draft: Draft, rows: Iterable[TranscriptCorrection], decision: str, *, skip_changed: bool = False) -> Plan | None:
    """Plan to bring the text into the state of the decision."""
    new_segments: dict[int, EditableSegment] = {}
    originals: dict[int, EditableSegment] = {}
    states: list[tuple[int, str, str]] = []
    for row in rows:
        if row.state == decision:
            continue
        is_in_text = row.state in IN_TEXT
        if is_in_text == (decision == ACCEPTED):
            states.append((row.id, row.state, decision))
            continue
        old, new = (row.after_words, row.before_words) if is_in_text else (row.before_words, row.after_words)
        segments_pair = _exchange(draft, row.start_s, words_from_plain(old), words_from_plain(new), new_segments)
        if segments_pair is None and skip_changed:
            continue
        if segments_pair is None:
            raise TextChangedSince
        before, after = segments_pair
        originals.setdefault(before.id, before)
        new_segments[after.id] = after
        states.append((row.id, row.state, decision))
    return draft.plan(decision, list(originals.values()), [new_segments[number] for number in originals], states)


def _exchange(
    draft: Draft, start_s: float, old: Sequence[EditableWord], new: Sequence[EditableWord], new_segments: dict[int, EditableSegment]
) -> tuple[EditableSegment, EditableSegment] | None:
    """Find these words near a time; return their segment as it is, and with other words in their place. None if they are not there."""
    is_near = (TranscriptSegment.start_s <= start_s + 0.01, TranscriptSegment.end_s >= start_s - 0.01)
    for row in segments.read(draft.session, draft.recording_id, *is_near):
        segment = new_segments.get(row.id, row)
        index = _index(segment, old, start_s)
        if index is not None:
            words = (*segment.words[:index], *new, *segment.words[index + len(old) :])
            return segment, replace(segment, words=words)
    return None


def _index(segment: EditableSegment, old: Sequence[EditableWord], start_s: float) -> int | None:
    """Return the index of these words in a segment; for no words, the index of the first word that starts later."""
    words = segment.words
    if not old:
        return next((index for index, word in enumerate(words) if word.start_s > start_s), len(words))
    starts = (index for index, word in enumerate(words) if word.id == old[0].id)
    index = next(starts, None)
    is_there = index is not None and [(word.id, word.text) for word in words[index : index + len(old)]] == [
        (word.id, word.text) for word in old
    ]
    return index if is_there else None
