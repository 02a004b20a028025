"""A gunicorn worker whose threads serve only requests that have arrived: slow clients wait in the event loop and hold no thread.

gunicorn's gthread reads headers inside a thread, so as many connections as it has threads stop it if their headers never end. Here the
event loop collects the headers, and small bodies, within `REQUEST_TIMEOUT_S`. Larger bodies are read by a thread, at a minimum rate;
clients that send those slowly hold no more than a share of the threads (`lib/thread_shares.py`). Responses have a minimum rate too
(`lib/slow_readers.py`).
The event loop also drains connections that the server closes: gunicorn's loop waits for each client, and serves nobody meanwhile.
"""

from __future__ import annotations

import contextlib
import re
import socket
import time
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.http.body import ChunkedReader, LengthReader
from gunicorn.http.errors import NoMoreData
from gunicorn.workers.gthread import TConn, ThreadWorker

from lib.client_socket import ClientSocket
from lib.hosts import client_network
from lib.received_request import ReceivedRequest
from lib.request_body import DirectBody
from lib.slow_readers import SlowReaders
from lib.thread_shares import ThreadShares

REQUEST_TIMEOUT_S = 15.0  # for headers and a small body
SOCKET_TIMEOUT_S = 20.0  # for each read of a large body and each write of a response
MIN_BODY_RATE = 4096  # bytes per second of waiting, after the first `_GRACE_S`
_GRACE_S = 10.0
_MAX_WAITING = 2000  # connections whose request has not arrived; beyond them the oldest is closed
CLOSE_TIMEOUT_S = 2.0  # for a client to close its side, so that it receives the whole response (RFC 9112, section 9.6)
_MAX_CLOSING = 1000  # connections whose clients have not closed yet; beyond them the oldest is closed
_MAX_DRAINED_BYTES = 64 * 1024  # that a client may send while its connection is being closed
_MAX_SKIPPED_BYTES = 32 * 1024  # of a body that was refused; gunicorn skips twice as many, for five seconds
TRUSTED_PROXIES = 0  # set by server_config; each appends the address of its client to X-Forwarded-For
_CHECK_READERS_S = 1.0  # between two checks for clients that read slowly
_BUSY_RESPONSE = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_HEADERS_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_RECV_BYTES = 64 * 1024
_FORWARDED_FOR = re.compile(rb"\r\nx-forwarded-for:[ \t]*([^\r\n]*)", re.IGNORECASE)


class ClientTooSlow(NoMoreData):  # type: ignore[misc]
    """The client sends its body below the minimum rate."""


class Connection(TConn):  # type: ignore[misc]
    """A connection with the bytes of its next request that the event loop has received.

    `close_later` closes it when the client has closed its side; it does not wait.
    """

    def __init__(self, *args: Any, close_later: Callable[[Connection], None]) -> None:
        super().__init__(*args)
        self.partial_request = ReceivedRequest()
        self.drained_bytes = 0
        self._close_later = close_later

    def close(self, graceful: bool = False) -> None:
        if graceful and not self.cfg.is_ssl:
            self._close_later(self)
        else:
            super().close(graceful)

    def address(self) -> str:
        """Return the network address of the client that sent the request, or ""; behind proxies, the one that the first of them saw."""
        if TRUSTED_PROXIES:
            addresses = b",".join(_FORWARDED_FOR.findall(self.partial_request.headers())).split(b",")[-TRUSTED_PROXIES:]
            with contextlib.suppress(ValueError):
                return client_network(addresses[0].strip().decode("latin-1"))
        return client_network(self.client[0]) if isinstance(self.client, tuple) else ""  # a Unix socket has no addresses

    def init(self) -> None:
        """Pass on what has arrived; called by the thread before it parses each request."""
        super().init()
        self.sock.settimeout(SOCKET_TIMEOUT_S)
        if self.is_http2:
            return
        self.parser.unreader.unread(self.partial_request.data())
        self.parser.unreader.sock = _MeteredSocket(self.sock)
        self.partial_request = ReceivedRequest()


class _MeteredSocket:
    """The receiving side of a socket. Raises ClientTooSlow below the minimum rate; only the time spent waiting counts."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock, self._waited_s, self._bytes = sock, 0.0, 0

    def recv(self, size: int) -> bytes:
        with self._meter():
            data = self._sock.recv(size)
            self._bytes += len(data)
        return data

    def recv_into(self, buffer: memoryview) -> int:
        with self._meter():
            count = self._sock.recv_into(buffer)
            self._bytes += count
        return count

    @contextlib.contextmanager
    def _meter(self) -> Iterator[None]:
        start_s = time.monotonic()
        try:
            yield
        except TimeoutError:
            raise ClientTooSlow from None
        self._waited_s += time.monotonic() - start_s
        if self._waited_s > _GRACE_S and self._bytes < MIN_BODY_RATE * self._waited_s:
            raise ClientTooSlow

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


def _has_much_unread(request: Any) -> bool:
    """Return whether gunicorn closes the connection after the response, because it would have to skip too much of the body."""
    reader = request.body.reader
    if isinstance(reader, LengthReader):
        return bool(reader.length > _MAX_SKIPPED_BYTES)
    return isinstance(reader, ChunkedReader) and reader.parser is not None


def _is_closed(client: socket.socket) -> bool:
    """Return whether an earlier event of the same round of the event loop has closed the connection."""
    return client.fileno() < 0


class SlowClientWorker(ThreadWorker):  # type: ignore[misc]
    """The threaded worker, with requests collected by the event loop. `pending_conns` are those whose request has not arrived."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._closing: deque[Connection] = deque()
        self._shares = ThreadShares(self.cfg.threads)
        self._readers, self._readers_checked_at = SlowReaders(), 0.0

    def accept(self, listener: Any) -> None:
        try:
            sock, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        self.nr_conns += 1
        client = ClientSocket.take_over(sock)
        self.enqueue_req(Connection(self.cfg, client, address, listener.getsockname(), close_later=self._close_later))

    def enqueue_req(self, conn: Any) -> None:
        """Serve the request if it has arrived, else wait for it."""
        if self.cfg.is_ssl or conn.is_http2:
            self._serve(conn)
            return
        if conn.parser is not None:
            conn.partial_request = ReceivedRequest(conn.parser.unreader.take_buffered() + conn.partial_request.data())
        if conn.partial_request.is_complete():
            conn.data_ready = True
            self._serve(conn)
            return
        if len(self.pending_conns) >= _MAX_WAITING:
            self._forget(self.pending_conns[0])
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + REQUEST_TIMEOUT_S
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def on_pending_socket_readable(self, conn: Any, client: Any) -> None:
        """Take what has arrived; hand the connection to a thread once the request is complete."""
        if _is_closed(client):
            return
        try:
            data = conn.sock.recv(_RECV_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._forget(conn)
            return
        conn.partial_request.append(data)
        is_too_large = conn.partial_request.has_too_large_headers()
        if not is_too_large and not conn.partial_request.is_complete():
            return
        self.poller.unregister(client)
        self.pending_conns.remove(conn)
        if is_too_large:
            self._refuse(conn, _HEADERS_TOO_LARGE)
        else:
            conn.data_ready = True
            self._serve(conn)

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Serve a request. The response to a body that was refused announces the end of the connection; the next request would fail."""
        should_close = req.should_close
        req.should_close = lambda: should_close() or _has_much_unread(req)
        if isinstance(req.body.reader, LengthReader):
            req.body = DirectBody(req.body.reader)
        return super().handle_request(req, conn)

    def finish_request(self, conn: Any, fs: Any) -> None:
        self._shares.leave(conn)
        super().finish_request(conn, fs)
        self._serve_queued()

    def murder_pending(self) -> None:
        super().murder_pending()
        while self._closing and self._closing[0].timeout < time.monotonic():
            self._close(self._closing[0])
        self._end_slow_responses()

    def _end_slow_responses(self) -> None:
        """End the connections whose clients read too slowly; the threads that send to them then get an error."""
        if time.monotonic() < self._readers_checked_at + _CHECK_READERS_S:
            return
        self._readers_checked_at = time.monotonic()
        for sock in self._readers.find([each.sock for each in self._shares.list_served()]):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _serve(self, conn: Any) -> None:
        """Serve the connection when its address has a share of the threads left; refuse it if too many of the address wait."""
        if self._shares.enter(conn, conn.address()):
            self._serve_queued()
        else:
            self._refuse(conn, _BUSY_RESPONSE)

    def _refuse(self, conn: Any, response: bytes) -> None:
        self.nr_conns -= 1  # of those that count against `worker_connections`; closing may take a while
        conn.sock.setblocking(False)
        with contextlib.suppress(OSError):
            conn.sock.send(response)
        conn.close(graceful=True)

    def _serve_queued(self) -> None:
        while (conn := self._shares.start()) is not None:
            ThreadWorker.enqueue_req(self, conn)

    def _close_later(self, conn: Connection) -> None:
        """Announce the end of the connection; close it when the client has done so, or after a while."""
        try:
            conn.sock.setblocking(False)
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            conn.close()
            return
        if len(self._closing) >= _MAX_CLOSING:
            self._close(self._closing[0])
        conn.timeout = time.monotonic() + CLOSE_TIMEOUT_S
        self._closing.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self._drain, conn))

    def _drain(self, conn: Connection, client: Any) -> None:
        """Discard what the client still sends."""
        if _is_closed(client):
            return
        try:
            received_bytes = len(conn.sock.recv(_RECV_BYTES))
        except BlockingIOError:
            return
        except OSError:
            received_bytes = 0
        conn.drained_bytes += received_bytes
        if not received_bytes or conn.drained_bytes >= _MAX_DRAINED_BYTES:
            self._close(conn)

    def _close(self, conn: Connection) -> None:
        self._closing.remove(conn)
        self.poller.unregister(conn.sock)
        conn.close()

    def _forget(self, conn: Any) -> None:
        """Close a connection whose request has not arrived."""
        self.pending_conns.remove(conn)
        self.poller.unregister(conn.sock)
        self.nr_conns -= 1
        conn.close()
