"""64 clients that list, poll and upload for a minute, on SQLite and PostgreSQL; then the same together with stalled uploads and pollers."""

from __future__ import annotations

import contextlib
import http.client
import json
import math
import os
import random
import re
import socket
import threading
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from bench.context import Context, markdown_table
from scripts import backends
from scripts.program import PROJECT
from scripts.server import Server

CLIENTS, STALLED_UPLOADS, POLLERS = 64, 30, 40
DURATION_S = float(os.environ.get("LOAD_DURATION_S", "60"))
PAUSE_S = 0.3
UPLOAD_SHARE, STATUS_SHARE = 1 / 60, 0.45
MAX_P99_S = {"list": 1.0, "status": 1.0, "upload": 3.0}
MAX_SLOWDOWN = 2.0
NO_RESPONSE = 599
_STALLED_PER_ACCOUNT = 10
_PASSWORD = "correct horse battery"


@dataclass
class Results:
    """Durations in seconds by kind of request, and the statuses of all responses. Thread-safe, as each append is atomic."""

    durations: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    statuses: list[int] = field(default_factory=list)

    def p99(self, kind: str) -> float:
        values = sorted(self.durations[kind])
        return values[math.ceil(0.99 * len(values)) - 1] if values else 0.0

    def failures(self) -> Counter[str]:
        """Count server errors by their status, and connections that ended without a response."""
        return Counter("no response" if status == NO_RESPONSE else str(status) for status in self.statuses if status >= 500)


class LoadClient:
    """One account with one connection."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=70)
        credentials = {"email": f"{uuid.uuid4().hex}@example.org", "password": _PASSWORD, "name": "Ada Lovelace"}
        _, body = self.send("POST", "/api/v1/auth/register", json.dumps(credentials).encode(), "application/json")
        self.token = str(json.loads(body)["access_token"])
        self.video_id = ""

    def send(self, method: str, path: str, body: bytes = b"", content_type: str = "") -> tuple[int, bytes]:
        headers = {"Content-Type": content_type} if content_type else {}
        if hasattr(self, "token"):
            headers["Authorization"] = f"Bearer {self.token}"
        for _ in range(2):  # the server closes idle connections; a second failure counts
            try:
                self._connection.request(method, path, body or None, headers)
                response = self._connection.getresponse()
                return response.status, response.read()
            except (http.client.HTTPException, OSError):
                self._connection.close()
        return NO_RESPONSE, b""

    def upload(self) -> int:
        status, body = self.send("POST", "/upload", _FORM, "multipart/form-data; boundary=load")
        if status < 300:
            self.video_id = str(json.loads(body)["video_id"])
        return status

    def run(self, until: float, results: Results) -> None:
        """List, poll and upload until the time is over."""
        while time.monotonic() < until:
            choice = random.random()
            kind = "upload" if choice < UPLOAD_SHARE else "status" if choice < UPLOAD_SHARE + STATUS_SHARE else "list"
            start_s = time.monotonic()
            if kind == "upload":
                status = self.upload()
            else:
                status, _ = self.send("GET", f"/status/{self.video_id}" if kind == "status" else "/list")
            results.durations[kind].append(time.monotonic() - start_s)
            results.statuses.append(status)
            time.sleep(random.uniform(0.5, 1.5) * PAUSE_S)

    def poll(self, until: float) -> None:
        while time.monotonic() < until:
            self.send("GET", f"/status/{self.video_id}")
            time.sleep(random.uniform(0.5, 1.5) * PAUSE_S)


def run(context: Context) -> str:
    rows, verdicts = [], []
    with backends.postgres_server(name="load") as postgres, backends.fresh_database(postgres.url) as url:
        for database, settings in (("SQLite", {}), ("PostgreSQL", {"DATABASE_URL": url})):
            with Server(context.folder / database, settings) as server:
                clients = _register(server.port, CLIENTS)
                without_load = _measure(clients, DURATION_S)
                with _disturb(server.port, DURATION_S):
                    with_load = _measure(clients, DURATION_S)
            for name, results in (("alone", without_load), ("with stalled uploads and pollers", with_load)):
                rows += _rows(database, name, results)
            verdicts.append(f"{database}: {_verdict(without_load, with_load)}")
    headers = ["database", "load", "request", "responses", "p50, s", "p99, s", "longest, s"]
    goal = (
        f"Goals: no 5xx; p99 of list and status at most {MAX_P99_S['list']:.0f} s, of uploads at most {MAX_P99_S['upload']:.0f} s; beside "
        f"{STALLED_UPLOADS} stalled uploads and {POLLERS} pollers at most {MAX_SLOWDOWN:.0f} times as much."
    )
    table, lines = markdown_table(headers, rows), "\n".join(f"- {each}" for each in verdicts)
    return f"{CLIENTS} clients, {DURATION_S:.0f} s.\n\n{table}\n\n{goal}\n\n{lines}"


def _register(port: int, count: int) -> list[LoadClient]:
    """Register accounts, each with one recording."""
    with ThreadPoolExecutor(4) as pool:
        clients = list(pool.map(lambda _: LoadClient(port), range(count)))
        assert {status < 300 for status in pool.map(LoadClient.upload, clients)} == {True}
    return clients


def _measure(clients: list[LoadClient], duration_s: float) -> Results:
    results, until = Results(), time.monotonic() + duration_s
    with ThreadPoolExecutor(len(clients)) as pool:
        list(pool.map(lambda client: client.run(until, results), clients))
    return results


@contextlib.contextmanager
def _disturb(port: int, duration_s: float) -> Iterator[None]:
    """Keep stalled uploads and pollers of a waiting job open during the load."""
    accounts = _register(port, STALLED_UPLOADS // _STALLED_PER_ACCOUNT)
    (waiting,) = _register(port, 1)
    until = time.monotonic() + duration_s
    threads = [
        threading.Thread(target=_stall, args=(port, accounts[i % len(accounts)].token, until), daemon=True) for i in range(STALLED_UPLOADS)
    ]
    for _ in range(POLLERS):
        poller = object.__new__(LoadClient)
        poller._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=70)
        poller.token, poller.video_id = waiting.token, waiting.video_id
        threads.append(threading.Thread(target=poller.poll, args=(until,), daemon=True))
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for thread in threads:
            thread.join()


def _stall(port: int, token: str, until: float) -> None:
    """Begin an upload and send nothing more; begin again when the server has closed it, but not before its `Retry-After`."""
    head = (
        f"POST /upload HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nContent-Type: multipart/form-data; boundary=load\r\n"
        'Content-Length: 10000000\r\n\r\n--load\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n'
    )
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 10) as connection:
            connection.sendall(head.encode() + bytes(1000))
            connection.settimeout(max(0.1, until - time.monotonic()))
            response = b"".join(iter(lambda: connection.recv(1000), b""))
            retry_after = re.search(rb"retry-after: (\d+)", response, re.IGNORECASE)
            time.sleep(min(int(retry_after.group(1)) if retry_after else 1, max(0.0, until - time.monotonic())))


def _rows(database: str, load: str, results: Results) -> list[list[object]]:
    rows: list[list[object]] = []
    for kind in MAX_P99_S:
        values = sorted(results.durations[kind]) or [0.0]
        numbers = f"{values[len(values) // 2]:.2f}", f"{results.p99(kind):.2f}", f"{values[-1]:.2f}"
        rows.append([database, load, kind, len(results.durations[kind]), *numbers])
    return rows


def _verdict(without_load: Results, with_load: Results) -> str:
    missed_goals = [f"{kind} {without_load.p99(kind):.2f} s" for kind, limit in MAX_P99_S.items() if without_load.p99(kind) > limit]
    for kind in MAX_P99_S:
        if with_load.p99(kind) > MAX_SLOWDOWN * max(without_load.p99(kind), 0.1):
            missed_goals.append(f"{kind} {with_load.p99(kind) / max(without_load.p99(kind), 0.001):.1f} times as slow with the load")
    failures = without_load.failures() + with_load.failures()
    missed_goals += [f"{count} times {status}" for status, count in sorted(failures.items())]
    return f"missed: {', '.join(missed_goals)}." if missed_goals else "met."


def _form() -> bytes:
    def part(disposition: str, content: bytes) -> bytes:
        return f"--load\r\nContent-Disposition: form-data; {disposition}\r\n\r\n".encode() + content + b"\r\n"

    samples: Path = PROJECT / "samples"
    return b"".join(
        [
            part('name="file"; filename="tiny.m4a"', (samples / "tiny.m4a").read_bytes()),
            part('name="subtitles"; filename="tiny.srt"', (samples / "tiny.srt").read_bytes()),
            part('name="formats"', b"txt"),
            b"--load--\r\n",
        ]
    )


_FORM = _form()
