"""Times as readers and links want them."""

from __future__ import annotations

from urllib.parse import urlsplit

from domain import TimeRange


def format_clock(time_s: float) -> str:
    """mm:ss, or h:mm:ss from one hour on; seconds are cut, as players show them."""
    minutes, seconds = divmod(max(0, int(time_s)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"


def format_range(time: TimeRange) -> str:
    return f"{format_clock(time.start_s)}\u2013{format_clock(time.end_s)}"


def time_link(source_url: str, time_s: float) -> str:
    """The source at a time, or "" where the source is no web address."""
    if not is_web_address(source_url):
        return ""
    joint = "&" if "#" in source_url else "#"
    return f"{source_url}{joint}t={max(0, int(time_s))}"


def is_web_address(url: str) -> bool:
    """Whether it is safe and useful as a link: http or https with a host, no spaces or control characters."""
    if any(character.isspace() or not character.isprintable() for character in url):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)
