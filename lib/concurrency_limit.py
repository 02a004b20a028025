"""Lets a few requests at a time compute: threads that compete for the interpreter lock slow each other down.

A thread that waits for CPython's global interpreter lock wakes up every 5 ms (`sys.getswitchinterval`). With sixty requests at once, a
quarter of the server's CPU time went into such wake-ups. Threads that wait here sleep until it is their turn.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

from lib.fair_places import FairPlaces
from lib.waiting import on_wait

_MAX_COMPUTING = 4
_WAIT_TIMEOUT_S = 1.0  # if no request has ended for so long, those that compute may be stuck: the next one runs beside them
_held_places = threading.local()


class ConcurrencyLimit:
    """WSGI middleware. A request gives its place back when it waits for something (`lib.waiting`), and when its response begins.

    `sender_of(environ)` names whoever sends a request: the senders get places in turn.
    """

    def __init__(self, wsgi_app: Callable[..., Iterable[bytes]], sender_of: Callable[[dict[str, Any]], str]) -> None:
        self._wsgi_app, self._sender_of, self._places = wsgi_app, sender_of, FairPlaces(_MAX_COMPUTING)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        is_nested = getattr(_held_places, "places", None) is not None
        if not is_nested and self._places.take(self._sender_of(environ), _WAIT_TIMEOUT_S):
            _held_places.places = self._places
        try:
            return self._wsgi_app(environ, start_response)
        finally:
            _release()


def _release() -> None:
    """Give this thread's place back, if it has one."""
    places: FairPlaces | None = getattr(_held_places, "places", None)
    if places is not None:
        _held_places.places = None
        places.give_back()


on_wait(_release)
