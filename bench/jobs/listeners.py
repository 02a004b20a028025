"""`python -m bench.jobs.listeners URL TOKEN COUNT`: open COUNT event streams of a server.

Prints `listening` once all have a response, and at the end of its input the number of streams that received an event.
"""

from __future__ import annotations

import selectors
import socket
import sys
from collections.abc import Sequence
from urllib.parse import urlsplit

_TIMEOUT_S = 60.0


def main(url: str, token: str, count: int) -> None:
    address = urlsplit(url)
    request = f"GET /api/v1/events HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: Bearer {token}\r\nAccept: text/event-stream\r\n\r\n"
    with selectors.DefaultSelector() as selector:
        connections = [socket.create_connection((address.hostname or "", address.port or 80), timeout=_TIMEOUT_S) for _ in range(count)]
        for connection in connections:
            connection.sendall(request.encode())
            response = connection.recv(4096)
            if b" 200 " not in response[:20]:
                raise SystemExit(f"refused: {response[:200]!r}")
            selector.register(connection, selectors.EVENT_READ)
        selector.register(sys.stdin, selectors.EVENT_READ)
        print("listening", flush=True)
        print(_listen(selector, connections), flush=True)


def _listen(selector: selectors.BaseSelector, connections: Sequence[socket.socket]) -> int:
    """Read until the input ends. Return how many connections received an event, which may be split over two reads."""
    tails, receivers = dict.fromkeys(connections, b""), set[socket.socket]()
    while True:
        for key, _ in selector.select():
            if key.fileobj is sys.stdin:
                return len(receivers)
            assert isinstance(key.fileobj, socket.socket)
            data = key.fileobj.recv(65536)
            if not data:
                selector.unregister(key.fileobj)
            if b"event:" in tails[key.fileobj] + data:
                receivers.add(key.fileobj)
            tails[key.fileobj] = data[-6:]


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
