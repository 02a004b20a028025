"""Times in requests: moments of a recording, and dates."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from lib.numbers import reject_bool

_NUMBER = re.compile(r"\s*[+-]?[\d.]+([eE][+-]?\d+)?\s*$")


def _as_utc(value: dt.datetime) -> dt.datetime:
    try:
        return value.astimezone(dt.UTC)
    except OverflowError:
        raise ValueError("in UTC, this time is outside the years 1 to 9999") from None


def _reject_number(value: Any) -> Any:
    """Reject what pydantic takes for the seconds since 1970."""
    if isinstance(value, int | float) or (isinstance(value, str) and _NUMBER.match(value)):
        raise PydanticCustomError("no_time", "send a date and time in ISO 8601 with a time zone")
    return value


UtcTime = Annotated[AwareDatetime, AfterValidator(_as_utc), BeforeValidator(_reject_number, json_schema_input_type=AwareDatetime)]
"""A date and time in ISO 8601 with a time zone, converted to UTC."""

RecordingTime = Annotated[
    float, Field(ge=0, le=10_000_000, allow_inf_nan=False, description="Seconds from the start of the recording."), reject_bool
]
