"""Counts of rate limits in memory, for Flask-Limiter."""

from __future__ import annotations

import threading
import time

from limits.storage import Storage

_SWEEP_S = 60.0


class MemoryCounts(Storage):
    """Counts of fixed windows in this process, without a thread.

    The memory storage of the package `limits` starts a thread at almost every count, which takes longer than the request on a busy server.
    """

    STORAGE_SCHEME = ["lectern-memory"]  # noqa: RUF012 - the base class declares it like this

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: float | str | bool) -> None:
        super().__init__(uri, wrap_exceptions, **options)
        self._lock = threading.Lock()
        self._counts: dict[str, tuple[int, float]] = {}  # count and end of the window
        self._next_sweep = time.time() + _SWEEP_S

    @property
    def base_exceptions(self) -> type[Exception]:
        return ValueError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        now = time.time()
        with self._lock:
            if now > self._next_sweep:
                self._counts = {each: value for each, value in self._counts.items() if value[1] > now}
                self._next_sweep = now + _SWEEP_S
            count, end = self._counts.get(key, (0, 0.0))
            count, end = (count + amount, end) if end > now else (amount, now + expiry)
            self._counts[key] = count, end
        return count

    def get(self, key: str) -> int:
        count, end = self._counts.get(key, (0, 0.0))
        return count if end > time.time() else 0

    def get_expiry(self, key: str) -> float:
        return self._counts.get(key, (0, time.time()))[1]

    def check(self) -> bool:
        return True

    def reset(self) -> int:
        with self._lock:
            count = len(self._counts)
            self._counts.clear()
        return count

    def clear(self, key: str) -> None:
        with self._lock:
            self._counts.pop(key, None)
