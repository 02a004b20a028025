"""Numbers in JSON: numeric strings are accepted, because some clients send them; true and false are rejected."""

from __future__ import annotations

from typing import Any

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError


def _reject_bool(value: Any) -> Any:
    if isinstance(value, bool):
        raise PydanticCustomError("no_number", "true and false are not numbers")
    return value


# Place it after the bounds, `Annotated[int, Field(ge=1), reject_bool]`: before them, the bounds would be missing in the JSON schema.
reject_bool = BeforeValidator(_reject_bool)
