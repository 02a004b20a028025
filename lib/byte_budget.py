"""Bytes that one client may be sent within an hour, counted in Redis or, without it, in this process."""

from __future__ import annotations

import time
from typing import cast

import structlog
from limits.storage import Storage, storage_from_string

from lib.rate_counts import MemoryCounts

log = structlog.get_logger(__name__)
_HOUR_S = 3600


class ByteBudget:
    """`redis_url`: "" counts in memory, by each process."""

    def __init__(self, redis_url: str) -> None:
        self._counts = cast("Storage", storage_from_string(redis_url or f"{MemoryCounts.STORAGE_SCHEME[0]}://"))

    def spend(self, client: str, size_bytes: int, limit_bytes: int) -> int:
        """Count these bytes and return 0, or return how many seconds to wait if the client has used up its hour.

        The last file may exceed the limit, so that every file can be loaded whole. While Redis is unavailable, nothing is refused.
        """
        key = f"downloads:{client}"
        try:
            if int(self._counts.get(key)) >= limit_bytes:
                return max(1, int(self._counts.get_expiry(key) - time.time()) + 1)
            self._counts.incr(key, _HOUR_S, amount=size_bytes)
        except self._counts.base_exceptions as error:
            log.warning("downloads_not_counted", error=str(error))
        return 0
