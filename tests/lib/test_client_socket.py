"""Files that the kernel sends to clients: whole, in parts, and never to a client that reads nothing."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.client_socket import ClientSocket

CONTENT = os.urandom(2**20) * 8  # more than the buffers of both sides hold


@pytest.fixture
def connection() -> Iterator[tuple[ClientSocket, socket.socket]]:
    """The server's and the client's end of a TCP connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**16)
        server_socket, _ = listener.accept()
        with ClientSocket.take_over(server_socket) as server:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**16)
            yield server, client


@pytest.fixture
def file(tmp_path: Path) -> Path:
    target = tmp_path / "file"
    target.write_bytes(CONTENT)
    return target


def receive(client: socket.socket, into: list[bytes]) -> None:
    while block := client.recv(2**16):
        into.append(block)


def send(connection: tuple[ClientSocket, socket.socket], file: Path, offset: int, count: int | None) -> tuple[int, bytes, int]:
    """Return how many bytes were sent, what the client received_data, and how many calls of sendfile it took."""
    server, client = connection
    received_data: list[bytes] = []
    reader = threading.Thread(target=receive, args=(client, received_data))
    reader.start()
    calls = 0
    send_file = os.sendfile

    def count_calls(*arguments: int) -> int:
        nonlocal calls
        calls += 1
        return send_file(*arguments)

    server.settimeout(20)
    with file.open("rb") as source, pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "sendfile", count_calls)
        sent_bytes = server.sendfile(source, offset, count)
    assert server.gettimeout() == 20 and not os.get_blocking(server.fileno())
    server.shutdown(socket.SHUT_WR)
    reader.join()
    return sent_bytes, b"".join(received_data), calls


@pytest.mark.parametrize(("offset", "count"), [(0, None), (0, len(CONTENT)), (7, 5 * 2**20), (len(CONTENT) - 3, None), (5, 0)])
def test_a_part_of_a_file_is_sent_in_one_call(
    connection: tuple[ClientSocket, socket.socket], file: Path, offset: int, count: int | None
) -> None:
    expected = CONTENT[offset:] if count is None else CONTENT[offset : offset + count]
    sent_bytes, received_data, calls = send(connection, file, offset, count)
    assert sent_bytes == len(expected) and received_data == expected
    assert calls == (1 if expected else 0)


def test_a_file_that_is_shorter_than_announced(connection: tuple[ClientSocket, socket.socket], file: Path) -> None:
    sent_bytes, received_data, _ = send(connection, file, 0, len(CONTENT) + 1000)
    assert sent_bytes == len(CONTENT) and received_data == CONTENT


def test_a_client_that_reads_nothing_ends_the_sending(connection: tuple[ClientSocket, socket.socket], file: Path) -> None:
    server, _ = connection
    server.settimeout(0.3)
    with file.open("rb") as source, pytest.raises(TimeoutError):
        server.sendfile(source)
    assert not os.get_blocking(server.fileno())


def test_another_thread_ends_the_sending(connection: tuple[ClientSocket, socket.socket], file: Path) -> None:
    """As the server does with clients that read too slowly."""
    server, _ = connection
    server.settimeout(60)
    timer = threading.Timer(0.3, server.shutdown, (socket.SHUT_RDWR,))
    timer.start()
    with file.open("rb") as source, pytest.raises(OSError, match="Broken pipe"):
        server.sendfile(source)
    timer.join()
