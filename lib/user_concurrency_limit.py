"""A limit of concurrent operations, in total and per user."""

from __future__ import annotations

import threading
from collections import Counter

from errors import TooManyRequests, TransientError

_OWN_LIMIT_WAIT_S = 10


class UserConcurrencyLimit:
    """A user may begin another operation while they have fewer than `per_user`, and fewer than are free: a few users can't occupy all."""

    def __init__(self, total: int, per_user: int) -> None:
        self._total, self.per_user = total, per_user
        self._in_use, self._by_user = 0, Counter[str]()
        self._lock = threading.Lock()

    @property
    def in_use(self) -> int:
        """The number of operations that have begun and not ended."""
        return self._in_use

    def acquire(self, user_id: str, total_error: type[TransientError], user_error: type[TooManyRequests]) -> None:
        """Count an operation of the user. Raises `total_error` if too few are free, `user_error` at the limit of a user."""
        with self._lock:
            if self._by_user[user_id] >= self._total - self._in_use:
                raise total_error
            if self._by_user[user_id] >= self.per_user:
                raise user_error(f"The limit is {self.per_user}.", wait_s=_OWN_LIMIT_WAIT_S)
            self._in_use += 1
            self._by_user[user_id] += 1

    def release(self, user_id: str) -> None:
        """End an operation of the user."""
        with self._lock:
            self._in_use -= 1
            self._by_user[user_id] -= 1
            if not self._by_user[user_id]:
                del self._by_user[user_id]
