"""Flask-SQLAlchemy's object for the engines and the sessions, and its configuration.

There are two engines for one database: one for requests, one for background work (jobs, outbox, events, recovery), so that neither
can use up the connections of the other.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as BoundSession
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from config import Settings
from db.base import Base
from db.pool import BoundedPool
from db.sqlite import LOCK_TIMEOUT_S

_BACKGROUND = "background"  # the bind key of the second engine
_BACKGROUND_THREADS = 16  # that use the database besides those of jobs
_BACKGROUND_WAIT_S = 30
_in_background: ContextVar[bool] = ContextVar("in_background", default=False)


class RoutedSession(BoundSession):
    """A session that uses the background engine within `background_context`."""

    def get_bind(self, *args: Any, **kwargs: Any) -> Any:
        return engine() if _in_background.get() else super().get_bind(*args, **kwargs)


db = SQLAlchemy(model_class=Base, session_options={"class_": RoutedSession})


def init_database(app: Flask, settings: Settings) -> None:
    """Bind the app to its database. Opens no connection."""
    for_requests = {"pool_size": settings.db_pool_size, "max_overflow": settings.db_max_overflow}
    max_overflow = 2 * settings.job_threads + _BACKGROUND_THREADS
    for_background = {"pool_size": 2, "max_overflow": max_overflow, "pool_timeout": _BACKGROUND_WAIT_S}
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.sqlalchemy_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = _engine_options(settings) | for_requests
    app.config["SQLALCHEMY_BINDS"] = {_BACKGROUND: {"url": settings.sqlalchemy_url, **_engine_options(settings), **for_background}}
    db.init_app(app)
    with app.app_context():
        pool = db.engine.pool
        if isinstance(pool, BoundedPool):
            pool.limit_wait(settings.db_pool_timeout_s)
    app.teardown_appcontext(_end_session)  # runs before Flask-SQLAlchemy's own handler, which raises if the connection broke


def _engine_options(settings: Settings) -> dict[str, Any]:
    common = {"hide_parameters": True, "poolclass": BoundedPool}  # hidden: logged error texts would contain password hashes
    if settings.is_sqlite:
        return common | {"connect_args": {"timeout": LOCK_TIMEOUT_S, "check_same_thread": False}}
    return common | {
        "pool_pre_ping": settings.db_pre_ping,
        "connect_args": {
            "connect_timeout": 5,
            "application_name": "lectern",
            "options": f"-c statement_timeout={int(settings.db_statement_timeout_s * 1000)} -c timezone=utc",
        },
    }


@contextlib.contextmanager
def background_context(app: Flask) -> Iterator[None]:
    """Open an app context whose sessions use the background engine."""
    token = _in_background.set(True)
    try:
        with app.app_context():
            yield
    finally:
        _in_background.reset(token)


def engine() -> Engine:
    """Return the engine of this thread: within `background_context` the background engine, else that of requests."""
    return background_engine() if _in_background.get() else db.engine


def background_engine() -> Engine:
    """Return the engine of jobs, the outbox, events and recovery."""
    return db.engines[_BACKGROUND]


def dispose_connections(*, close: bool = True) -> None:
    """Drop the pooled connections of both engines. `close=False`: leave them open, as they belong to the parent process."""
    for each in db.engines.values():
        each.dispose(close=close)


def _end_session(_: BaseException | None) -> None:
    """Close the session. A connection that broke after the last query is discarded and does not fail the response."""
    if not db.session.registry.has():
        return
    try:
        db.session.close()
    except DBAPIError:
        db.session().invalidate()
