"""Numbers in JSON. Text that holds one is taken, as some clients send it; true and false are no numbers."""

from __future__ import annotations

from typing import Any

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError


def _no_truth(value: Any) -> Any:
    if isinstance(value, bool):
        raise PydanticCustomError("no_number", "true and false are no numbers")
    return value


# Behind a number's bounds: `Annotated[int, Field(ge=1), NO_TRUTH]`. Before them they would not be in the JSON schema.
reject_bool = BeforeValidator(_no_truth)
