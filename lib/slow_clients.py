"""A gunicorn worker whose threads serve only requests that have arrived: slow clients wait in the event loop, which is cheap.

gunicorn's gthread reads headers inside a thread, so as many connections as it has threads stop it if their headers never end. Here the
event loop collects the headers, and small bodies, within `REQUEST_TIMEOUT_S`. Larger bodies are read by a thread, at a minimum rate.
"""

from __future__ import annotations

import re
import socket
import time
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.http.errors import NoMoreData
from gunicorn.workers.gthread import TConn, ThreadWorker

REQUEST_TIMEOUT_S = 15.0  # for headers and a small body
SOCKET_TIMEOUT_S = 20.0  # for each read of a large body and each write of a response
MAX_SMALL_BODY_BYTES = 64 * 1024
MIN_BODY_RATE = 4096  # bytes per second of waiting, after the first `_GRACE_S`
_GRACE_S = 10.0
_MAX_WAITING = 2000  # connections whose request has not arrived; beyond them the oldest is closed
_MAX_HEADER_BYTES = 128 * 1024  # the parser refuses fewer already
_RECV_BYTES = 64 * 1024
_END_OF_HEADERS = b"\r\n\r\n"
_CONTENT_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,18})[ \t]*\r\n", re.IGNORECASE)
_EXPECTS_CONTINUE = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*\r\n", re.IGNORECASE)


class ClientTooSlow(NoMoreData):  # type: ignore[misc]
    """The client sends its body below the minimum rate."""


class Connection(TConn):  # type: ignore[misc]
    """A connection with the bytes of its next request that the event loop has received."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.received = bytearray()

    def has_request(self) -> bool:
        """Return whether a thread can serve the request without waiting for its headers or a small body."""
        end = self.received.find(_END_OF_HEADERS)
        if end < 0:
            return len(self.received) > _MAX_HEADER_BYTES
        headers = bytes(self.received[: end + 2])
        length = _CONTENT_LENGTH.search(headers)
        body_bytes = int(length.group(1)) if length else 0
        if body_bytes > MAX_SMALL_BODY_BYTES or _EXPECTS_CONTINUE.search(headers):
            return True
        return len(self.received) - end - len(_END_OF_HEADERS) >= body_bytes

    def init(self) -> None:
        """Pass on what has arrived; called by the thread before it parses each request."""
        super().init()
        self.sock.settimeout(SOCKET_TIMEOUT_S)
        if self.is_http2:
            return
        self.parser.unreader.unread(bytes(self.received))
        self.parser.unreader.sock = _MeteredSocket(self.sock)
        self.received.clear()


class _MeteredSocket:
    """The receiving side of a socket. Raises ClientTooSlow below the minimum rate; only the time spent waiting counts."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock, self._waited_s, self._bytes = sock, 0.0, 0

    def recv(self, size: int) -> bytes:
        started = time.monotonic()
        try:
            data = self._sock.recv(size)
        except TimeoutError:
            raise ClientTooSlow from None
        self._waited_s += time.monotonic() - started
        self._bytes += len(data)
        if self._waited_s > _GRACE_S and self._bytes < MIN_BODY_RATE * self._waited_s:
            raise ClientTooSlow
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


class SlowClientWorker(ThreadWorker):  # type: ignore[misc]
    """The threaded worker, with requests collected by the event loop. `pending_conns` are those whose request has not arrived."""

    def accept(self, listener: Any) -> None:
        try:
            sock, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        self.nr_conns += 1
        self.enqueue_req(Connection(self.cfg, sock, address, listener.getsockname()))

    def enqueue_req(self, conn: Any) -> None:
        """Serve the request if it has arrived, else wait for it."""
        if self.cfg.is_ssl or conn.is_http2:
            super().enqueue_req(conn)
            return
        if conn.parser is not None:
            conn.received[:0] = conn.parser.unreader.take_buffered()
        if conn.has_request():
            conn.data_ready = True
            super().enqueue_req(conn)
            return
        if len(self.pending_conns) >= _MAX_WAITING:
            self._forget(self.pending_conns[0])
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + REQUEST_TIMEOUT_S
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def on_pending_socket_readable(self, conn: Any, client: Any) -> None:
        """Take what has arrived; hand the connection to a thread once the request is complete."""
        try:
            data = conn.sock.recv(_RECV_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        conn.received += data
        if data and not conn.has_request():
            return
        if not data:
            self._forget(conn)
            return
        self.poller.unregister(client)
        self.pending_conns.remove(conn)
        conn.data_ready = True
        ThreadWorker.enqueue_req(self, conn)

    def _forget(self, conn: Any) -> None:
        """Close a connection whose request has not arrived."""
        self.pending_conns.remove(conn)
        self.poller.unregister(conn.sock)
        self.nr_conns -= 1
        conn.close()
