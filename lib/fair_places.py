"""A limited number of places, shared fairly: whoever asks for many waits for their own, not others for them."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque


class FairPlaces:
    """Places for threads. Those that wait are served owner by owner in turn (round-robin fair queueing), each owner's in their order.

    A semaphore would let newcomers overtake, and one queue would let an owner of forty requests take most of the places.
    """

    def __init__(self, count: int) -> None:
        self.free = count
        self._waiting: OrderedDict[str, deque[threading.Lock]] = OrderedDict()
        self._passed_on = 0
        self._lock = threading.Lock()

    def take(self, owner: str, timeout_s: float) -> bool:
        """Wait for a place. Return False, without one, if no place has been passed on to anybody for `timeout_s` seconds."""
        with self._lock:
            if self.free:
                self.free -= 1
                return True
            turn = threading.Lock()
            turn.acquire()
            self._waiting.setdefault(owner, deque()).append(turn)
            passed_on = self._passed_on
        while not turn.acquire(timeout=timeout_s):
            with self._lock:
                if turn not in self._waiting.get(owner, ()):  # it was released just now
                    return True
                if self._passed_on == passed_on:
                    self._remove(owner, turn)
                    return False
                passed_on = self._passed_on
        return True

    def give_back(self) -> None:
        """Pass the place on to the owner whose turn it is."""
        with self._lock:
            if not self._waiting:
                self.free += 1
                return
            owner, turns = next(iter(self._waiting.items()))
            turn = turns[0]
            self._remove(owner, turn)
            if turns:
                self._waiting.move_to_end(owner)
            self._passed_on += 1
            turn.release()

    def _remove(self, owner: str, turn: threading.Lock) -> None:
        self._waiting[owner].remove(turn)
        if not self._waiting[owner]:
            del self._waiting[owner]
