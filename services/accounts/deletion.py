"""Delete an account with everything in it: jobs, stored objects and rows."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from sqlalchemy import Column, Select, Table, select
from sqlalchemy.orm import Session

from database import Base, transaction
from models import Job, User
from services.accounts import roles
from services.jobs import queue
from services.jobs.queue.recording_lock import lock_recordings_of_user
from services.library import object_deletion
from services.operations import statistics
from services.publishing import revocations
from services.reactions import likes
from services.storage import Store
from services.subscriptions import cancellations

KEY_COLUMNS = ("storage_key", "subtitles_key", "thumbnail_key")


def delete_user(user_id: str, store: Store, then: Callable[[Session], None] | None = None) -> None:
    """Delete a user; `then` runs in the same transaction. Raises NotFound, and Conflict for the last super admin."""
    with transaction() as session:
        lock_recordings_of_user(session, user_id)
        likes.forget_user(session, user_id)
        user = roles.lock_user(user_id)
        roles.check_not_last(user)
        queue.cancel_for_deletion(roles.active_jobs(user_id))
        session.flush()
        object_deletion.expedite_jobs(session, Job.user_id == user_id)
        object_deletion.schedule(session, storage_keys(session, user_id))
        cancellations.schedule(session, user_id)
        revocations.schedule(session, user_id)
        statistics.preserve_counts_of_user(session, user_id)
        session.delete(user)  # ON DELETE CASCADE removes the rest
        if then is not None:
            then(session)
    object_deletion.try_run_due(store)


def storage_keys(session: Session, user_id: str) -> list[str]:
    """Return the storage keys in all rows of a user. New tables are included by the names of their columns."""
    keys: set[str] = set()
    for table in Base.metadata.tables.values():
        columns = [column for column in table.columns if column.name in KEY_COLUMNS]
        if columns and table.name != User.__tablename__:
            for row in session.execute(_select_keys(table, columns, user_id)):
                keys |= {key for key in row if key}
    return sorted(keys)


def _select_keys(table: Table, columns: list[Column[str]], user_id: str) -> Select[*tuple[Any, ...]]:
    """Select the key columns of a user's rows, joined along the foreign keys that lead to the user."""
    path = _path_to_users(table)
    query = select(*columns)
    for table_from, table_to, column, target in path[:-1]:
        query = query.join_from(table_from, table_to, column == target)
    return query.where(path[-1][2] == user_id)


def _path_to_users(table: Table) -> list[tuple[Table, Table, Column[str], Column[str]]]:
    """Return the shortest chain of cascading foreign keys: (table, next table, column, referenced column)."""
    paths: deque[tuple[Table, list[tuple[Table, Table, Column[str], Column[str]]]]] = deque([(table, [])])
    visited_tables = {table.name}
    while paths:
        current, path = paths.popleft()
        for key in current.foreign_keys:
            step = (current, key.column.table, key.parent, key.column)
            if key.ondelete != "CASCADE" or key.column.table.name in visited_tables:
                continue
            if key.column.table.name == User.__tablename__:
                return [*path, step]
            visited_tables.add(key.column.table.name)
            paths.append((key.column.table, [*path, step]))
    raise AssertionError(f"{table.name} holds storage keys but no path of foreign keys leads to a user")
