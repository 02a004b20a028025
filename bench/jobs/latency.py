"""Latency of `GET /status` during two conversions, without and with 200 event listeners."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import requests

from bench.context import Context, markdown_table
from scripts.client import Client
from scripts.ffmpeg import FFMPEG
from scripts.program import PROJECT, Program
from scripts.server import Server, free_port, wait_until_up

MAX_RATIO = 5.0
_LISTENERS = 200
_REQUESTS = 600
_INTERVAL_S = 0.03
_TIMEOUT_S = 120.0
_SAMPLES = PROJECT / "samples"


def run(context: Context) -> str:
    long = _long_lecture(context.folder / "long.mp4")
    rows = []
    # A user gets another stream only while fewer are theirs than are free, so the listeners of one user need twice as many.
    streams = str(2 * _LISTENERS + 8)
    # Three threads, because one slot is reserved for short jobs.
    settings = {"JOB_THREADS": "3", "MAX_EVENT_STREAMS": streams, "USER_EVENT_STREAMS": streams}
    with Server(context.folder / "latency", settings) as server, _bare_server(context.folder / "bare.log") as bare:
        client = Client(server.url)
        client.register()
        recording_id = client.upload(_SAMPLES / "tiny.mp4", formats="txt")["video_id"]
        client.wait(recording_id)
        idle = _latencies(client, recording_id, bare)
        rows.append(_row("none", idle, idle))
        running = [client.upload(long, formats="txt")["video_id"] for _ in range(2)]
        _wait_until_running(client, running)
        rows.append(_row("two conversions", _latencies(client, recording_id, bare), idle))
        with _Listeners(client) as listeners:
            rows.append(_row(f"two conversions and {_LISTENERS} listeners", _latencies(client, recording_id, bare), idle))
        statuses = [client.call("GET", f"/status/{video_id}")["status"] for video_id in running]
        receivers = listeners.receivers
        for video_id in running:
            client.call("DELETE", f"/videos/{video_id}")
    are_running = set(statuses) == {"processing"}
    max_ratio = max(float(row[3]) for row in rows)
    verdict = "met" if max_ratio < MAX_RATIO and receivers == _LISTENERS and are_running else "missed"
    headers = ["load", "median, ms", "p99, ms", "p99 / idle p99", "p99 of a bare server, ms", "p99 / its idle p99"]
    summary = f"{_REQUESTS} requests each, one at a time; the conversions {'outlasted' if are_running else 'DID NOT OUTLAST'} them; "
    summary += f"{receivers} of {_LISTENERS} listeners received events."
    summary += " The bare server, gunicorn with an application that does nothing, got a request after each of them."
    return f"{markdown_table(headers, rows)}\n\n{summary}\n\nGoal: p99 under {MAX_RATIO:.0f} times idle p99: {verdict}."


@dataclass(frozen=True)
class _Latencies:
    """Durations of requests to this server and to the bare one in seconds, sorted."""

    own_s: list[float]
    bare_s: list[float]


@contextlib.contextmanager
def _bare_server(log: Path) -> Iterator[str]:
    """Start gunicorn with an application that does nothing, and yield its address."""
    address = f"127.0.0.1:{free_port()}"
    command = ["-m", "gunicorn", "--config", os.devnull, "--bind", address, "--threads", "4", "bench.jobs.bare_app:app"]
    with Program(command, {}, log) as server:
        wait_until_up(server, f"http://{address}")
        yield f"http://{address}"


def _latencies(client: Client, video_id: str, bare: str) -> _Latencies:
    own_s, bare_s = [], []
    with requests.Session() as bare_client:
        for _ in range(_REQUESTS):
            own_s.append(_duration(lambda: client.call("GET", f"/status/{video_id}")))
            bare_s.append(_duration(lambda: bare_client.get(bare, timeout=_TIMEOUT_S)))
            time.sleep(_INTERVAL_S)
    return _Latencies(sorted(own_s), sorted(bare_s))


def _duration(request: Callable[[], object]) -> float:
    start_s = time.perf_counter()
    request()
    return time.perf_counter() - start_s


def _row(name: str, latencies: _Latencies, idle: _Latencies) -> list[str]:
    median, own, bare = latencies.own_s[len(latencies.own_s) // 2], _p99(latencies.own_s), _p99(latencies.bare_s)
    ratios = own / _p99(idle.own_s), bare / _p99(idle.bare_s)
    return [name, f"{1000 * median:.1f}", f"{1000 * own:.1f}", f"{ratios[0]:.2f}", f"{1000 * bare:.1f}", f"{ratios[1]:.2f}"]


def _p99(durations_s: list[float]) -> float:
    return durations_s[int(len(durations_s) * 0.99)]


class _Listeners:
    """Event listeners in a separate process. `receivers`: number of those that received an event, known at the end."""

    def __init__(self, client: Client) -> None:
        token = str(client.http.headers["Authorization"]).partition(" ")[2]
        command = [sys.executable, "-m", "bench.jobs.listeners", client.url, token, str(_LISTENERS)]
        self._process = subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.receivers = 0

    def __enter__(self) -> Self:
        assert self._process.stdout is not None
        if self._process.stdout.readline().strip() != "listening":
            raise RuntimeError("the listeners were refused")
        return self

    def __exit__(self, *_: object) -> None:
        summary, _ = self._process.communicate(timeout=_TIMEOUT_S)
        self.receivers = int(summary or 0)


def _wait_until_running(client: Client, videos: list[str]) -> None:
    deadline = time.monotonic() + _TIMEOUT_S
    while any(client.call("GET", f"/status/{video_id}")["status"] != "processing" for video_id in videos):
        if time.monotonic() > deadline:
            raise RuntimeError("the conversions did not start")
        time.sleep(0.2)


def _long_lecture(target: Path) -> Path:
    """Create a lecture of 90 minutes, whose conversion outlasts the bench."""
    command = [FFMPEG, "-nostdin", "-v", "error", "-stream_loop", "-1", "-i", str(_SAMPLES / "lecture.mp4"), "-t", "5400", "-c", "copy"]
    subprocess.run([*command, str(target)], check=True)
    return target
