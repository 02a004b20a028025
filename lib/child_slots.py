"""Slots for costly children that requests wait for: a bound for the process and one for each user."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Iterator

import errors
from lib.waiting import before_waiting


class TooManyPreviews(errors.TooManyRequests):
    """You have too many previews or documents in progress."""

    code = "too_many_previews"


class ChildSlots:
    """At most `total` children at once, `per_user` of one user, and `max_waiting` further requests of a user that wait up to `wait_s`."""

    def __init__(self, *, total: int, per_user: int, max_waiting: int, wait_s: float) -> None:
        self._total, self._per_user, self._max_waiting, self._wait_s = total, per_user, max_waiting, wait_s
        self._slot_freed = threading.Condition()
        self._running: Counter[str] = Counter()
        self._waiting: Counter[str] = Counter()

    @contextlib.contextmanager
    def hold(self, user_id: str) -> Iterator[None]:
        """Wait for a slot and hold it. Raises TooManyPreviews."""
        before_waiting()
        with self._slot_freed:
            self._wait(user_id)
            self._running[user_id] += 1
        try:
            yield
        finally:
            with self._slot_freed:
                _decrease(self._running, user_id)
                self._slot_freed.notify_all()

    def _wait(self, user_id: str) -> None:
        if self._is_free(user_id):
            return
        if self._waiting[user_id] >= self._max_waiting:
            raise TooManyPreviews(wait_s=2)
        deadline = time.monotonic() + self._wait_s
        self._waiting[user_id] += 1
        try:
            while not self._is_free(user_id):
                if not self._slot_freed.wait(max(0.0, deadline - time.monotonic())):
                    raise TooManyPreviews(wait_s=5)
        finally:
            _decrease(self._waiting, user_id)

    def _is_free(self, user_id: str) -> bool:
        return self._running.total() < self._total and self._running[user_id] < self._per_user


def _decrease(counter: Counter[str], user_id: str) -> None:
    counter[user_id] -= 1
    if counter[user_id] <= 0:
        del counter[user_id]
