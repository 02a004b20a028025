"""Shares the threads of a server among the addresses of its clients, so that the connections of one address can't occupy all."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

from lib.hosts import client_network

_FACTOR = 8  # one address gets at most 8/9 of the threads, each of two 8/17
MAX_QUEUED = 500  # connections of one address that wait for a thread


@dataclass
class ThreadShares:
    """An address gets another thread while it has fewer than `_FACTOR` times the free ones (dynamic thresholds, Choudhury and Hahne 1998).

    Not thread-safe. `by_address`: False behind a proxy, whose address is that of all clients.
    """

    threads: int
    by_address: bool = True
    _busy: Counter[str] = field(default_factory=Counter)
    _queues: dict[str, deque[Any]] = field(default_factory=dict)

    def enter(self, connection: Any) -> bool:
        """Queue a connection that has sent a request; `start` returns it when a thread may serve it. Return False if the queue is full."""
        queue = self._queues.setdefault(self._key(connection), deque())
        if self.by_address and len(queue) >= MAX_QUEUED:
            return False
        queue.append(connection)
        return True

    def start(self) -> Any | None:
        """Return the next connection to serve, of the address with the fewest threads; None if none may be served now."""
        key = min(self._queues, key=lambda each: self._busy[each], default=None)
        if key is None or not self._may_start(key):
            return None
        connection = self._queues[key].popleft()
        if not self._queues[key]:
            del self._queues[key]
        self._busy[key] += 1
        return connection

    def leave(self, connection: Any) -> None:
        """Free the thread of a connection."""
        key = self._key(connection)
        self._busy[key] -= 1
        if not self._busy[key]:
            del self._busy[key]

    def _may_start(self, key: str) -> bool:
        free = self.threads - self._busy.total()
        return free > 0 and (not self.by_address or self._busy[key] < _FACTOR * free)

    def _key(self, connection: Any) -> str:
        client = connection.client
        if not self.by_address or not isinstance(client, tuple):  # a Unix socket has no addresses
            return ""
        return client_network(client[0])
