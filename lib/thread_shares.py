"""Shares the threads of a server among the addresses of its clients, so that the connections of one address can't occupy all."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

_FACTOR = 8  # one address gets at most 8/9 of the threads, each of two 8/17
MAX_QUEUED = 500  # connections of one address that wait for a thread


@dataclass
class ThreadShares:
    """An address gets another thread while it has fewer than `_FACTOR` times the free ones (dynamic thresholds, Choudhury and Hahne 1998).

    The address "" stands for all clients whose address is unknown, and has no limit. Not thread-safe.
    """

    threads: int
    _busy: Counter[str] = field(default_factory=Counter)
    _queues: dict[str, deque[Any]] = field(default_factory=dict)
    _addresses: dict[Any, str] = field(default_factory=dict)

    def enter(self, connection: Any, address: str) -> bool:
        """Queue a connection that has sent a request; `start` returns it when a thread may serve it. Return False if the queue is full."""
        queue = self._queues.setdefault(address, deque())
        if address and len(queue) >= MAX_QUEUED:
            return False
        queue.append(connection)
        return True

    def start(self) -> Any | None:
        """Return the next connection to serve, of the address with the fewest threads; None if none may be served now."""
        address = min(self._queues, key=lambda each: self._busy[each], default=None)
        if address is None or not self._may_start(address):
            return None
        connection = self._queues[address].popleft()
        if not self._queues[address]:
            del self._queues[address]
        self._busy[address] += 1
        self._addresses[connection] = address
        return connection

    def list_served(self) -> list[Any]:
        """Return the connections that have a thread."""
        return list(self._addresses)

    def leave(self, connection: Any) -> None:
        """Free the thread of a connection."""
        address = self._addresses.pop(connection)
        self._busy[address] -= 1
        if not self._busy[address]:
            del self._busy[address]

    def _may_start(self, address: str) -> bool:
        free = self.threads - self._busy.total()
        return free > 0 and (not address or self._busy[address] < _FACTOR * free)
