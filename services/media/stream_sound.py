"""Levelling of the sound of streams, as the settings choose it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from config import Settings


@dataclass(frozen=True)
class StreamSound:
    """`target_lufs`: integrated loudness (EBU R 128) that the sound is brought to; 0: it stays as it was recorded."""

    target_lufs: float = 0.0

    @property
    def fingerprint(self) -> str:
        return f"{self.target_lufs:g}"


def from_settings(settings: Settings) -> StreamSound:
    """Return the configured loudness."""
    return StreamSound(settings.stream_loudness_lufs)
