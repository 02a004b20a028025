"""Types and functions that clean or check a field: `_upper_case = field_validator("status", mode="before")(upper_case)`."""

from __future__ import annotations

import json
from typing import Annotated, Any

from pydantic import Field

from lib.text_fields import RequiredText
from services.library.recordings import MAX_TITLE_LENGTH, clean_title

MAX_JSON_BYTES = 20_000
Title = Annotated[str, Field(min_length=1, max_length=MAX_TITLE_LENGTH), RequiredText(clean_title)]


def upper_case(value: Any) -> Any:
    """Return a text in upper case, for words that are accepted in any case; other values stay."""
    return value.upper() if isinstance(value, str) else value


def check_json_size(value: dict[str, Any]) -> dict[str, Any]:
    """Return an object that clients keep here. Raises ValueError if its JSON has more than MAX_JSON_BYTES bytes."""
    if len(json.dumps(value, ensure_ascii=False).encode()) > MAX_JSON_BYTES:
        raise ValueError(f"at most {MAX_JSON_BYTES} bytes of JSON")
    return value
