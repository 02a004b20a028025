"""Clients that hardly read are found by what the kernel has sent to them."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

import pytest

from lib.slow_readers import SlowReaders


@pytest.fixture
def pairs() -> Iterator[list[tuple[socket.socket, socket.socket]]]:
    """Three connections, each as the server's and the client's socket."""
    with contextlib.ExitStack() as stack, socket.create_server(("127.0.0.1", 0)) as listener:
        sockets = []
        for _ in range(3):
            client = stack.enter_context(socket.create_connection(listener.getsockname()))
            server = stack.enter_context(listener.accept()[0])
            server.setblocking(False)
            client.setblocking(False)
            sockets.append((server, client))
        yield sockets


def fill(server: socket.socket) -> None:
    with contextlib.suppress(BlockingIOError):
        while True:
            server.send(bytes(2**20))


def drain(client: socket.socket) -> None:
    with contextlib.suppress(BlockingIOError):
        while client.recv(2**20):
            pass


def test_only_clients_that_hardly_read_are_found(pairs: list[tuple[socket.socket, socket.socket]]) -> None:
    (silent, silent_client), (quick, quick_client), (idle, _) = pairs
    times = iter((0.0, 31.0, 62.0, 93.0))
    readers = SlowReaders(now=lambda: next(times))
    sockets = [silent, quick, idle]
    for each in (silent, quick):
        fill(each)
    assert readers.find(sockets) == []
    drain(quick_client)
    fill(quick)
    silent_client.recv(100)
    assert readers.find(sockets) == [silent]
    drain(quick_client)
    fill(quick)
    assert readers.find([quick, idle]) == []
    assert readers.find([quick, idle]) == [quick], "it has stopped reading"


def test_other_sockets_and_closed_ones_are_never_slow() -> None:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    fill(ours)
    times = iter((0.0, 31.0, 62.0))
    readers = SlowReaders(now=lambda: next(times))
    assert readers.find([ours]) == readers.find([ours]) == []
    ours.close()
    theirs.close()
    assert readers.find([ours]) == []
