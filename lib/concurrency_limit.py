"""Lets a few requests at a time compute: threads that compete for the interpreter lock slow each other down.

A thread that waits for CPython's global interpreter lock wakes up every 5 ms (`sys.getswitchinterval`). With sixty requests at once, a
quarter of the server's CPU time went into such wake-ups. Threads that wait here sleep until it is their turn.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Iterable
from typing import Any

from lib.waiting import on_wait

_MAX_COMPUTING = 4
_MAX_WAIT_S = 1.0  # a request that has waited so long runs beside the others: they may be stuck
_Places = queue.SimpleQueue[None]  # unlike a semaphore of `threading`, it waits without the interpreter lock
_held = threading.local()


class ConcurrencyLimit:
    """WSGI middleware. A request gives its place back when it waits for something (`lib.waiting`), and when its response begins."""

    def __init__(self, wsgi_app: Callable[..., Iterable[bytes]]) -> None:
        self._wsgi_app, self._places = wsgi_app, _Places()
        for _ in range(_MAX_COMPUTING):
            self._places.put(None)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if getattr(_held, "places", None) is None:  # else it is called within another request
            with contextlib.suppress(queue.Empty):
                self._places.get(timeout=_MAX_WAIT_S)
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
        places.put(None)


on_wait(_release)
