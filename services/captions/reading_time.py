"""The time that captions must be shown."""

from __future__ import annotations

from collections.abc import Sequence

from lib.text import display_width
from services.captions.limits import MAX_COLUMNS_PER_S, MIN_DURATION_MS


def min_duration_ms(lines: Sequence[str]) -> int:
    """Return the shortest time within the limits of duration and reading speed."""
    return max(MIN_DURATION_MS, -(-1000 * sum(map(display_width, lines)) // MAX_COLUMNS_PER_S))
