"""Functions that clean or check a field: `_clean_title = field_validator("title", mode="before")(clean_title)`."""

from __future__ import annotations

import json
from typing import Any

from services.library import recordings

MAX_JSON_BYTES = 20_000


def clean_title(value: Any) -> Any:
    """Return a text as one clean line; other values stay, for the field's own check."""
    return recordings.clean_title(value) if isinstance(value, str) else value


def upper_case(value: Any) -> Any:
    """Return a text in upper case, for words that are accepted in any case; other values stay."""
    return value.upper() if isinstance(value, str) else value


def check_json_size(value: dict[str, Any]) -> dict[str, Any]:
    """Return an object that clients keep here. Raises ValueError if its JSON has more than MAX_JSON_BYTES bytes."""
    if len(json.dumps(value, ensure_ascii=False).encode()) > MAX_JSON_BYTES:
        raise ValueError(f"at most {MAX_JSON_BYTES} bytes of JSON")
    return value
