"""Clients that send slowly or not at all do not keep the server from others."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
import requests

from scripts.client import Client
from scripts.server import Server
from tests.conftest import upload_quick_recording
from tests.waiting import wait_for

pytestmark = pytest.mark.slow("holds hundreds of connections open")
REQUEST_TIMEOUT_S = 8.0


@pytest.fixture(scope="module")
def start_server(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path, models_dir: Path) -> Iterator[Callable[..., Server]]:
    """Start servers with few threads and other limits than usual."""

    def start(threads: int = 8, **limits: float) -> Server:
        data_dir = tmp_path_factory.mktemp("slow-clients")
        shutil.copy(migrated_sqlite, data_dir)
        config = data_dir / "gunicorn.conf.py"
        changes = "".join(f"slow_clients.{name} = {value}\n" for name, value in limits.items())
        config.write_text(f"from server_config import *\nfrom lib import slow_clients\n{changes}threads = {threads}\n")
        return stack.enter_context(Server(data_dir, {"MODELS_DIR": str(models_dir), "GUNICORN_CMD_ARGS": f"-c {config}"}))

    with contextlib.ExitStack() as stack:
        yield start


@pytest.fixture(scope="module")
def server(start_server: Callable[..., Server]) -> Server:
    return start_server(REQUEST_TIMEOUT_S=REQUEST_TIMEOUT_S, SOCKET_TIMEOUT_S=2.0, _GRACE_S=1.0)


@contextlib.contextmanager
def connections(server: Server, count: int, data: bytes) -> Iterator[list[socket.socket]]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_connection(("127.0.0.1", server.port), 10)) for _ in range(count)]
        for each in sockets:
            each.sendall(data)
        yield sockets


def is_open(client: socket.socket) -> bool:
    client.setblocking(False)
    try:
        return client.recv(1, socket.MSG_PEEK) != b""
    except BlockingIOError:
        return True
    except ConnectionResetError:
        return False


def assert_responsive(server: Server, connection: socket.socket, address: str = "127.0.0.1") -> None:
    """Check that the server answers another client, with this address, while it still keeps the connection `held`."""
    with socket.create_connection(("127.0.0.1", server.port), 60, source_address=(address, 0)) as client:
        client.sendall(b"GET /health/live HTTP/1.0\r\nHost: localhost\r\n\r\n")
        assert b" 200 " in client.recv(1000)
    assert is_open(connection)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"G",
        b"GET /list HTTP/1.1\r\nHost: localhost\r\nX-A: b\r\n",
        b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{",
    ],
)
def test_requests_that_never_arrive_need_no_thread(server: Server, data: bytes) -> None:
    with connections(server, 280, data) as sockets:
        assert_responsive(server, connection=sockets[-1])
        sockets[0].settimeout(60)
        assert sockets[0].recv(1000) == b""  # closed after the time limit


def test_headers_that_trickle_end_after_the_time_limit(server: Server) -> None:
    with connections(server, 1, b"GET / HTTP/1.1\r\n") as (client,):
        start_s = time.monotonic()
        with contextlib.suppress(OSError):
            while time.monotonic() - start_s < 60:
                client.sendall(b"X")
                time.sleep(0.2)
        assert REQUEST_TIMEOUT_S - 1 < time.monotonic() - start_s < 60


@contextlib.contextmanager
def stopped_worker(server: Server) -> Iterator[None]:
    """Hold the worker, so that all that happens meanwhile reaches it in one round of its event loop."""
    assert server.process
    (worker,) = psutil.Process(server.process.pid).children()
    worker.suspend()
    try:
        yield
    finally:
        worker.resume()


def test_more_waiting_connections_than_allowed_close_the_oldest(start_server: Callable[..., Server]) -> None:
    server = start_server(REQUEST_TIMEOUT_S=200.0, _MAX_WAITING=400)
    with connections(server, 410, b"G") as first:
        wait_for(lambda: not is_open(first[9]))  # 400 are left
        with contextlib.ExitStack() as stack:
            with stopped_worker(server):
                last = stack.enter_context(connections(server, 200, b"GET"))
                for each in first:  # also the one that the first new connection displaces
                    with contextlib.suppress(ConnectionError):
                        each.sendall(b"E")
            assert_responsive(server, connection=last[-1])
            states = [is_open(each) for each in first + last]
    assert states == sorted(states)
    assert 390 <= states.count(True) <= 400


def test_headers_that_never_end_are_refused_when_they_are_too_large(server: Server) -> None:
    lines = b"".join(b"X-%d: %s\r\n" % (number, b"a" * 4000) for number in range(34))
    with connections(server, 9, b"GET / HTTP/1.1\r\n" + lines) as sockets:
        for each in sockets:
            each.settimeout(60)
            assert each.recv(1000).startswith(b"HTTP/1.1 431 ")


def test_a_body_below_the_minimum_rate_is_refused(server: Server) -> None:
    client = Client(server.url)
    client.register()
    head = (
        f"POST /upload HTTP/1.1\r\nHost: localhost\r\nAuthorization: {client.http.headers['Authorization']}\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 1000000\r\n\r\n"
        '--b\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n'
    ).encode()
    with connections(server, 7, head) as sockets:
        assert_responsive(server, connection=sockets[-1])
        start_s, slow = time.monotonic(), sockets[0]
        slow.settimeout(0.3)
        response = b""
        while time.monotonic() - start_s < 60 and b"too_slow" not in response:
            if not response:
                slow.sendall(b"x")
            with contextlib.suppress(TimeoutError):
                response += slow.recv(10_000)
        assert response.startswith(b"HTTP/1.1 408 "), response


def receive_statuses(client: socket.socket, count: int) -> list[int]:
    """Read this number of whole responses and return their status codes."""
    statuses: list[int] = []
    buffer = b""
    while len(statuses) < count:
        head, _, body = buffer.partition(b"\r\n\r\n")
        length = re.search(rb"Content-Length: (\d+)", head)
        if length and len(body) >= int(length[1]):
            statuses.append(int(head.split()[1]))
            buffer = body[int(length[1]) :]
        else:
            buffer += client.recv(20_000)
    assert buffer == b""
    return statuses


def test_whole_requests_are_served_however_they_are_split(server: Server) -> None:
    body = json.dumps({"email": "a@example.org", "password": "wrong"}).encode() + b" " * 1000
    request = b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
        len(body),
        body,
    )
    with connections(server, 1, b"") as (client,):
        client.settimeout(10)
        for _ in range(2):  # the second on the kept connection, split elsewhere
            for start in range(0, len(request), 300):
                client.sendall(request[start : start + 300])
                time.sleep(0.02)
            assert receive_statuses(client, 1) == [401]
        client.sendall(request * 2)  # pipelined
        assert receive_statuses(client, 2) == [401, 401]
        client.sendall(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert b" 200 " in client.recv(20_000)


LARGE_FILE = b"GET /web/vendor/redoc/redoc.standalone.js HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.mark.parametrize(
    "data",
    [
        b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 70000\r\n\r\n{",
        b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
        b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n",
        LARGE_FILE * 10,
    ],
    ids=["large body", "chunked body", "expected body", "unread responses"],
)
def test_slow_clients_of_one_address_leave_threads_to_others(start_server: Callable[..., Server], data: bytes) -> None:
    server = start_server(SOCKET_TIMEOUT_S=200.0, threads=20)
    with connections(server, 60, data) as sockets:
        time.sleep(1)
        assert_responsive(server, connection=sockets[0], address="127.0.0.2")


def test_closed_connections_that_the_client_keeps_do_not_stop_the_event_loop(start_server: Callable[..., Server]) -> None:
    server = start_server(CLOSE_TIMEOUT_S=10.0)
    with connections(server, 20, b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n") as sockets:
        start_s = time.monotonic()
        assert requests.get(f"{server.url}/health/live", timeout=60).ok
        assert time.monotonic() - start_s < 10  # the time limit of one connection
        for each in sockets:
            each.settimeout(60)
            response = b""
            while block := each.recv(20_000):
                response += block
            assert b" 200 " in response


def test_uploads_work_through_the_worker(server: Server) -> None:
    client = Client(server.url)
    client.register()
    assert client.wait(upload_quick_recording(client)["video_id"])["status"] == "completed"


@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_refused_body_ends_the_connection_as_announced(server: Server, is_chunked: bool) -> None:
    """Otherwise the next request of a client that keeps its connection fails without a response."""
    body = b"x" * 3_000_000
    with requests.Session() as session:
        data = iter([body]) if is_chunked else body
        response = session.post(f"{server.url}/api/v1/auth/login", data=data, headers={"Content-Type": "application/json"}, timeout=30)
        assert (response.status_code, response.headers["Connection"]) == (400 if is_chunked else 413, "close")
        assert session.get(f"{server.url}/health/live", timeout=30).status_code == 200
        response = session.get(f"{server.url}/health/live", timeout=30)
        assert response.headers["Connection"] == "keep-alive"
