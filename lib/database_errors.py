"""Failures of the database, as errors for a response."""

from __future__ import annotations

import structlog
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

import errors
from lib.disk import is_disk_full

log = structlog.get_logger(__name__)
DATABASE_ERRORS = (OperationalError, IntegrityError)


def lectern_error_of(error: DBAPIError) -> errors.LecternError:
    """Return the error to respond with: the disk is full, the database is down, or another request changed the same rows first."""
    if is_disk_full(error):
        return errors.DiskFull()
    if isinstance(error, IntegrityError):  # two requests passed the same check; a constraint stopped the second
        log.warning("write_conflict", error=str(error.orig))
        return errors.Conflict("What this belongs to was changed or deleted at the same moment.")
    log.error("database_unavailable", error=str(error.orig))
    return errors.TransientError("The database did not answer.")
