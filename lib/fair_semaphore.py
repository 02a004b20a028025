"""A semaphore that serves several owners in turn."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque


class FairSemaphore:
    """Permits for threads. Waiting owners are served in turn (round-robin fair queueing), the threads of one owner in their order.

    A plain semaphore would let newcomers overtake, and with one queue an owner of forty requests would get most of the permits.
    """

    def __init__(self, permits: int) -> None:
        self.available = permits
        self._waiting: OrderedDict[str, deque[threading.Lock]] = OrderedDict()
        self._handover_count = 0
        self._lock = threading.Lock()

    def acquire(self, owner: str, timeout_s: float) -> bool:
        """Wait for a permit. Return False, without one, if no thread has got a permit for `timeout_s` seconds."""
        with self._lock:
            if self.available:
                self.available -= 1
                return True
            waiter = threading.Lock()
            waiter.acquire()
            self._waiting.setdefault(owner, deque()).append(waiter)
            handover_count = self._handover_count
        while not waiter.acquire(timeout=timeout_s):
            with self._lock:
                if waiter not in self._waiting.get(owner, ()):  # it was released just now
                    return True
                if self._handover_count == handover_count:
                    self._remove(owner, waiter)
                    return False
                handover_count = self._handover_count
        return True

    def release(self) -> None:
        """Hand the permit over to the owner whose turn it is, or make it available."""
        with self._lock:
            if not self._waiting:
                self.available += 1
                return
            owner, waiters = next(iter(self._waiting.items()))
            waiter = waiters[0]
            self._remove(owner, waiter)
            if waiters:
                self._waiting.move_to_end(owner)
            self._handover_count += 1
            waiter.release()

    def _remove(self, owner: str, waiter: threading.Lock) -> None:
        self._waiting[owner].remove(waiter)
        if not self._waiting[owner]:
            del self._waiting[owner]
