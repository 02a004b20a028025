"""Times in a recording as people write them: `1:02:03`, `2:03`, `123` or `123.5`."""

from __future__ import annotations

import re

_SECONDS = r"(\.[0-9]{1,3})?"
TIME_PATTERN = rf"([0-9]{{1,2}}:[0-5]?[0-9]:[0-5]?[0-9]|[0-9]{{1,4}}:[0-5]?[0-9]|[0-9]{{1,6}}){_SECONDS}"


def parse_time(text: str) -> float:
    """Return the seconds. Raises ValueError."""
    if not re.fullmatch(TIME_PATTERN, text):
        raise ValueError("a time is `h:m:s`, `m:s` or seconds, such as `1:02:03`, `2:03` or `123.5`")
    seconds = 0.0
    for part in text.split(":"):
        seconds = 60 * seconds + float(part)
    return seconds
