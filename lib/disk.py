"""No room on the disk, told from everything else that can go wrong with files and databases."""

from __future__ import annotations

import contextlib
import errno
import sqlite3
from collections.abc import Iterator

import errors

_FULL_IN_POSTGRESQL = "53100"  # disk_full (PostgreSQL, appendix A, class 53)


def has_no_room(error: BaseException) -> bool:
    """Whether the system or the database says that the disk, or a user's share of it, is full. SQLAlchemy's wrappers are looked into."""
    told = getattr(error, "orig", None) or error
    if isinstance(told, OSError):
        return told.errno in (errno.ENOSPC, errno.EDQUOT)
    return getattr(told, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL or getattr(told, "pgcode", None) == _FULL_IN_POSTGRESQL


@contextlib.contextmanager
def disk_errors() -> Iterator[None]:
    """Say DiskFull where the system says that no room is left."""
    try:
        yield
    except OSError as error:
        if has_no_room(error):
            raise errors.DiskFull from error
        raise
