"""Texts that processes share in Redis for a while. Whoever changes their source deletes them after its commit.

The first reader who misses a text gets a lease, reads the source, and may store the text only while nobody has deleted the lease: what was
read before a change is never stored after it (Nishtala et al., Scaling Memcache at Facebook, NSDI 2013, section 3.2.1).
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
_PAUSE_S = 5.0  # after a failure
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
    """`prefix`: of all keys. While Redis is away nothing is read from it, and deletions wait until it is back."""

    def __init__(self, redis_url: str, prefix: str) -> None:
        import redis  # half a second of CPU, which servers without Redis save
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        once = Retry(NoBackoff(), 1)  # by default, requests would wait for seconds
        timeouts = {"socket_connect_timeout": _TIMEOUT_S, "socket_timeout": _TIMEOUT_S}
        self._redis = redis.Redis.from_url(redis_url, **timeouts, decode_responses=True, retry=once)
        self._failure = redis.RedisError
        self._get_or_lease, self._store = (self._redis.register_script(text) for text in (_GET_OR_LEASE, _STORE))
        self._prefix = prefix
        self._lock = threading.Lock()
        self._undeleted: dict[str, object] = {}  # each with a mark of the newest change
        self._away_until = 0.0

    def read(self, key: str, life_s: int, load: Callable[[], str | None]) -> str | None:
        """Return the stored text, or what `load` returns, which is stored for `life_s` seconds unless it is None.

        None also if another process is loading it or Redis is away. `load` must not use what was read before it is called.
        """
        if not self.retry():
            return None
        name, lease = self._prefix + key, _LEASE + uuid.uuid4().hex
        stored: str = self._ask(lambda: str(self._get_or_lease(keys=[name], args=[lease, _LEASE_S])), "")
        if stored.startswith(_TEXT):
            return stored.removeprefix(_TEXT)
        if stored != lease:
            return None
        text = load()
        if text is not None:
            self._ask(lambda: self._store(keys=[name], args=[lease, _TEXT + text, life_s]), None)
        return text

    def delete(self, keys: Collection[str]) -> None:
        """Delete these texts, and the leases of those who are loading them; later, if Redis is away."""
        with self._lock:
            self._undeleted.update((key, object()) for key in keys)
        self.retry()

    def retry(self) -> bool:
        """Delete what could not be deleted before. Return whether Redis is there, so that everything in it is current."""
        if time.monotonic() < self._away_until:
            return False
        while self._undeleted:
            with self._lock:
                batch = dict(itertools.islice(self._undeleted.items(), _MAX_KEYS_PER_CALL))
            if not self._ask(functools.partial(self._delete, batch), False):
                return False
            with self._lock:
                for key, mark in batch.items():
                    if self._undeleted.get(key) is mark:  # else it has changed again meanwhile
                        del self._undeleted[key]
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
            self._away_until = time.monotonic() + _PAUSE_S
            log.warning("shared_cache_away", error=str(error))
            return otherwise
