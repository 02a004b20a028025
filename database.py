"""The typed base of all tables, the engine, and the one way to write: `with transaction() as session`."""

from __future__ import annotations

import contextlib
import datetime as dt
import sqlite3
import threading
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any, ClassVar

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, MetaData, Table, event
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from config import Settings

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """What every table inherits."""

    __table__: ClassVar[Table]
    metadata = MetaData(naming_convention=_NAMES)


class UtcDateTime(TypeDecorator[dt.datetime]):
    """Aware UTC times on every database; SQLite itself knows no time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("times in the database are aware UTC")
        return value.astimezone(dt.UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        known: dt.datetime = value
        return known.replace(tzinfo=dt.UTC) if known.tzinfo is None else known.astimezone(dt.UTC)


db = SQLAlchemy(model_class=Base)
_writing: ContextVar[bool] = ContextVar("writing", default=False)
_one_writer = threading.Lock()
_PATIENCE_S = 30


def init_database(app: Flask, settings: Settings) -> None:
    """Bind the app to its database; opens no connection."""
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.sqlalchemy_url
    if settings.is_sqlite:
        app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
            "hide_parameters": True,
            "connect_args": {"timeout": _PATIENCE_S, "check_same_thread": False},
        }
    else:
        app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
            "hide_parameters": True,  # an error's text goes to the log, where no password's hash belongs
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
    app.teardown_appcontext(_end_session)  # before Flask-SQLAlchemy's own, which raises where the database went meanwhile


def _end_session(_: BaseException | None) -> None:
    """What was answered stands, even if the connection that answered it has broken since."""
    if not db.session.registry.has():
        return
    try:
        db.session.close()
    except DBAPIError:
        db.session().invalidate()


def session() -> Session:
    """The session of this request or job, for reading."""
    return db.session()


def end_read() -> None:
    """End the current read transaction: its connection returns to the pool, and the next read sees what was committed since."""
    db.session().rollback()


@contextlib.contextmanager
def transaction(clash: Exception | None = None) -> Iterator[Session]:
    """One short write transaction; nested uses join the outer one. Never hold it across I/O.

    `clash`: raised where another wrote at the same moment what may be there once (IntegrityError).

    On SQLite it begins IMMEDIATE: a plain BEGIN that later writes loses races (https://sqlite.org/lang_transaction.html).
    """
    current = db.session()
    if _writing.get():
        yield current
        return
    current.rollback()
    with _in_turn():
        token = _writing.set(True)
        try:
            yield current
            current.commit()
        except IntegrityError as error:
            current.rollback()
            raise clash or error from error
        except BaseException:
            current.rollback()
            raise
        finally:
            _writing.reset(token)


@contextlib.contextmanager
def _in_turn() -> Iterator[None]:
    """SQLite lets one write at a time, and who finds it taken sleeps up to 100 ms (https://sqlite.org/c3ref/busy_timeout.html).

    So the threads of this process queue up here; after as long a wait as SQLite's own, it decides.
    """
    if db.engine.dialect.name != "sqlite":
        yield
        return
    is_mine = _one_writer.acquire(timeout=_PATIENCE_S)
    try:
        yield
    finally:
        if is_mine:
            _one_writer.release()


@contextlib.contextmanager
def migrating() -> Iterator[None]:
    """Migrations write through connections of their own."""
    token = _writing.set(True)
    try:
        yield
    finally:
        _writing.reset(token)


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: Any) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None  # we say BEGIN ourselves, below
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", f"busy_timeout={_PATIENCE_S * 1000}"):
        connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _writing.get() else "BEGIN")


@event.listens_for(Session, "before_flush")
def _refuse_stray_writes(flushing: Session, _context: Any, _instances: Any) -> None:
    if not _writing.get():
        raise RuntimeError("write inside `with transaction()`")
