"""`python -m bench.jobs.listeners URL TOKEN MANY`: so many listen to a server's events, in a process of their own, as readers do.

It says `listening` once all are answered, and how many heard an event when its input ends.
"""

from __future__ import annotations

import selectors
import socket
import sys
from collections.abc import Mapping
from urllib.parse import urlsplit

_PATIENCE_S = 60.0


def main(url: str, token: str, many: int) -> None:
    place = urlsplit(url)
    request = f"GET /api/v1/events HTTP/1.1\r\nHost: {place.netloc}\r\nAuthorization: Bearer {token}\r\nAccept: text/event-stream\r\n\r\n"
    with selectors.DefaultSelector() as selector:
        lines = [socket.create_connection((place.hostname or "", place.port or 80), timeout=_PATIENCE_S) for _ in range(many)]
        for line in lines:
            line.sendall(request.encode())
            answer = line.recv(4096)
            if b" 200 " not in answer[:20]:
                raise SystemExit(f"refused: {answer[:200]!r}")
            selector.register(line, selectors.EVENT_READ)
        selector.register(sys.stdin, selectors.EVENT_READ)
        print("listening", flush=True)
        print(_listen(selector, dict.fromkeys(lines, b"")), flush=True)


def _listen(selector: selectors.BaseSelector, seen: Mapping[socket.socket, bytes]) -> int:
    """Read until the input ends. Return how many connections received an event, which may be split over two reads."""
    rest, heard = dict(seen), set[socket.socket]()
    while True:
        for key, _ in selector.select():
            if key.fileobj is sys.stdin:
                return len(heard)
            assert isinstance(key.fileobj, socket.socket)
            piece = key.fileobj.recv(65536)
            if not piece:
                selector.unregister(key.fileobj)
            if b"event:" in rest[key.fileobj] + piece:
                heard.add(key.fileobj)
            rest[key.fileobj] = piece[-6:]


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
