"""A spoken narration."""

from __future__ import annotations

from dataclasses import dataclass

from domain import Word


@dataclass(frozen=True)
class Narration:
    """The words with times from the narration's start. `engine` is "" for a silent narration, whose times are estimated."""

    words: tuple[Word, ...]
    duration_s: float
    engine: str = ""
    voice: str = ""
