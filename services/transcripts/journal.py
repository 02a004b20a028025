"""The journal of a transcript: every change replaces some segments by others, and can be undone and redone.

A step stores the segments before and after it, as compressed JSON in Base64: backups are lines of JSON. Undoing a step exchanges them; a
new step deletes the undone ones.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.orm import Session

import errors
from lib.clock import now
from models import Transcript, TranscriptCorrection, TranscriptEdit
from services.transcript_text.words import EditableSegment, segment_from_plain, segment_to_plain
from services.transcripts import segments

MAX_STEPS = 500
MAX_BYTES = 64 * 2**20  # of the steps of one transcript; the newest one stays, whatever its size
_LARGE_STEP_BYTES = 2**16  # smaller ones need no sum: MAX_STEPS of them have 32 MiB


class NothingToUndo(errors.Conflict):
    """There is no edit to undo."""

    code = "nothing_to_undo"
    hint = f"The journal keeps the last {MAX_STEPS} edits, fewer of very long ones."


class NothingToRedo(errors.Conflict):
    """There is no undone edit to redo."""

    code = "nothing_to_redo"
    hint = "A new edit deletes those that were undone before it."


@dataclass(frozen=True)
class Step:
    """A change: `before` is replaced by `after`. `states`: corrections with their states before and after it."""

    action: str
    before: Sequence[EditableSegment]
    after: Sequence[EditableSegment]
    states: Sequence[tuple[int, str, str]] = ()


@dataclass(frozen=True)
class Plan:
    """A change with all that is to be written, so that the write lock is held for the statements alone.

    `entry_id`: the step of the journal that it undoes or repeats; None for a new step, whose `content` the journal stores.
    """

    step: Step
    rows: Sequence[dict[str, Any]]
    content: str = ""
    entry_id: int | None = None
    is_undone: bool = False


class Preparation:
    """A new step for a transcript of this revision whose corrections have no ids yet: `finish` takes them and is quick."""

    def __init__(self, recording_id: str, revision: int, step: Step) -> None:
        self._step, self._rows = step, _rows(recording_id, revision, step)
        self._compressor = zlib.compressobj(1)
        sides = [[segment_to_plain(segment) for segment in side] for side in (step.before, step.after)]
        self._compressed_prefix = self._compressor.compress(_to_json(sides)[:-1].encode())

    def finish(self, states: Sequence[tuple[int, str, str]]) -> Plan:
        """Return the plan of the step with these states of corrections. Call it once."""
        end = f",{_to_json([list(each) for each in states])}]".encode()
        content = self._compressed_prefix + self._compressor.compress(end) + self._compressor.flush()
        return Plan(replace(self._step, states=states), self._rows, base64.b64encode(content).decode())


def plan(recording_id: str, revision: int, step: Step) -> Plan:
    """Prepare a new step for a transcript of this revision."""
    return Preparation(recording_id, revision, step).finish(step.states)


def plan_undo(session: Session, recording_id: str, revision: int) -> Plan:
    """Prepare to undo the newest step that is not undone. Raises NothingToUndo."""
    edit = session.execute(_select_applied(recording_id).order_by(TranscriptEdit.id.desc()).limit(1)).scalar_one_or_none()
    if edit is None:
        raise NothingToUndo
    step = _unpack(edit)
    inverse = Step(step.action, step.after, step.before, [(number, after, before) for number, before, after in step.states])
    return Plan(inverse, _rows(recording_id, revision, inverse), entry_id=edit.id, is_undone=True)


def plan_redo(session: Session, recording_id: str, revision: int) -> Plan:
    """Prepare to repeat the oldest undone step. Raises NothingToRedo."""
    edit = session.execute(_select_undone(recording_id).order_by(TranscriptEdit.id).limit(1)).scalar_one_or_none()
    if edit is None:
        raise NothingToRedo
    step = _unpack(edit)
    return Plan(step, _rows(recording_id, revision, step), entry_id=edit.id)


def write(session: Session, transcript: Transcript, edit_plan: Plan, user_id: str) -> None:
    """Write a plan for the current revision: the segments, the states of corrections, and the journal."""
    recording_id = transcript.recording_id
    if edit_plan.entry_id is None:
        _add(session, recording_id, edit_plan, user_id)
    else:
        entry = update(TranscriptEdit).where(TranscriptEdit.id == edit_plan.entry_id)
        session.execute(entry.values(is_undone=edit_plan.is_undone))
    segments.replace_rows(session, recording_id, [segment.id for segment in edit_plan.step.before], edit_plan.rows)
    for correction_id, _, state in edit_plan.step.states:
        session.execute(update(TranscriptCorrection).where(TranscriptCorrection.id == correction_id).values(state=state))
    transcript.revision += 1
    transcript.updated_at = now()


def _add(session: Session, recording_id: str, edit_plan: Plan, user_id: str) -> None:
    """Add a step in place of the undone ones, and delete the oldest steps above the limits."""
    of_transcript = TranscriptEdit.recording_id == recording_id
    session.execute(delete(TranscriptEdit).where(of_transcript, TranscriptEdit.is_undone))
    session.add(TranscriptEdit(recording_id=recording_id, action=edit_plan.step.action, content=edit_plan.content, edited_by=user_id))
    session.flush()
    oldest = select(TranscriptEdit.id).where(of_transcript).order_by(TranscriptEdit.id.desc()).offset(MAX_STEPS).limit(1)
    session.execute(delete(TranscriptEdit).where(of_transcript, TranscriptEdit.id <= oldest.scalar_subquery()))
    if len(edit_plan.content) >= _LARGE_STEP_BYTES:
        _limit_bytes(session, recording_id)


def _limit_bytes(session: Session, recording_id: str) -> None:
    """Delete the oldest steps above MAX_BYTES."""
    sizes = select(TranscriptEdit.id, func.length(TranscriptEdit.content)).where(TranscriptEdit.recording_id == recording_id)
    (newest_id, total), *older = session.execute(sizes.order_by(TranscriptEdit.id.desc())).all()
    oldest_kept_id = newest_id
    for number, size in older:
        total += size
        if total > MAX_BYTES:
            break
        oldest_kept_id = number
    session.execute(delete(TranscriptEdit).where(TranscriptEdit.recording_id == recording_id, TranscriptEdit.id < oldest_kept_id))


def counts(session: Session, recording_id: str) -> tuple[int, int]:
    """Return how many steps can be undone and how many can be repeated."""
    query = select(TranscriptEdit.is_undone, func.count()).where(TranscriptEdit.recording_id == recording_id)
    numbers: dict[bool, int] = {bool(row[0]): row[1] for row in session.execute(query.group_by(TranscriptEdit.is_undone))}
    return numbers.get(False, 0), numbers.get(True, 0)


def _select_applied(recording_id: str) -> Select[TranscriptEdit]:
    return select(TranscriptEdit).where(TranscriptEdit.recording_id == recording_id, TranscriptEdit.is_undone.is_(False))


def _select_undone(recording_id: str) -> Select[TranscriptEdit]:
    return select(TranscriptEdit).where(TranscriptEdit.recording_id == recording_id, TranscriptEdit.is_undone)


def _rows(recording_id: str, revision: int, step: Step) -> Sequence[dict[str, Any]]:
    return list(segments.to_rows(recording_id, step.after, revision + 1))


def _to_json(plain: Any) -> str:
    return json.dumps(plain, separators=(",", ":"))


def _unpack(edit: TranscriptEdit) -> Step:
    before, after, states = json.loads(zlib.decompress(base64.b64decode(edit.content)))
    old, new = ([segment_from_plain(each) for each in side] for side in (before, after))
    return Step(edit.action, old, new, [(number, old_state, new_state) for number, old_state, new_state in states])
