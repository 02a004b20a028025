"""Upgrades the database to the newest migration, one process at a time."""

from __future__ import annotations

import fcntl
import functools
from pathlib import Path
from typing import TYPE_CHECKING

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_migrate import upgrade
from sqlalchemy import make_url, text

from config import Settings
from database import db

if TYPE_CHECKING:
    from flask import Flask

_FOLDER = Path(__file__).parent
_ADVISORY_LOCK = 5_226_318  # key of a PostgreSQL advisory lock, unique in this database


def migrate(app: Flask, settings: Settings) -> None:
    """Upgrade the database. If several processes start at once, one of them upgrades and the others wait."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    _protect_sqlite_file(settings)
    with app.app_context():
        _upgrade_under_lock(settings.data_dir / "migrate.lock")


def _protect_sqlite_file(settings: Settings) -> None:
    """Let only the owner read the database; SQLite gives its journals the same mode."""
    name = make_url(settings.sqlalchemy_url).database
    if settings.is_sqlite and name and name != ":memory:":
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(0o600)
        path.chmod(0o600)


def _upgrade_under_lock(lock_file: Path) -> None:
    if is_current():
        return
    with lock_file.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if db.engine.dialect.name == "postgresql":  # the file lock does not cover other machines
            with db.engine.connect() as connection:
                connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _ADVISORY_LOCK})
                _upgrade()
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _ADVISORY_LOCK})
        else:
            _upgrade()


def revision() -> str | None:
    """Return the id of the migration that the database is at."""
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def is_current() -> bool:
    """Return whether the database is at the newest migration."""
    return revision() == _newest()


@functools.cache
def _newest() -> str | None:
    return ScriptDirectory(str(_FOLDER)).get_current_head()


def is_compared(name: str | None, kind: str, _parents: object) -> bool:
    """Return whether Alembic compares this object with the models: the tables of search terms differ between the databases."""
    return not (kind == "table" and name is not None and name.startswith("search_index_"))


def _upgrade() -> None:
    if not is_current():
        upgrade(directory=str(_FOLDER))
