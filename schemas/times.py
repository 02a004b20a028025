"""Times in requests: moments of a recording, and dates."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field

from lib.numbers import reject_bool


def _as_utc(value: dt.datetime) -> dt.datetime:
    try:
        return value.astimezone(dt.UTC)
    except OverflowError:
        raise ValueError("in UTC, this time is outside the years 1 to 9999") from None


UtcTime = Annotated[AwareDatetime, AfterValidator(_as_utc)]
"""A date and time in ISO 8601 with a time zone, converted to UTC."""

RecordingTime = Annotated[
    float, Field(ge=0, le=10_000_000, allow_inf_nan=False, description="Seconds from the start of the recording."), reject_bool
]
