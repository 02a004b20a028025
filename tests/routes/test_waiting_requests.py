"""Whether a client still waits: asked often, so it must not wait itself, also on sockets with a timeout, as gunicorn's are here."""

from __future__ import annotations

import socket
import time

from routes.waiting_requests import _is_closed


def test_a_connection_is_asked_without_waiting() -> None:
    server, client = socket.socketpair()
    with server, client:
        server.settimeout(20)
        start_s = time.monotonic()
        assert not _is_closed(server)
        client.sendall(b"GET / HTTP/1.1")
        assert not _is_closed(server) and server.recv(3) == b"GET"
        server.recv(100)
        client.close()
        assert _is_closed(server)
        assert time.monotonic() - start_s < 10
