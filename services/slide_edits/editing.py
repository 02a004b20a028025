"""Add, undo and redo slide edits. Each edit is a row of the journal with one change of the plan, which is the list of corrected slides.

The journal begins with the slides of the newest conversion. Another conversion with other slides begins a new one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property

from pydantic import TypeAdapter
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

import errors
from database import end_read, session, transaction
from models import Artifact, SlideDeck, SlideEdit
from services.accounts import Caller
from services.library import hidden_formats, notes_archive, recordings
from services.library.notes_archive import ArchivedSlide, SlideIndex
from services.operations import audit
from services.slide_edits.errors import NothingToRedo, NothingToUndo, SlidesChanged, TooManySlideEdits
from services.slide_plan.changes import Change
from services.slide_plan.plan import Plan, base_plan, fingerprint, hash_of, plan_from_plain, plan_to_plain, with_titles
from services.storage import Store

MAX_EDITS = 1000
_SNAPSHOT_EVERY = 20  # edits: undoing repeats at most so many
_MAX_ATTEMPTS = 5  # to edit slides that others are editing
_CHANGES: TypeAdapter[Change] = TypeAdapter(Change)


@dataclass(frozen=True)
class SlideState:
    """The slides as they are corrected. `detected_slides` has the pictures; `version` names the archive that they come from.

    `undo_steps` and `redo_steps`: how many edits can be undone and redone.
    """

    revision: int
    plan: Plan
    detected_slides: SlideIndex
    version: str
    undo_steps: int
    redo_steps: int
    documents_are_current: bool

    def source(self, number: int) -> ArchivedSlide | None:
        return self._sources.get(number)

    @cached_property
    def _sources(self) -> dict[int, ArchivedSlide]:
        return {slide.number: slide for slide in self.detected_slides.slides}


def read(caller: Caller, recording_id: str, store: Store) -> SlideState:
    """Return the corrected slides. Raises NotFound, also for a recording without slides."""
    recordings.get_owned(caller, recording_id)
    slide_index, version = _load_detected(recording_id, store)
    return _state(session(), recording_id, slide_index, version)


def add(caller: Caller, recording_id: str, change: Change, revision: int | None, store: Store) -> SlideState:
    """Add an edit with this change to the journal. Raises NotFound, SlidesChanged, SlideChangeRefused and TooManySlideEdits."""
    recordings.get_owned(caller, recording_id)
    slide_index, version = _load_detected(recording_id, store)
    builds = {slide.number: len(slide.builds) for slide in slide_index.slides}
    for _ in range(_MAX_ATTEMPTS):
        before = _state(session(), recording_id, slide_index, version)
        end_read()
        if revision is not None and revision != before.revision:
            break
        change.check_pictures(before.plan, builds)
        plan = change.apply(before.plan)
        if plan != before.plan and before.undo_steps >= MAX_EDITS:
            raise TooManySlideEdits
        plain = plan_to_plain(plan)
        with transaction() as write_session:
            deck = _lock_deck(write_session, caller, recording_id, slide_index)
            if deck.revision != before.revision:
                continue
            if plan != before.plan:
                write_session.execute(delete(SlideEdit).where(SlideEdit.recording_id == recording_id, SlideEdit.is_undone))
                edit = SlideEdit(recording_id=recording_id, change=change.model_dump(mode="json"), edited_by=caller.user_id)
                if (before.undo_steps + 1) % _SNAPSHOT_EVERY == 0:
                    edit.snapshot = json.dumps(plain, separators=(",", ":"))
                write_session.add(edit)
                deck.present = plain
                deck.revision += 1
                write_session.flush()
            return _state(write_session, recording_id, slide_index, version)
    raise SlidesChanged(before.revision)


def step(caller: Caller, recording_id: str, *, is_redo: bool, revision: int | None, store: Store) -> SlideState:
    """Undo the newest edit, or redo the one that was undone last. Raises NothingToUndo, NothingToRedo and SlidesChanged."""
    recordings.get_owned(caller, recording_id)
    slide_index, version = _load_detected(recording_id, store)
    for _ in range(_MAX_ATTEMPTS):
        before = _state(session(), recording_id, slide_index, version)
        if revision is not None and revision != before.revision:
            break
        if not (before.redo_steps if is_redo else before.undo_steps):
            raise NothingToRedo if is_redo else NothingToUndo
        edit_id, plan = _plan_redo(recording_id, before.plan) if is_redo else _plan_undo(recording_id, base_of(slide_index))
        end_read()
        plain = plan_to_plain(plan)
        with transaction() as write_session:
            deck = _lock_deck(write_session, caller, recording_id, slide_index)
            if deck.revision != before.revision:
                continue
            write_session.get_one(SlideEdit, edit_id).is_undone = not is_redo
            deck.present = plain
            deck.revision += 1
            write_session.flush()
            return _state(write_session, recording_id, slide_index, version)
    raise SlidesChanged(before.revision)


def _load_detected(recording_id: str, store: Store) -> tuple[SlideIndex, str]:
    """Return the slides of the newest conversion and the version of their archive."""
    of_archive = select(Artifact).where(Artifact.recording_id == recording_id, Artifact.format == hidden_formats.NOTES_ARCHIVE)
    archive = session().execute(of_archive).scalar_one_or_none()
    key, version = (archive.storage_key, archive.sha256[:16]) if archive is not None else ("", "")
    end_read()
    index = notes_archive.read_index(store, key)[0] if key else SlideIndex(0.0, ())
    if not index.slides:
        raise errors.NotFound("This recording has no slides.", hint="They are there once a video has been converted.")
    return index, version


def base_of(index: SlideIndex) -> Plan:
    return base_plan((slide.number, slide.title, slide.visits) for slide in index.slides)


def _lock_deck(session: Session, caller: Caller, recording_id: str, slide_index: SlideIndex) -> SlideDeck:
    """Return the deck of these slides; a new one replaces that of other slides."""
    recording = recordings.get_locked(session, caller, recording_id)
    base = base_of(slide_index)
    deck = session.get(SlideDeck, recording_id, populate_existing=True, with_for_update=True)
    if deck is not None and deck.fingerprint != fingerprint(base):
        session.delete(deck)
        session.flush()
        deck = None
    if deck is None:
        plain = plan_to_plain(base)
        deck = SlideDeck(recording_id=recording_id, fingerprint=fingerprint(base), base=plain, present=plain, published=[])
        session.add(deck)
        session.flush()
    audit.record_if_other_user(
        session, caller, recording.user_id, "slides.edit", ("recording", recording_id), after={"revision": deck.revision}
    )
    return deck


def _plan_redo(recording_id: str, plan: Plan) -> tuple[int, Plan]:
    """Return the id of the edit that was undone last, and the plan with it."""
    undone = select(SlideEdit.id, SlideEdit.change).where(SlideEdit.recording_id == recording_id, SlideEdit.is_undone)
    edit_id, change = session().execute(undone.order_by(SlideEdit.id).limit(1)).one()
    return edit_id, _CHANGES.validate_python(change).apply(plan)


def _plan_undo(recording_id: str, base: Plan) -> tuple[int, Plan]:
    """Return the id of the newest edit in force, and the plan without it: the edits since the last snapshot before it are applied again."""
    in_force = (SlideEdit.recording_id == recording_id, ~SlideEdit.is_undone)
    newest = session().execute(select(func.max(SlideEdit.id)).where(*in_force)).scalar_one()
    with_snapshot = select(SlideEdit.id, SlideEdit.snapshot).where(*in_force, SlideEdit.id < newest, SlideEdit.snapshot.is_not(None))
    row = session().execute(with_snapshot.order_by(SlideEdit.id.desc()).limit(1)).one_or_none()
    start, plan = (0, base) if row is None else (row[0], plan_from_plain(json.loads(row[1] or "[]")))
    query = select(SlideEdit.change).where(*in_force, SlideEdit.id > start, SlideEdit.id < newest)
    for change in session().execute(query.order_by(SlideEdit.id)).scalars():
        plan = _CHANGES.validate_python(change).apply(plan)
    return newest, plan


def _state(session: Session, recording_id: str, slide_index: SlideIndex, version: str) -> SlideState:
    base = base_of(slide_index)
    deck = session.get(SlideDeck, recording_id)
    if deck is None or deck.fingerprint != fingerprint(base):
        return SlideState(1, base, slide_index, version, 0, 0, documents_are_current=True)
    titles = {slide.number: slide.title for slide in slide_index.slides}
    plan = with_titles(plan_from_plain(deck.present), titles)
    steps = select(SlideEdit.is_undone, func.count()).where(SlideEdit.recording_id == recording_id).group_by(SlideEdit.is_undone)
    counts: dict[bool, int] = {bool(row[0]): row[1] for row in session.execute(steps)}
    published_plan = with_titles(plan_from_plain(deck.published), titles) if deck.published else base
    return SlideState(
        deck.revision, plan, slide_index, version, counts.get(False, 0), counts.get(True, 0), hash_of(plan) == hash_of(published_plan)
    )
