"""The time, in one place."""

from __future__ import annotations

import datetime as dt


def now() -> dt.datetime:
    """The present moment, aware UTC."""
    return dt.datetime.now(dt.UTC)


def iso(moment: dt.datetime | None) -> str | None:
    """ISO 8601 with a trailing Z, or None."""
    return moment.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if moment else None
