"""INSERT statements with ON CONFLICT, and the number of rows that a statement changed."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import CursorResult, Result
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from db.base import Base


def insert_into(table: type[Base], connection: Connection | Session) -> sqlite.Insert:
    """Return an INSERT of the connection's dialect, which has `on_conflict_do_nothing` and `on_conflict_do_update` on both databases."""
    bind = connection.get_bind() if isinstance(connection, Session) else connection
    dialect = postgresql if bind.dialect.name == "postgresql" else sqlite
    return cast("sqlite.Insert", dialect.insert(table))


def changed_rows(result: Result[Any]) -> int:
    """Return how many rows an UPDATE or DELETE changed."""
    return cast("CursorResult[Any]", result).rowcount
