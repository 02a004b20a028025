"""Failures of the database, as errors for a response."""

from __future__ import annotations

import structlog
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

import errors
from lib.disk import is_disk_full

log = structlog.get_logger(__name__)
DATABASE_ERRORS = (OperationalError, IntegrityError, StaleDataError)
_CONFLICTS = ("40001", "40P01")  # PostgreSQL's codes (appendix A of its manual): serialization_failure, deadlock_detected


def lectern_error_of(error: DBAPIError | StaleDataError) -> errors.LecternError:
    """Return the error to respond with: the disk is full, the database is down, or another request changed the same rows first."""
    if isinstance(error, StaleDataError):  # another request deleted the row between reading and writing it
        return _conflict(str(error))
    if is_disk_full(error):
        return errors.DiskFull()
    if isinstance(error, IntegrityError) or getattr(error.orig, "pgcode", None) in _CONFLICTS:
        return _conflict(str(error.orig))  # two requests passed the same check, or waited for each other
    log.error("database_unavailable", error=str(error.orig))
    return errors.TransientError("The database did not answer.")


def _conflict(detail: str) -> errors.Conflict:
    log.warning("write_conflict", error=detail)
    return errors.Conflict("Another request changed or deleted the same data at the same time.")
