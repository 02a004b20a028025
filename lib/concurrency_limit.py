"""Lets a few requests at a time compute: threads that compete for the interpreter lock slow each other down.

A thread that waits for CPython's global interpreter lock wakes up every 5 ms (`sys.getswitchinterval`). With sixty requests at once, a
quarter of the server's CPU time went into such wake-ups. Threads that wait here sleep until it is their turn.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from lib.waiting import on_wait

_MAX_COMPUTING = 4
_MAX_WAIT_S = 1.0  # a request that has waited so long runs beside the others: they may be stuck
_held = threading.local()


class _Places:
    """Places that are passed on in the order in which threads have asked for them. A semaphore lets newcomers overtake."""

    def __init__(self, count: int) -> None:
        self.free = count
        self._waiting: deque[threading.Lock] = deque()
        self._lock = threading.Lock()

    def take(self, timeout_s: float) -> bool:
        """Return whether this thread has got a place."""
        with self._lock:
            if self.free:
                self.free -= 1
                return True
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        if turn.acquire(timeout=timeout_s):
            return True
        with self._lock:
            if turn not in self._waiting:  # it was released just now
                return True
            self._waiting.remove(turn)
            return False

    def give_back(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self.free += 1


class ConcurrencyLimit:
    """WSGI middleware. A request gives its place back when it waits for something (`lib.waiting`), and when its response begins."""

    def __init__(self, wsgi_app: Callable[..., Iterable[bytes]]) -> None:
        self._wsgi_app, self._places = wsgi_app, _Places(_MAX_COMPUTING)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        is_nested = getattr(_held, "places", None) is not None
        if not is_nested and self._places.take(_MAX_WAIT_S):
            _held.places = self._places
        try:
            return self._wsgi_app(environ, start_response)
        finally:
            _release()


def _release() -> None:
    """Give this thread's place back, if it has one."""
    places: _Places | None = getattr(_held, "places", None)
    if places is not None:
        _held.places = None
        places.give_back()


on_wait(_release)
