"""Other names of formats in the documented download URLs."""

from __future__ import annotations

_ALIASES = {"word": "docx", "text": "txt", "markdown": "md"}


def canonical_format(name: str) -> str:
    """Return the registry's name of a format; an unknown name is returned as it is."""
    return _ALIASES.get(name, name)
