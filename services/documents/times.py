"""Format times for readers and links."""

from __future__ import annotations

from urllib.parse import urlsplit

from domain import TimeRange
from lib.media_time import format_clock, whole_seconds


def format_range(time: TimeRange) -> str:
    return f"{format_clock(time.start_s)}\u2013{format_clock(time.end_s)}"


def time_link(source_url: str, time_s: float) -> str:
    """Return a link to a time in the source, or "" if the source is not a web address."""
    if not is_web_address(source_url):
        return ""
    joint = "&" if "#" in source_url else "#"
    return f"{source_url}{joint}t={whole_seconds(time_s)}"


def is_web_address(url: str) -> bool:
    """Return whether `url` is http or https with a host and has no spaces or control characters."""
    if any(character.isspace() or not character.isprintable() for character in url):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)
