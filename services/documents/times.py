"""Links to times."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlsplit

from lib.media_time import whole_seconds


def time_link(source_url: str, time_s: float) -> str:
    """Return a link to a time in the source, or "" if the source is not a web address."""
    if not is_web_address(source_url):
        return ""
    joint = "&" if "#" in source_url else "#"
    return f"{source_url}{joint}t={whole_seconds(time_s)}"


@lru_cache(maxsize=64)  # a document has few sources, and links to thousands of moments of each
def is_web_address(url: str) -> bool:
    """Return whether `url` is http or https with a host and has no spaces or control characters."""
    if any(character.isspace() or not character.isprintable() for character in url):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)
