"""Lets only a few requests compute at a time: threads that compete for the interpreter lock slow each other down.

A thread that waits for CPython's global interpreter lock wakes up every 5 ms (`sys.getswitchinterval`). With sixty requests at once, a
quarter of the server's CPU time went into such wake-ups. Threads that wait here sleep until it is their turn.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

from lib.fair_semaphore import FairSemaphore
from lib.waiting import on_wait

_MAX_COMPUTING = 4
_WAIT_TIMEOUT_S = 1.0  # if no request has ended for so long, those that compute may be stuck: the next one runs in addition
_thread_state = threading.local()


class ConcurrencyLimit:
    """WSGI middleware. A request releases its permit when it waits for something (`lib.waiting`), and when its response begins.

    `sender_of(environ)` returns the sender of a request: senders get permits in turn.
    """

    def __init__(self, wsgi_app: Callable[..., Iterable[bytes]], sender_of: Callable[[dict[str, Any]], str]) -> None:
        self._wsgi_app, self._sender_of, self._semaphore = wsgi_app, sender_of, FairSemaphore(_MAX_COMPUTING)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        is_nested = getattr(_thread_state, "semaphore", None) is not None
        if not is_nested and self._semaphore.acquire(self._sender_of(environ), _WAIT_TIMEOUT_S):
            _thread_state.semaphore = self._semaphore
        try:
            return self._wsgi_app(environ, start_response)
        finally:
            _release()


def _release() -> None:
    """Release the permit of this thread, if it has one."""
    semaphore: FairSemaphore | None = getattr(_thread_state, "semaphore", None)
    if semaphore is not None:
        _thread_state.semaphore = None
        semaphore.release()


on_wait(_release)
