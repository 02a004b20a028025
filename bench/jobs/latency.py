"""Latency of `GET /status` during two conversions, without and with 200 event listeners."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Self

from bench.context import Context, table
from scripts.client import Client
from scripts.program import PROJECT
from scripts.server import Server

GOAL = 5.0
_LISTENERS = 200
_ASKED = 600
_EVERY_S = 0.03
_PATIENCE_S = 120.0
_SAMPLES = PROJECT / "samples"


def run(context: Context) -> str:
    long = _long_lecture(context.folder / "long.mp4")
    rows = []
    # Three threads, because one slot is reserved for short jobs.
    with Server(context.folder / "latency", {"JOB_THREADS": "3", "MAX_EVENT_STREAMS": str(_LISTENERS + 8)}) as server:
        client = Client(server.url)
        client.register()
        asked = client.upload(_SAMPLES / "tiny.mp4", formats="txt")["video_id"]
        client.wait(asked)
        idle = _latencies(client, asked)
        rows.append(_row("nothing", idle, idle))
        running = [client.upload(long, formats="txt")["video_id"] for _ in range(2)]
        _until_running(client, running)
        rows.append(_row("two conversions", _latencies(client, asked), idle))
        with _Listeners(client) as listeners:
            rows.append(_row(f"two conversions and {_LISTENERS} listeners", _latencies(client, asked), idle))
        still = [client.call("GET", f"/status/{video_id}")["status"] for video_id in running]
        heard = listeners.heard
        for video_id in running:
            client.call("DELETE", f"/videos/{video_id}")
    lasted = set(still) == {"processing"}
    worst = max(float(row[-1]) for row in rows)
    verdict = "it holds" if worst < GOAL and heard == _LISTENERS and lasted else "it is missed"
    head = ["meanwhile", "median, ms", "p99, ms", "p99 over idle p99"]
    summary = f"{_ASKED} requests each, one at a time; the conversions {'outlasted' if lasted else 'DID NOT OUTLAST'} them; "
    summary += f"{heard} of {_LISTENERS} listeners heard events."
    return f"{table(head, rows)}\n\n{summary}\n\nGoal: p99 under {GOAL:.0f} times idle p99; {verdict}."


def _latencies(client: Client, video_id: str) -> list[float]:
    taken = []
    for _ in range(_ASKED):
        started = time.perf_counter()
        client.call("GET", f"/status/{video_id}")
        taken.append(time.perf_counter() - started)
        time.sleep(_EVERY_S)
    return sorted(taken)


def _row(name: str, taken: list[float], idle: list[float]) -> list[str]:
    median, p99, idle_p99 = taken[len(taken) // 2], taken[int(len(taken) * 0.99)], idle[int(len(idle) * 0.99)]
    return [name, f"{median * 1000:.1f}", f"{p99 * 1000:.1f}", f"{p99 / idle_p99:.2f}"]


class _Listeners:
    """A separate process, so that its CPU time does not count as the server's."""

    def __init__(self, client: Client) -> None:
        token = str(client.http.headers["Authorization"]).partition(" ")[2]
        command = [sys.executable, "-m", "bench.jobs.listeners", client.url, token, str(_LISTENERS)]
        self._process = subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.heard = 0

    def __enter__(self) -> Self:
        assert self._process.stdout is not None
        if self._process.stdout.readline().strip() != "listening":
            raise RuntimeError("the listeners were refused")
        return self

    def __exit__(self, *_: object) -> None:
        summary, _ = self._process.communicate(timeout=_PATIENCE_S)
        self.heard = int(summary or 0)


def _until_running(client: Client, videos: list[str]) -> None:
    until = time.monotonic() + _PATIENCE_S
    while any(client.call("GET", f"/status/{video_id}")["status"] != "processing" for video_id in videos):
        if time.monotonic() > until:
            raise RuntimeError("the conversions do not begin")
        time.sleep(0.2)


def _long_lecture(target: Path) -> Path:
    """Repeat the sample to 90 minutes, so that its conversion outlasts the bench."""
    command = ["ffmpeg", "-nostdin", "-v", "error", "-stream_loop", "-1", "-i", str(_SAMPLES / "lecture.mp4"), "-t", "5400", "-c", "copy"]
    subprocess.run([*command, str(target)], check=True)
    return target
