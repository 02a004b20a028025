"""Finds clients that read their response too slowly, by what the kernel has sent to them: their threads would wait for hours."""

from __future__ import annotations

import array
import fcntl
import socket
import struct
import termios
import time
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field

MIN_RESPONSE_RATE = 4096  # bytes per second, while a response waits to be sent
_WINDOW_S = 30.0
_BYTES_ACKED = struct.Struct("@120xQ")  # tcpi_bytes_acked in struct tcp_info, linux/tcp.h


@dataclass
class _Window:
    began_at: float
    acknowledged_bytes: int


@dataclass
class SlowReaders:
    """The send rates of connections between calls. Connections without TCP (a Unix socket) and other systems than Linux are never slow."""

    now: Callable[[], float] = time.monotonic
    _windows: dict[Hashable, _Window] = field(default_factory=dict)

    def find(self, sockets: Iterable[socket.socket]) -> list[socket.socket]:
        """Return the sockets that had bytes to send during the last half minute and sent fewer than MIN_RESPONSE_RATE."""
        before, self._windows = self._windows, {}
        slow, at = [], self.now()
        for sock in sockets:
            acknowledged_bytes = _acknowledged_bytes(sock) if _waits_to_send(sock) else None
            if acknowledged_bytes is None:
                continue
            window = before.get(sock) or _Window(at, acknowledged_bytes)
            seconds = at - window.began_at
            if seconds >= _WINDOW_S:
                if acknowledged_bytes - window.acknowledged_bytes < MIN_RESPONSE_RATE * seconds:
                    slow.append(sock)
                    continue
                window = _Window(at, acknowledged_bytes)
            self._windows[sock] = window
        return slow


def _waits_to_send(sock: socket.socket) -> bool:
    """Whether the kernel holds bytes that the client has not acknowledged (tcp(7), SIOCOUTQ)."""
    count = array.array("i", [0])
    try:
        fcntl.ioctl(sock, termios.TIOCOUTQ, count)
    except (OSError, ValueError):  # closed meanwhile
        return False
    return count[0] > 0


def _acknowledged_bytes(sock: socket.socket) -> int | None:
    """Return how many bytes the client has acknowledged; None if that is unknown."""
    try:
        info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _BYTES_ACKED.size)
        (byte_count,) = _BYTES_ACKED.unpack(info)
    except (OSError, ValueError, AttributeError, struct.error):
        return None
    return int(byte_count)
