"""The typed base of all tables, the engine, read sessions and write transactions (`with transaction() as session`)."""

from __future__ import annotations

import contextlib
import datetime as dt
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any, ClassVar

from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, MetaData, Table, event
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from config import Settings

_NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base class of all tables."""

    __table__: ClassVar[Table]
    metadata = MetaData(naming_convention=_NAMING_CONVENTION)


class UtcDateTime(TypeDecorator[dt.datetime]):
    """Aware UTC times on every database. SQLite itself stores no time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("times in the database must be aware")
        return value.astimezone(dt.UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        moment: dt.datetime = value
        return moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)


db = SQLAlchemy(model_class=Base)
_TOPICS = "commit_topics"
_writing: ContextVar[bool] = ContextVar("writing", default=False)
_sqlite_write_lock = threading.Lock()
_LOCK_TIMEOUT_S = 30


def init_database(app: Flask, settings: Settings) -> None:
    """Bind the app to its database. Opens no connection."""
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.sqlalchemy_url
    if settings.is_sqlite:
        app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
            "hide_parameters": True,
            "connect_args": {"timeout": _LOCK_TIMEOUT_S, "check_same_thread": False},
        }
    else:
        app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
            "hide_parameters": True,  # keeps password hashes out of logged error texts
            "pool_pre_ping": settings.db_pre_ping,
            "pool_size": settings.db_pool_size,
            "max_overflow": settings.db_max_overflow,
            "pool_timeout": settings.db_pool_timeout_s,
            "connect_args": {
                "connect_timeout": 5,
                "application_name": "lectern",
                "options": f"-c statement_timeout={int(settings.db_statement_timeout_s * 1000)} -c timezone=utc",
            },
        }
    db.init_app(app)
    app.teardown_appcontext(_end_session)  # runs before Flask-SQLAlchemy's own handler, which raises if the connection broke


def _end_session(_: BaseException | None) -> None:
    """Close the session. A connection that broke after the last query is discarded and does not fail the response."""
    if not db.session.registry.has():
        return
    try:
        db.session.close()
    except DBAPIError:
        db.session().invalidate()


def session() -> Session:
    """Return the read session of this request or job."""
    return db.session()


def end_read() -> None:
    """End the current read transaction: its connection returns to the pool, and the next read sees what was committed since."""
    db.session().rollback()


def notify_after_commit(topic: str) -> None:
    """Call the app's subscribers of `topic` once the current write transaction has been committed."""
    if not _writing.get():
        raise RuntimeError("notify inside `with transaction()`")
    db.session().info.setdefault(_TOPICS, set()).add(topic)


def subscribe(app: Flask, topic: str, callback: Callable[[], object]) -> Callable[[], None]:
    """Call `callback` after each commit that has notified `topic`; it must be quick and must not raise. Return the unsubscribe function."""
    callbacks: list[Callable[[], object]] = app.extensions.setdefault(_TOPICS, {}).setdefault(topic, [])
    callbacks.append(callback)

    def unsubscribe() -> None:
        with contextlib.suppress(ValueError):
            callbacks.remove(callback)

    return unsubscribe


@contextlib.contextmanager
def transaction(on_conflict: Exception | None = None) -> Iterator[Session]:
    """Open a short write transaction; nested uses join the outer one. Never hold it across I/O.

    `on_conflict` is raised instead of IntegrityError, when a concurrent write violates a constraint.

    SQLite uses BEGIN IMMEDIATE: a deferred transaction that writes later fails if another one wrote meanwhile
    (https://sqlite.org/lang_transaction.html).
    """
    current = db.session()
    if _writing.get():
        yield current
        return
    current.rollback()
    with _serialized_on_sqlite():
        token = _writing.set(True)
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
            _writing.reset(token)
            topics: set[str] = current.info.pop(_TOPICS, set())
    for topic in topics:
        for callback in tuple(current_app.extensions.get(_TOPICS, {}).get(topic, ())):
            callback()


@contextlib.contextmanager
def _serialized_on_sqlite() -> Iterator[None]:
    """Let one thread of this process write to SQLite at a time.

    SQLite allows one writer and makes others sleep up to 100 ms (https://sqlite.org/c3ref/busy_timeout.html); a lock wakes the next
    thread at once. After the timeout the thread continues, and SQLite's own timeout applies.
    """
    if db.engine.dialect.name != "sqlite":
        yield
        return
    acquired = _sqlite_write_lock.acquire(timeout=_LOCK_TIMEOUT_S)
    try:
        yield
    finally:
        if acquired:
            _sqlite_write_lock.release()


@contextlib.contextmanager
def allow_migration_writes() -> Iterator[None]:
    """Allow writes outside `transaction()`: migrations use their own connections."""
    token = _writing.set(True)
    try:
        yield
    finally:
        _writing.reset(token)


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: Any) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None  # no implicit BEGIN: _begin issues it
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", f"busy_timeout={_LOCK_TIMEOUT_S * 1000}"):
        connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _writing.get() else "BEGIN")


@event.listens_for(Session, "before_flush")
def _reject_writes_outside_transaction(flushing: Session, _context: Any, _instances: Any) -> None:
    if not _writing.get():
        raise RuntimeError("write inside `with transaction()`")
