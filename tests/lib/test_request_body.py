"""A body that is received straight into the memory of its reader, as werkzeug and the form parser read it."""

from __future__ import annotations

import io
import random
import socket
import threading
from collections.abc import Iterator

import pytest
from gunicorn.http.body import LengthReader
from gunicorn.http.unreader import SocketUnreader
from werkzeug.wsgi import LimitedStream

from lib.request_body import DirectBody

BODY, NEXT_REQUEST = random.Random(3).randbytes(700_000), b"GET / HTTP/1.1\r\n\r\n"


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    receiver, sender = socket.socketpair()
    with receiver, sender:
        yield receiver, sender


def make_body(receiver: socket.socket, read_ahead: bytes, length: int = len(BODY)) -> DirectBody:
    """`read_ahead`: what was received with the headers."""
    unreader = SocketUnreader(receiver)
    unreader.unread(read_ahead)
    return DirectBody(LengthReader(unreader, length))


def send(sender: socket.socket, data: bytes) -> threading.Thread:
    def run() -> None:
        for at in range(0, len(data), 70_001):
            sender.sendall(data[at : at + 70_001])

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.parametrize("read_ahead_bytes", [0, 1, 5000, len(BODY), len(BODY) + 10])
def test_a_body_ends_where_the_next_request_begins(ends: tuple[socket.socket, socket.socket], read_ahead_bytes: int) -> None:
    receiver, sender = ends
    data = BODY + NEXT_REQUEST
    body = make_body(receiver, data[:read_ahead_bytes])
    thread = send(sender, data[read_ahead_bytes:])
    received_data, buffer = b"", bytearray(65_536)
    while count := body.readinto(buffer):
        received_data += buffer[:count]
    thread.join()
    sender.shutdown(socket.SHUT_WR)
    assert received_data == BODY and body.reader.length == 0
    rest = body.reader.unreader.take_buffered()
    while data := receiver.recv(1000):
        rest += data
    assert rest == NEXT_REQUEST


def test_lines_blocks_and_the_rest_may_be_read_in_turn(ends: tuple[socket.socket, socket.socket]) -> None:
    receiver, sender = ends
    content = b"first line\n" + BODY
    thread = send(sender, content)
    body = make_body(receiver, b"", len(content))
    buffer = bytearray(100)
    parts = [body.readline(), body.read(50)]
    parts.append(bytes(buffer[: body.readinto(buffer)]))
    parts.append(io.BufferedReader(LimitedStream(body, 10**9, is_max=True)).read())
    thread.join()
    assert b"".join(parts) == content


def test_a_client_that_leaves_early_ends_the_body(ends: tuple[socket.socket, socket.socket]) -> None:
    receiver, sender = ends
    sender.sendall(b"abc")
    sender.close()
    body = make_body(receiver, b"", 10)
    buffer = bytearray(8)
    assert (body.readinto(buffer), bytes(buffer[:3]), body.readinto(buffer)) == (3, b"abc", 0)


def test_an_error_leaves_the_connection_unusable(ends: tuple[socket.socket, socket.socket]) -> None:
    receiver, _ = ends
    receiver.settimeout(0.05)
    body = make_body(receiver, b"", 10)
    with pytest.raises(TimeoutError):
        body.readinto(bytearray(8))
    assert body.failed
