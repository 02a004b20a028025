"""Marks recordings whose search entries no longer show them. The mark belongs to the transaction of the change.

Searches index marked recordings before they answer; the janitor indexes the others within seconds (services/search/indexing.py).
"""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import event, insert, inspect, literal, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapper, Session

from database import insert_into
from models import Recording, SearchDocument, User

_COLUMNS = (
    *("user_id", "title", "description", "tags", "language", "visibility", "processing_status", "storage_key", "deleted_at", "hidden_at"),
)


def mark(session: Session, recording_id: str) -> None:
    """Mark a recording whose transcript or slides change in this transaction; changes of the recording itself are noticed."""
    session.flush()
    _mark(session.connection(), recording_id)


def mark_all(session: Session) -> None:
    """Mark all recordings, and let their slides be read again."""
    version = str(uuid.uuid4())
    session.execute(update(SearchDocument).values(outdated=version, slides_version=""))
    indexed_ids = select(SearchDocument.recording_id)
    missing = select(Recording.id, literal(version)).where(Recording.id.not_in(indexed_ids))
    session.execute(insert(SearchDocument).from_select(["recording_id", "outdated"], missing))


def _mark(connection: Connection, recording_id: str) -> None:
    row = insert_into(SearchDocument, connection).values(recording_id=recording_id, outdated=str(uuid.uuid4()))
    connection.execute(row.on_conflict_do_update(index_elements=["recording_id"], set_={"outdated": row.excluded.outdated}))


@event.listens_for(Recording, "after_insert")
def _mark_new(_mapper: Mapper[Any], connection: Connection, recording: Recording) -> None:
    _mark(connection, recording.id)


@event.listens_for(Recording, "after_update")
def _mark_changed(_mapper: Mapper[Any], connection: Connection, recording: Recording) -> None:
    attributes = inspect(recording).attrs
    if any(attributes[name].history.has_changes() for name in _COLUMNS):
        _mark(connection, recording.id)


@event.listens_for(User, "after_update")
def _mark_of_user(_mapper: Mapper[Any], connection: Connection, user: User) -> None:
    """Mark all recordings of a user who is suspended, or no longer."""
    if inspect(user).attrs.status.history.has_changes():
        recording_ids = select(Recording.id).where(Recording.user_id == user.id)
        connection.execute(update(SearchDocument).where(SearchDocument.recording_id.in_(recording_ids)).values(outdated=str(uuid.uuid4())))
