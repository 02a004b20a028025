"""The uploads that this process is receiving, counted per user."""

from __future__ import annotations

import contextlib
import threading
from collections import Counter
from collections.abc import Iterator

import errors

_WAIT_S = 5
_lock = threading.Lock()
_count = Counter[str]()


class TooManyConcurrentUploads(errors.TooManyRequests):
    """You are sending too many files at the same time."""

    code = "too_many_concurrent_uploads"
    hint = "Wait until one of your uploads has ended, then send this one again."


@contextlib.contextmanager
def count_upload(user_id: str, limit: int) -> Iterator[None]:
    """Count an upload of the user from its first byte to its response. Raises TooManyConcurrentUploads."""
    with _lock:
        if _count[user_id] >= limit:
            raise TooManyConcurrentUploads(f"The limit is {limit}.", wait_s=_WAIT_S)
        _count[user_id] += 1
    try:
        yield
    finally:
        with _lock:
            _count[user_id] -= 1
            if not _count[user_id]:
                del _count[user_id]
