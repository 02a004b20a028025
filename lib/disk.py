"""Detects a full disk among the errors of files and databases."""

from __future__ import annotations

import contextlib
import errno
import sqlite3
from collections.abc import Iterator

import errors

_FULL_IN_POSTGRESQL = "53100"  # disk_full (PostgreSQL, appendix A, class 53)


def is_disk_full(error: BaseException) -> bool:
    """Return whether the error means a full disk or an exceeded disk quota. Errors that SQLAlchemy wraps are unwrapped."""
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, OSError):
        return cause.errno in (errno.ENOSPC, errno.EDQUOT)
    return getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL or getattr(cause, "pgcode", None) == _FULL_IN_POSTGRESQL


@contextlib.contextmanager
def disk_errors() -> Iterator[None]:
    """Convert the OSError of a full disk into DiskFull."""
    try:
        yield
    except OSError as error:
        if is_disk_full(error):
            raise errors.DiskFull from error
        raise
