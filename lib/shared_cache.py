"""A cache of texts in Redis, with expiry. Code that changes the source of a text must delete the text after its commit.

The first reader that misses a text gets a lease, reads the source, and may store the text only if the lease has not been deleted: a text
from before a change is never stored after it (Nishtala et al., Scaling Memcache at Facebook, NSDI 2013, section 3.2.1).
"""

from __future__ import annotations

import functools
import itertools
import threading
import time
import uuid
from collections.abc import Callable, Collection
from typing import Any

import structlog

from lib.waiting import before_waiting

log = structlog.get_logger(__name__)
_TIMEOUT_S = 0.3
_RETRY_AFTER_S = 5.0
_LEASE_S = 10
_MAX_KEYS_PER_CALL = 1000
_LEASE, _TEXT = "lease:", "text:"
_GET_OR_LEASE = """
local stored = redis.call('GET', KEYS[1])
if stored then return stored end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return ARGV[1]
"""
_STORE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3]) end
"""


class SharedCache:
    """`prefix`: of all keys. While Redis is unavailable, nothing is read from it, and deletions wait."""

    def __init__(self, redis_url: str, prefix: str) -> None:
        import redis  # takes half a second of CPU time
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        retry_once = Retry(NoBackoff(), 1)  # by default, requests would wait for seconds
        timeouts = {"socket_connect_timeout": _TIMEOUT_S, "socket_timeout": _TIMEOUT_S}
        self._redis = redis.Redis.from_url(redis_url, **timeouts, decode_responses=True, retry=retry_once)
        self._failure = redis.RedisError
        self._get_or_lease, self._store = (self._redis.register_script(text) for text in (_GET_OR_LEASE, _STORE))
        self._prefix = prefix
        self._lock = threading.Lock()
        self._pending_deletions: dict[str, object] = {}  # each with a mark of the newest change
        self._unavailable_until = 0.0

    def read(self, key: str, lifetime_s: int, load: Callable[[], str | None]) -> str | None:
        """Return the stored text, or what `load` returns, which is stored for `lifetime_s` seconds unless it is None.

        None also if another process is loading it or Redis is unavailable. `load` must not use data that was read before the call.
        """
        if not self.retry():
            return None
        name, lease = self._prefix + key, _LEASE + uuid.uuid4().hex
        entry: str = self._ask(lambda: str(self._get_or_lease(keys=[name], args=[lease, _LEASE_S])), "")
        if entry.startswith(_TEXT):
            return entry.removeprefix(_TEXT)
        if entry != lease:
            return None
        text = load()
        if text is not None:
            self._ask(lambda: self._store(keys=[name], args=[lease, _TEXT + text, lifetime_s]), None)
        return text

    def delete(self, keys: Collection[str]) -> None:
        """Delete these texts and their leases; later if Redis is unavailable."""
        with self._lock:
            self._pending_deletions.update((key, object()) for key in keys)
        self.retry()

    def retry(self) -> bool:
        """Run pending deletions. Return whether Redis is available, which means that its texts are current."""
        if time.monotonic() < self._unavailable_until:
            return False
        while self._pending_deletions:
            with self._lock:
                batch = dict(itertools.islice(self._pending_deletions.items(), _MAX_KEYS_PER_CALL))
            if not self._ask(functools.partial(self._delete, batch), False):
                return False
            with self._lock:
                for key, mark in batch.items():
                    if self._pending_deletions.get(key) is mark:  # else it has changed again meanwhile
                        del self._pending_deletions[key]
        return True

    def _delete(self, keys: Collection[str]) -> bool:
        if keys:
            self._redis.delete(*(self._prefix + key for key in keys))
        return True

    def _ask(self, call: Callable[[], Any], otherwise: Any) -> Any:
        before_waiting()
        try:
            return call()
        except self._failure as error:
            self._unavailable_until = time.monotonic() + _RETRY_AFTER_S
            log.warning("shared_cache_unavailable", error=str(error))
            return otherwise
