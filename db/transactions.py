"""Read sessions and write transactions. Writes outside a write transaction are rejected."""

from __future__ import annotations

import contextlib
import threading
import traceback
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

import structlog
from flask import has_app_context
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from db import notifications, postgresql, sqlite
from db.engine import db
from lib.waiting import on_wait

log = structlog.get_logger(__name__)

_writes_allowed: ContextVar[bool] = ContextVar("writes_allowed", default=False)
_THREAD = "thread"  # of a session's `info`: the thread that began the transaction


def session() -> Session:
    """Return the read session of this request or job."""
    return db.session()


def end_read() -> None:
    """End the current read transaction: its connection returns to the pool, and the next read sees later commits."""
    db.session().rollback()


def release_connection() -> None:
    """Return the connection of the current read, if any, to the pool. Loaded rows keep their values, unlike after `end_read`.

    A read of another thread is left alone: the threads of stages share the app context of their job, and a session serves one thread.
    """
    if not has_app_context() or not db.session.registry.has():
        return
    if _writes_allowed.get():
        log.error("waiting_in_transaction", stack=traceback.format_stack(limit=8))
        return
    current = db.session()
    if not current.in_transaction() or current.info.get(_THREAD) != threading.get_ident():
        return
    current.expire_on_commit = False
    try:
        current.commit()
    except DBAPIError:  # the connection broke after the last query
        current.invalidate()
    finally:
        current.expire_on_commit = True


on_wait(release_connection)


@contextlib.contextmanager
def transaction(on_conflict: Exception | None = None) -> Iterator[Session]:
    """Open a short write transaction; nested uses join the outer one. Never hold it across I/O.

    `on_conflict` replaces every IntegrityError of the transaction (a concurrent write violates a constraint). A nested use ignores it.
    """
    current = db.session()
    if _writes_allowed.get():
        yield current
        return
    current.rollback()
    current.expire_all()  # rows that `release_connection` kept
    with sqlite.serialized_writes(db.engine):
        token = _writes_allowed.set(True)
        notifications.collect_topics(current)
        try:
            yield current
            current.commit()
        except IntegrityError as error:
            current.rollback()
            raise on_conflict or error from error
        except BaseException:
            current.rollback()
            raise
        finally:
            _writes_allowed.reset(token)
            topics = notifications.take_topics(current)
    notifications.call_subscribers(topics)


def in_transaction() -> bool:
    """Whether a write transaction is open."""
    return _writes_allowed.get()


@contextlib.contextmanager
def allow_migration_writes() -> Iterator[None]:
    """Allow writes outside `transaction()`: migrations use their own connections."""
    token = _writes_allowed.set(True)
    try:
        yield
    finally:
        _writes_allowed.reset(token)


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    sqlite.begin(connection, immediate=_writes_allowed.get())
    postgresql.begin(connection, is_write=_writes_allowed.get())


@event.listens_for(Session, "after_begin")
def _note_thread(current: Session, _transaction: Any, _connection: Any) -> None:
    current.info[_THREAD] = threading.get_ident()


@event.listens_for(Session, "before_flush")
def _reject_writes_outside_transaction(_session: Session, _context: Any, _instances: Any) -> None:
    if not _writes_allowed.get():
        raise RuntimeError("Writes are only allowed inside `with transaction()`.")
