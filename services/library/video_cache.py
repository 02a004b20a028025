"""The metadata of public and unlisted recordings, cached in Redis for an hour. Changes are noticed wherever objects are written.

Code that changes rows without loading them calls `forget_after_commit`, or notifies OWNER_CHANGED.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Collection
from typing import Any

from sqlalchemy import event, inspect, select
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapper

from database import end_read, notify_after_commit, session
from lib.shared_cache import SharedCache
from models import Recording, User
from services.accounts.topics import OWNER_CHANGED

CHANGED = "recordings_changed"  # after the commit, with the ids of recordings
_COLUMNS = (
    *("id", "user_id", "title", "description", "tags", "visibility", "processing_status", "language", "chapters", "duration_s"),
    *("media", "view_count", "like_count", "comments_allowed", "storage_key", "upload_key"),
)
_OWNER_COLUMNS = ("first_name", "last_name", "username", "status")
_ID_LENGTH = 36


class VideoCache:
    """`cache`: None reads the database always, like a `lifetime_s` of 0 (seconds)."""

    def __init__(self, cache: SharedCache | None, lifetime_s: Callable[[], int]) -> None:
        self._cache, self._lifetime_s = cache, lifetime_s

    def read(self, recording_id: str, load: Callable[[], tuple[Recording, str] | None]) -> tuple[Recording, str] | None:
        """Return a recording and its owner's name from the cache, or what `load` reads from the database; None if it has to be read there.

        A cached recording has only the columns that viewers see, and belongs to no session. `load` returns None for a private
        recording.
        """
        lifetime_s = self._lifetime_s()
        if self._cache is None or lifetime_s <= 0 or len(recording_id) != _ID_LENGTH:
            return None
        entries: list[tuple[Recording, str]] = []

        def load_text() -> str | None:
            end_read()  # what this request has read before may be older than the lease
            entry = load()
            if entry is None:
                return None
            entries.append(entry)
            return _to_text(*entry)

        text = self._cache.read(recording_id, lifetime_s, load_text)
        if entries:
            return entries[0]
        return None if text is None else _from_text(text)

    def forget(self, recording_ids: Collection[str]) -> None:
        """Delete recordings that have changed; call it after the commit."""
        if self._cache is not None:
            self._cache.delete(recording_ids)

    def forget_owners(self, user_ids: Collection[str]) -> None:
        """Delete the recordings of users whose name or status has changed; call it after the commit."""
        if self._cache is not None:
            end_read()
            self.forget(session().execute(select(Recording.id).where(Recording.user_id.in_(user_ids))).scalars().all())

    def retry(self) -> None:
        """Delete the entries whose deletion failed while Redis was unavailable."""
        if self._cache is not None:
            self._cache.retry()


def forget_after_commit(*recording_ids: str) -> None:
    """Forget recordings after the commit of this transaction."""
    notify_after_commit(CHANGED, *recording_ids)


@event.listens_for(Recording, "after_update")
@event.listens_for(Recording, "after_delete")
def _on_recording(_mapper: Mapper[Any], _connection: Connection, recording: Recording) -> None:
    forget_after_commit(recording.id)


@event.listens_for(User, "after_update")
def _on_user(_mapper: Mapper[Any], _connection: Connection, user: User) -> None:
    state = inspect(user)
    if any(state.attrs[name].history.has_changes() for name in _OWNER_COLUMNS):
        notify_after_commit(OWNER_CHANGED, user.id)


@event.listens_for(User, "before_delete")
def _on_user_deletion(_mapper: Mapper[Any], connection: Connection, user: User) -> None:
    forget_after_commit(*connection.execute(select(Recording.id).where(Recording.user_id == user.id)).scalars())


def _to_text(recording: Recording, owner_name: str) -> str:
    values = {name: getattr(recording, name) for name in _COLUMNS}
    return json.dumps([{**values, "created_at": recording.created_at.isoformat()}, owner_name])


def _from_text(text: str) -> tuple[Recording, str]:
    values, owner_name = json.loads(text)
    return Recording(**{**values, "created_at": dt.datetime.fromisoformat(values["created_at"])}), owner_name
