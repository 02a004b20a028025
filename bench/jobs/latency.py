"""Latency of `GET /status` during two conversions, without and with 200 event listeners."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Self

from bench.context import Context, markdown_table
from scripts.client import Client
from scripts.ffmpeg import FFMPEG
from scripts.program import PROJECT
from scripts.server import Server

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
    with Server(context.folder / "latency", settings) as server:
        client = Client(server.url)
        client.register()
        recording_id = client.upload(_SAMPLES / "tiny.mp4", formats="txt")["video_id"]
        client.wait(recording_id)
        idle = _latencies(client, recording_id)
        rows.append(_row("none", idle, idle))
        running = [client.upload(long, formats="txt")["video_id"] for _ in range(2)]
        _wait_until_running(client, running)
        rows.append(_row("two conversions", _latencies(client, recording_id), idle))
        with _Listeners(client) as listeners:
            rows.append(_row(f"two conversions and {_LISTENERS} listeners", _latencies(client, recording_id), idle))
        statuses = [client.call("GET", f"/status/{video_id}")["status"] for video_id in running]
        receivers = listeners.receivers
        for video_id in running:
            client.call("DELETE", f"/videos/{video_id}")
    are_running = set(statuses) == {"processing"}
    max_ratio = max(float(row[-1]) for row in rows)
    verdict = "met" if max_ratio < MAX_RATIO and receivers == _LISTENERS and are_running else "missed"
    headers = ["load", "median, ms", "p99, ms", "p99 / idle p99"]
    summary = f"{_REQUESTS} requests each, one at a time; the conversions {'outlasted' if are_running else 'DID NOT OUTLAST'} them; "
    summary += f"{receivers} of {_LISTENERS} listeners received events."
    return f"{markdown_table(headers, rows)}\n\n{summary}\n\nGoal: p99 under {MAX_RATIO:.0f} times idle p99: {verdict}."


def _latencies(client: Client, video_id: str) -> list[float]:
    durations_s = []
    for _ in range(_REQUESTS):
        start_s = time.perf_counter()
        client.call("GET", f"/status/{video_id}")
        durations_s.append(time.perf_counter() - start_s)
        time.sleep(_INTERVAL_S)
    return sorted(durations_s)


def _row(name: str, durations_s: list[float], idle_s: list[float]) -> list[str]:
    median, p99 = durations_s[len(durations_s) // 2], durations_s[int(len(durations_s) * 0.99)]
    idle_p99 = idle_s[int(len(idle_s) * 0.99)]
    return [name, f"{median * 1000:.1f}", f"{p99 * 1000:.1f}", f"{p99 / idle_p99:.2f}"]


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
