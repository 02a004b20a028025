"""The current time and its text form."""

from __future__ import annotations

import datetime as dt


def now() -> dt.datetime:
    """Return the current time, aware UTC."""
    return dt.datetime.now(dt.UTC)


def iso(moment: dt.datetime | None) -> str | None:
    """Return the time as ISO 8601 with a trailing Z, or None."""
    return moment.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if moment else None
