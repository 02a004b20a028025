"""Flask-SQLAlchemy's object for the engine and the sessions, and its configuration."""

from __future__ import annotations

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.exc import DBAPIError

from config import Settings
from database.base import Base
from database.sqlite import LOCK_TIMEOUT_S

db = SQLAlchemy(model_class=Base)


def init_database(app: Flask, settings: Settings) -> None:
    """Bind the app to its database. Opens no connection."""
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.sqlalchemy_url
    if settings.is_sqlite:
        app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
            "hide_parameters": True,
            "connect_args": {"timeout": LOCK_TIMEOUT_S, "check_same_thread": False},
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
