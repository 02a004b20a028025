"""Deleting an account with everything in it: jobs are cancelled, objects doomed, rows go."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from sqlalchemy import Column, Select, Table, select
from sqlalchemy.orm import Session

from database import Base, transaction
from models import User
from services.accounts import roles
from services.library import object_deletion
from services.operations import statistics
from services.storage import Store

KEY_COLUMNS = ("storage_key", "subtitles_key", "thumbnail_key")


def delete_user(user_id: str, store: Store, then: Callable[[Session], None] | None = None) -> None:
    """`then` is done in the same transaction. Raises NotFound, and Conflict for the last super admin."""
    with transaction() as writing:
        user = roles.lock_user(user_id)
        roles.check_not_last(user)
        roles.cancel_jobs(user_id)
        writing.flush()
        object_deletion.schedule(writing, storage_keys(writing, user_id))
        statistics.preserve_counts_of_user(writing, user_id)
        writing.delete(user)  # the database takes the rest along: ON DELETE CASCADE
        if then is not None:
            then(writing)
    object_deletion.run_due_now(store)


def storage_keys(reading: Session, user_id: str) -> list[str]:
    """Every object in the store that rows of this user name, in whatever table: a new table is found by its columns."""
    found: set[str] = set()
    for table in Base.metadata.tables.values():
        columns = [column for column in table.columns if column.name in KEY_COLUMNS]
        if columns and table.name != User.__tablename__:
            for row in reading.execute(_select_keys(table, columns, user_id)):
                found |= {key for key in row if key}
    return sorted(found)


def _select_keys(table: Table, columns: list[Column[str]], user_id: str) -> Select[*tuple[Any, ...]]:
    """The user's rows of a table: by its own `user_id`, or along the foreign keys that lead there."""
    way = _path_to_users(table)
    joined = select(*columns)
    for here, there, column, target in way[:-1]:
        joined = joined.join_from(here, there, column == target)
    return joined.where(way[-1][2] == user_id)


def _path_to_users(table: Table) -> list[tuple[Table, Table, Column[str], Column[str]]]:
    """The shortest chain of cascading foreign keys: (table, next table, column, what it points to)."""
    waiting: deque[tuple[Table, list[tuple[Table, Table, Column[str], Column[str]]]]] = deque([(table, [])])
    seen = {table.name}
    while waiting:
        here, way = waiting.popleft()
        for key in here.foreign_keys:
            step = (here, key.column.table, key.parent, key.column)
            if key.ondelete != "CASCADE" or key.column.table.name in seen:
                continue
            if key.column.table.name == User.__tablename__:
                return [*way, step]
            seen.add(key.column.table.name)
            waiting.append((key.column.table, [*way, step]))
    raise AssertionError(f"rows of {table.name} name objects in the store but belong to no user")
