"""Functions that clean a field before it is checked: `_clean_title = field_validator("title", mode="before")(clean_title)`."""

from __future__ import annotations

from typing import Any

from services.library import recordings


def clean_title(value: Any) -> Any:
    """Return a text as one clean line; other values stay, for the field's own check."""
    return recordings.clean_title(value) if isinstance(value, str) else value


def upper_case(value: Any) -> Any:
    """Return a text in upper case, for words that are accepted in any case; other values stay."""
    return value.upper() if isinstance(value, str) else value
