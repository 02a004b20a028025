"""A limited number of places, such as threads, that users share."""

from __future__ import annotations

import threading
from collections import Counter

from errors import TooManyRequests, TransientError

_OWN_LIMIT_WAIT_S = 10


class UserShares:
    """A user gets another place while they have fewer than are free, so that a few accounts can't take all, and fewer than `per_user`."""

    def __init__(self, total: int, per_user: int) -> None:
        self._total, self.per_user = total, per_user
        self._in_use, self._by_user = 0, Counter[str]()
        self._lock = threading.Lock()

    @property
    def places_in_use(self) -> int:
        """The number of places that are taken."""
        return self._in_use

    def take(self, user_id: str, all_taken: type[TransientError], own_taken: type[TooManyRequests]) -> None:
        """Take a place. Raises `all_taken` if others have the places, `own_taken` if the user has as many as one may have."""
        with self._lock:
            if self._by_user[user_id] >= self._total - self._in_use:
                raise all_taken
            if self._by_user[user_id] >= self.per_user:
                raise own_taken(f"The limit is {self.per_user}.", wait_s=_OWN_LIMIT_WAIT_S)
            self._in_use += 1
            self._by_user[user_id] += 1

    def release(self, user_id: str) -> None:
        """Free a place of the user."""
        with self._lock:
            self._in_use -= 1
            self._by_user[user_id] -= 1
            if not self._by_user[user_id]:
                del self._by_user[user_id]
