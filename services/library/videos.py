"""The library as viewers see it: recordings that their owners have published."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, and_, literal_column, or_, select, true

import errors
from database import session
from domain import ProcessingStatus, Visibility
from lib.large_counts import LargeCounts
from lib.paging import Page, Paging, fetch_page
from models import Recording, User
from services.accounts import ADMIN_ROLES, Caller, suspension
from services.library.filters import RecordingFilter, Sort, conditions_of, order_of
from services.library.video_cache import VideoCache
from services.projects import access

_IS_READY = and_(
    Recording.processing_status == ProcessingStatus.COMPLETED, Recording.hidden_at.is_(None), suspension.is_active(Recording.user_id)
)
_IS_LISTED = and_(  # in the words of the partial index: databases don't know that a parameter has the value of its condition
    Recording.visibility == literal_column(f"'{Visibility.PUBLIC}'"),
    Recording.processing_status == literal_column(f"'{ProcessingStatus.COMPLETED}'"),
    Recording.deleted_at.is_(None),
    Recording.hidden_at.is_(None),
    Recording.storage_key != literal_column("''"),
)
_COUNTS = LargeCounts()


@dataclass(frozen=True)
class Video:
    """A recording and the name of its owner."""

    recording: Recording
    owner_name: str


def list_public(filters: RecordingFilter, sort: Sort, paging: Paging) -> Page[Video]:
    """List public recordings that can be watched. The total of a long list may be half a minute old."""
    public = replace(filters, visibility=None, in_trash=False, state="")
    query = select(Recording).where(_IS_LISTED, suspension.is_active(Recording.user_id), *conditions_of(public))
    page = fetch_page(query.order_by(*order_of(sort)), paging, lambda rows: _COUNTS.count(rows, public))
    return Page(with_owners(page.rows), page.total)


def get_viewable(viewer: Caller | None, recording_id: str) -> Recording:
    """Return a recording that the viewer may watch: a public or unlisted one, their own, or one of their projects; admins may watch any.

    Raises NotFound, with the same message for a missing recording and for a private one of others.
    """
    recording = session().get(Recording, recording_id)
    if recording is None or not may_watch(viewer, recording):
        raise errors.NotFound("recording")
    return recording


def get(viewer: Caller | None, recording_id: str, cache: VideoCache) -> Video:
    """Return a recording that the viewer may watch, public and unlisted ones from the cache. Raises NotFound."""
    entry = cache.read(recording_id, lambda: _load_public(recording_id))
    return with_owners([get_viewable(viewer, recording_id)])[0] if entry is None else Video(*entry)


def _load_public(recording_id: str) -> tuple[Recording, str] | None:
    recording = session().get(Recording, recording_id)
    if recording is None or not may_watch(None, recording):
        return None
    return recording, with_owners([recording])[0].owner_name


def findable(viewer: Caller | None, recording_ids: Sequence[str]) -> Sequence[Video]:
    """Return those of these recordings that the viewer finds: public ones and their own; admins find all. In no order."""
    recordings = _existing(recording_ids)
    suspended_ids = _suspended_owners(recordings)
    return with_owners([each for each in recordings if _may_find(viewer, each, suspended_ids)])


def watchable(viewer: Caller | None, recording_ids: Sequence[str]) -> Sequence[Video]:
    """Return those of these recordings that the viewer may watch, unlisted ones included. In no order."""
    recordings = _existing(recording_ids)
    suspended_ids = _suspended_owners(recordings)
    return with_owners([each for each in recordings if _may_watch(viewer, each, suspended_ids)])


def _existing(recording_ids: Sequence[str]) -> Sequence[Recording]:
    query = select(Recording).where(Recording.id.in_(recording_ids), Recording.deleted_at.is_(None))
    return session().execute(query).scalars().all() if recording_ids else ()


def is_watchable(viewer: Caller | None) -> ColumnElement[bool]:
    """Return the condition that the viewer may watch a recording; see `get_viewable`."""
    visible = and_(_IS_READY, Recording.visibility != Visibility.PRIVATE)
    if viewer is not None:
        is_accessible = or_(Recording.user_id == viewer.user_id, access.shares_recording(viewer.user_id))
        visible = true() if viewer.is_admin else or_(visible, is_accessible)
    return and_(Recording.deleted_at.is_(None), visible)


def get_linked(recording_id: str, user_id: str) -> Recording:
    """Return the recording of a signed address that this user requested, "" for a visitor, if they may still watch it. Raises NotFound."""
    viewer = session().get(User, user_id) if user_id else None
    recording = session().get(Recording, recording_id)
    is_own = recording is not None and viewer is not None and (viewer.role in ADMIN_ROLES or viewer.id == recording.user_id)
    if recording is None or recording.deleted_at is not None:
        raise errors.NotFound("recording")
    if not (
        _is_visible(recording, is_own, _suspended_owners([recording])) or (viewer is not None and access.may_watch(viewer.id, recording))
    ):
        raise errors.NotFound("recording")
    return recording


def may_watch(viewer: Caller | None, recording: Recording) -> bool:
    """Return whether the viewer may watch a recording; see `get_viewable`."""
    return _may_watch(viewer, recording, _suspended_owners([recording]))


def is_shared(recording: Recording) -> bool:
    """Return whether links to a recording open it, independently of its visibility."""
    return recording.deleted_at is None and recording.hidden_at is None and not _suspended_owners([recording])


def _may_watch(viewer: Caller | None, recording: Recording, suspended_ids: Collection[str]) -> bool:
    is_own = viewer is not None and (viewer.is_admin or viewer.user_id == recording.user_id)
    if recording.deleted_at is not None:
        return False
    return _is_visible(recording, is_own, suspended_ids) or (viewer is not None and access.may_watch(viewer.user_id, recording))


def _may_find(viewer: Caller | None, recording: Recording, suspended_ids: Collection[str]) -> bool:
    is_own = viewer is not None and (viewer.is_admin or viewer.user_id == recording.user_id)
    is_ready = _is_ready(recording, suspended_ids) and recording.storage_key != ""
    return is_own or (is_ready and recording.visibility == Visibility.PUBLIC)


def _is_visible(recording: Recording, is_own: bool, suspended_ids: Collection[str]) -> bool:
    return is_own or (_is_ready(recording, suspended_ids) and recording.visibility != Visibility.PRIVATE)


def with_owners(recordings: Sequence[Recording]) -> Sequence[Video]:
    """Add the owners' names, in one query."""
    ids = {each.user_id for each in recordings}
    owners = session().execute(select(User).where(User.id.in_(ids))).scalars() if ids else ()
    names = {owner.id: owner_name(owner) for owner in owners}
    return [Video(each, names.get(each.user_id, "")) for each in recordings]


def owner_name(owner: User) -> str:
    """Return the name that others see."""
    return f"{owner.first_name} {owner.last_name}".strip() or owner.username or ""


def _is_ready(recording: Recording, suspended_ids: Collection[str]) -> bool:
    is_ready = recording.processing_status == ProcessingStatus.COMPLETED and recording.hidden_at is None
    return is_ready and recording.user_id not in suspended_ids


def _suspended_owners(recordings: Sequence[Recording]) -> set[str]:
    return suspension.suspended_among({each.user_id for each in recordings})
