"""Conditions on the text of columns."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, or_
from sqlalchemy.orm import InstrumentedAttribute

_ESCAPE = "/"


def contains_text(text: str, *columns: InstrumentedAttribute[str] | InstrumentedAttribute[str | None]) -> ColumnElement[bool]:
    """Return the condition that one of these columns contains a text, ignoring case.

    The database lowers both, since Python and PostgreSQL differ for a few characters.
    """
    escaped_text = text.replace(_ESCAPE, _ESCAPE * 2).replace("%", f"{_ESCAPE}%").replace("_", f"{_ESCAPE}_")
    pattern = func.lower(f"%{escaped_text}%")
    return or_(*(func.lower(column).like(pattern, escape=_ESCAPE) for column in columns))
