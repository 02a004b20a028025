"""The uploads that this process is receiving: their number and bytes per user.

The database knows a recording only when it has arrived; until then this module counts its bytes against the quota of its user.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import errors

_WAIT_S = 5
_lock = threading.Lock()


class TooManyConcurrentUploads(errors.TooManyRequests):
    """You are sending too many files at the same time."""

    code = "too_many_concurrent_uploads"
    hint = "Wait until one of your uploads has ended, then send this one again."


@dataclass
class _UserUploads:
    """The uploads of a user. `ended_bytes`: the size of those that have ended successfully while others continued."""

    active: list[Upload] = field(default_factory=list)
    ended_bytes: int = 0


_uploads: dict[str, _UserUploads] = {}


@dataclass(eq=False)
class Upload:
    """An upload, which may consist of several files. `stored_bytes`: size of the user's stored files."""

    user_id: str
    received_bytes: int = 0
    stored_bytes: int = 0
    quota_bytes: int | None = None
    _ended_bytes_before: int = 0

    def set_quota(self, read: Callable[[], tuple[int, int]], announced_bytes: int) -> None:
        """Count further bytes against the quota; `read` returns the bytes stored and the quota. Raises QuotaExceeded."""
        with _lock:
            self._ended_bytes_before = _uploads[self.user_id].ended_bytes
        self.stored_bytes, self.quota_bytes = read()
        with _lock:
            self._check(max(0, announced_bytes - self.received_bytes))

    def add(self, size_bytes: int) -> None:
        """Count bytes that have arrived. Raises QuotaExceeded."""
        with _lock:
            self._check(size_bytes)
            self.received_bytes += size_bytes

    def _check(self, more_bytes: int) -> None:
        user_uploads = _uploads[self.user_id]
        used = (
            self.stored_bytes
            + user_uploads.ended_bytes
            - self._ended_bytes_before
            + sum(each.received_bytes for each in user_uploads.active)
        )
        if self.quota_bytes is not None and used + more_bytes > self.quota_bytes:
            raise errors.QuotaExceeded(
                f"{used} of {self.quota_bytes} bytes are used, uploads in progress included; {more_bytes} more would exceed the quota."
            )


def arriving_bytes(user_id: str) -> int:
    """Return what this process has received of uploads that have not ended."""
    with _lock:
        user_uploads = _uploads.get(user_id)
        return sum(each.received_bytes for each in user_uploads.active) if user_uploads is not None else 0


@contextlib.contextmanager
def begin_upload(user_id: str, limit: int) -> Iterator[Upload]:
    """Count an upload of the user from its first byte to its response. Raises TooManyConcurrentUploads."""
    upload = Upload(user_id)
    with _lock:
        user_uploads = _uploads.setdefault(user_id, _UserUploads())
        if len(user_uploads.active) >= limit:
            raise TooManyConcurrentUploads(f"The limit is {limit}.", wait_s=_WAIT_S)
        user_uploads.active.append(upload)
    has_succeeded = False
    try:
        yield upload
        has_succeeded = True
    finally:
        with _lock:
            user_uploads.active.remove(upload)
            user_uploads.ended_bytes += upload.received_bytes if has_succeeded else 0
            if not user_uploads.active:
                del _uploads[user_id]
