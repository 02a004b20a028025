"""Parses times in a recording, such as `1:02:03`, `2:03`, `123` or `123.5`, and formats them like web/format.js."""

from __future__ import annotations

import math
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


def whole_seconds(time_s: float) -> int:
    """Return the second that a time is in, at the millisecond to which subtitles round it; fractions are cut off, as in players."""
    return max(0, math.floor(time_s * 1000 + 0.5) // 1000)


def format_clock(time_s: float) -> str:
    """Format as m:ss, or h:mm:ss from one hour on."""
    minutes, seconds = divmod(whole_seconds(time_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
