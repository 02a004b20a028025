"""The minimum speed of downloads: a server that sends a byte now and then would occupy a worker for hours."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import errors

_WINDOW_S = 300.0


@dataclass
class MinimumRate:
    """Call `report` with the bytes that have arrived, and `check` now and then. What is downloaded again does not count."""

    bytes_per_s: int
    now: Callable[[], float] = time.monotonic
    _received_bytes: int = 0
    _bytes_at_window_start: int = 0
    _window_began_at: float = field(init=False)

    def __post_init__(self) -> None:
        self._window_began_at = self.now()

    def report(self, received_bytes: int) -> None:
        self._received_bytes = max(self._received_bytes, received_bytes)

    def check(self) -> None:
        """Raise LinkTooSlow if fewer bytes than required have arrived within the last five minutes."""
        now = self.now()
        seconds = now - self._window_began_at
        if seconds < _WINDOW_S:
            return
        window_bytes = self._received_bytes - self._bytes_at_window_start
        if window_bytes < self.bytes_per_s * seconds:
            raise errors.LinkTooSlow(f"{window_bytes} bytes arrived within {seconds:.0f} s.")
        self._window_began_at, self._bytes_at_window_start = now, self._received_bytes
