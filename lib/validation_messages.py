"""The messages of pydantic in words for people."""

from __future__ import annotations

HTTP_URL = r"[Hh][Tt][Tt][Pp][Ss]?://[^/?#\s]+\S*"
"""A pattern of http and https URLs, without its anchors."""


def readable(message: str) -> str:
    """Return what is wrong with a value, without pydantic's prefix and without the pattern of URLs."""
    if HTTP_URL in message:
        return "An http or https URL is needed, such as https://example.org."
    return message.removeprefix("Value error, ")
