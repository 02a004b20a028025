"""Times of cues: written as h:mm:ss.mmm, with hours, milliseconds and leading zeros left out by some programs."""

from __future__ import annotations

TIME = r"(?:\d{1,4}:)?\d{1,2}:\d{1,2}(?:[.,]\d{1,3})?"
GAP = r"[^\S\n]{0,40}"  # bounded and within a line, so that matching takes linear time on any input


def seconds(time: str) -> float:
    """Convert a time that matches `TIME`."""
    clock, _, fraction = time.replace(",", ".").partition(".")
    total = 0
    for part in clock.split(":"):
        total = total * 60 + int(part)
    return total + int(f"{fraction:0<3}") / 1000


def full(time: str) -> str:
    """Write a time that matches `TIME` as hh:mm:ss.mmm."""
    ms = round(seconds(time) * 1000)
    return f"{ms // 3_600_000:02d}:{ms // 60_000 % 60:02d}:{ms // 1000 % 60:02d}.{ms % 1000:03d}"
