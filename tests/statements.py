"""Records the SQL statements of a test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from database import db


@contextmanager
def record_statements() -> Iterator[list[tuple[str, Any]]]:
    """Record the statements that run meanwhile, with their parameters; within an application context.

    Changed settings are left out: they are read again every few seconds, whichever request comes then.
    """
    statements: list[tuple[str, Any]] = []

    def note(_conn: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if not statement.startswith("BEGIN") and "setting_overrides" not in statement:
            statements.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
