"""Edits of transcripts: they are planned from the current text without a lock, and written if nothing has changed meanwhile.

Aligning and encoding a long transcript takes seconds; the write lock is held for the statements alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy.orm import Session

import errors
from database import end_read, session, transaction
from models import Recording, Transcript
from services.accounts import Caller
from services.library import recordings
from services.operations import audit
from services.transcript_text.words import EditableSegment, IdCounter
from services.transcripts import journal, segments
from services.transcripts.errors import NoTranscript, RevisionConflict, TooManyWords
from services.transcripts.journal import Plan, Step

MAX_WORDS = 200_000
MAX_SEGMENTS = 20_000
MAX_LENGTH = 10 * MAX_WORDS  # characters of all segments
_MAX_CHANGED_SEGMENTS = 500  # in the error of a conflict
_MAX_ATTEMPTS = 5  # to write an edit that names no revision, while others edit the transcript
PlanT = TypeVar("PlanT")


@dataclass(frozen=True)
class Change:
    """The result of an edit: the new revision, its segments as they are now, and the ids of those that it removed."""

    revision: int
    segments: Sequence[EditableSegment]
    removed_ids: Sequence[int] = ()


@dataclass
class Draft:
    """An edit that is being planned. `revision`: that of the transcript; the ids that it takes are written with it.

    `before`, `after`: the segments that the edit names, also those that stay as they are.
    """

    session: Session
    recording_id: str
    duration_s: float
    revision: int
    segment_ids: IdCounter
    word_ids: IdCounter
    before: Sequence[EditableSegment] = ()
    after: Sequence[EditableSegment] = ()

    def find(self, segment_id: int) -> EditableSegment:
        return segments.find(self.session, self.recording_id, segment_id)

    def find_next(self, segment: EditableSegment) -> EditableSegment | None:
        return segments.find_next(self.session, self.recording_id, segment)

    def plan(
        self,
        action: str,
        before: Sequence[EditableSegment],
        after: Sequence[EditableSegment],
        states: Sequence[tuple[int, str, str]] = (),
    ) -> Plan | None:
        """Plan the change of the segments that differ; None if nothing does. `states`: see `journal.Step`. Raises TooManyWords."""
        self._check_length(before, after)
        self.before, self.after = before, after
        old, new = ({segment.id: segment for segment in side} for side in (before, after))
        old_segments = [segment for segment in before if new.get(segment.id) != segment]
        new_segments = [segment for segment in after if old.get(segment.id) != segment]
        if not (old_segments or new_segments or states):
            return None
        return journal.plan(self.recording_id, self.revision, Step(action, old_segments, new_segments, states))

    def plan_undo(self) -> Plan:
        """Plan to undo the newest edit. Raises NothingToUndo."""
        return self._with_result(journal.plan_undo(self.session, self.recording_id, self.revision))

    def plan_redo(self) -> Plan:
        """Plan to repeat the edit that was undone last. Raises NothingToRedo."""
        return self._with_result(journal.plan_redo(self.session, self.recording_id, self.revision))

    def change(self, revision: int) -> Change:
        """Return the result of the edit, which led to this revision."""
        ids_after = {segment.id for segment in self.after}
        return Change(revision, self.after, [segment.id for segment in self.before if segment.id not in ids_after])

    def _with_result(self, plan: Plan) -> Plan:
        self.before, self.after = plan.step.before, plan.step.after
        return plan

    def _check_length(self, before: Sequence[EditableSegment], after: Sequence[EditableSegment]) -> None:
        """Raise TooManyWords if the transcript would exceed its limits. An edit that shortens it is always allowed."""
        growth = _count_characters(after) - _count_characters(before)
        if growth > 0 and segments.count_characters(self.session, self.recording_id) + growth > MAX_LENGTH:
            raise TooManyWords(f"The limit is {MAX_LENGTH} characters.")
        new_segments = len(after) - len(before)
        if new_segments > 0 and segments.count(self.recording_id) + new_segments > MAX_SEGMENTS:
            raise TooManyWords(f"The limit is {MAX_SEGMENTS} segments.")


def run(
    caller: Caller,
    recording_id: str,
    revision: int | None,
    plan: Callable[[Draft], Plan | None],
    *,
    also: Callable[[Session, str], object] | None = None,
) -> Change:
    """Plan an edit of the caller and write it; plan it again if another edit came between and the caller names no revision.

    `also` writes more in the same transaction; it gets the id of the recording's owner. Raises NotFound and RevisionConflict.
    """
    for _ in range(_MAX_ATTEMPTS):
        end_read()
        recording = recordings.get_owned(caller, recording_id)
        transcript = _get(session(), recording_id, revision)
        start = state(transcript)
        draft = Draft(session(), recording_id, recording.duration_s, start[0], IdCounter(start[1]), IdCounter(start[2]))
        edit_plan = plan(draft)
        with transaction() as write_session:
            recording = recordings.get_locked(write_session, caller, recording_id)
            transcript = _get(write_session, recording_id, revision, for_update=True)
            if state(transcript) != start:
                continue
            if also is not None:
                also(write_session, recording.user_id)
            _write(write_session, caller, recording, transcript, draft, edit_plan)
            return draft.change(transcript.revision)
    raise RevisionConflict(start[0], ())


def write_unless_changed(plan: Callable[[], PlanT | None], write: Callable[[PlanT], bool]) -> PlanT | None:
    """Plan a job's change without a lock, and write it; plan it again while `write` returns False because an edit came between.

    Return what was written; None if there was nothing to plan. Raises TransientError while users edit the transcript too often.
    """
    for _ in range(_MAX_ATTEMPTS):
        end_read()
        result = plan()
        end_read()
        if result is None or write(result):
            return result
    raise errors.TransientError("The transcript is being edited.")


def _get(reading: Session, recording_id: str, revision: int | None, *, for_update: bool = False) -> Transcript:
    """Return the transcript. Raises NotFound, and RevisionConflict if it has another revision than this one."""
    transcript = reading.get(Transcript, recording_id, populate_existing=True, with_for_update=for_update or None)
    if transcript is None:
        raise NoTranscript
    if revision is not None and revision != transcript.revision:
        segment_ids = segments.ids_written_since(reading, recording_id, revision, _MAX_CHANGED_SEGMENTS)
        raise RevisionConflict(transcript.revision, segment_ids)
    return transcript


def state(transcript: Transcript) -> tuple[int, int, int]:
    """Return what every other change of the transcript changes: its revision, or the ids that are free."""
    return transcript.revision, transcript.next_segment_id, transcript.next_word_id


def _write(write_session: Session, caller: Caller, recording: Recording, transcript: Transcript, draft: Draft, plan: Plan | None) -> None:
    if plan is not None:
        journal.write(write_session, transcript, plan, caller.user_id)
    transcript.next_segment_id, transcript.next_word_id = draft.segment_ids.next, draft.word_ids.next
    audit.record_if_other_user(
        write_session, caller, recording.user_id, "transcript.edit", ("recording", recording.id), after={"revision": transcript.revision}
    )


def _count_characters(rows: Sequence[EditableSegment]) -> int:
    return sum(len(segment.text) for segment in rows)
