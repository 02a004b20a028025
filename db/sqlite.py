"""Settings and locks of SQLite connections. Nothing here affects PostgreSQL."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

LOCK_TIMEOUT_S = 30
_write_lock = threading.Lock()


@event.listens_for(Engine, "connect")
def _configure_connection(connection: Any, _record: Any) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None  # sqlite3 issues no BEGIN: `begin` does
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", f"busy_timeout={LOCK_TIMEOUT_S * 1000}"):
        connection.execute(f"PRAGMA {pragma}")
    connection.create_function("lower", 1, _lower, deterministic=True)  # SQLite's own changes ASCII letters only


def _lower(value: str | float | bytes | None) -> str | float | bytes | None:
    return value.lower() if isinstance(value, str) else value


def begin(connection: Connection, *, immediate: bool) -> None:
    """Begin a transaction. `immediate`: take the write lock now.

    A deferred transaction that writes later fails if another one has written meanwhile
    (https://sqlite.org/lang_transaction.html).
    """
    if connection.dialect.name != "sqlite":
        return
    if immediate:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:  # every request runs it, and it can't fail; SQLAlchemy's own way takes ten times as long
        connection.connection.driver_connection.execute("BEGIN")  # type: ignore[union-attr]


@contextlib.contextmanager
def serialized_writes(engine: Engine) -> Iterator[None]:
    """Let one thread of this process write at a time.

    SQLite allows one writer and makes others sleep up to 100 ms (https://sqlite.org/c3ref/busy_timeout.html); a lock wakes the next
    thread at once. After the timeout the thread continues, and SQLite's own timeout applies.
    """
    if engine.dialect.name != "sqlite":
        yield
        return
    has_lock = _write_lock.acquire(timeout=LOCK_TIMEOUT_S)
    try:
        yield
    finally:
        if has_lock:
            _write_lock.release()
