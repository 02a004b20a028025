"""Brings the database to the newest migration, one process at a time."""

from __future__ import annotations

import fcntl
import functools
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_migrate import upgrade
from sqlalchemy import text

from database import db

_FOLDER = Path(__file__).parent
_ADVISORY_KEY = 5_226_318  # any number that is ours alone in this database


def upgrade_under_lock(lock_file: Path) -> None:
    """Does nothing when the database is already at the newest. Needs an app context."""
    if is_current():
        return
    with lock_file.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if db.engine.dialect.name == "postgresql":  # several machines: the file lock does not reach
            with db.engine.connect() as connection:
                connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _ADVISORY_KEY})
                _upgrade()
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _ADVISORY_KEY})
        else:
            _upgrade()


def revision() -> str | None:
    """Where the database is."""
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def is_current() -> bool:
    return revision() == _newest()


@functools.cache
def _newest() -> str | None:
    return ScriptDirectory(str(_FOLDER)).get_current_head()


def _upgrade() -> None:
    if not is_current():
        upgrade(directory=str(_FOLDER))
