"""What must hold while and after hostile inputs are sent: answers, health, leftovers."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import requests

from bench.adversarial.case import ACCEPTED, CLOSED, Answer, Case
from scripts.server import Server

LIVE_S = 2.0
_CRASHES = ("internal_error", "stage_failed", "program_failed", "worker_lost", "program_missing", "model_missing", "disk_full")


@dataclass
class Pulse:
    """How the server felt: its slowest answer to /health/live, seconds, and everything that was wrong."""

    slowest_s: float = 0.0
    asked: int = 0
    wrong: list[str] = field(default_factory=list)


@contextlib.contextmanager
def watch_health(url: str) -> Iterator[Pulse]:
    pulse, stop = Pulse(), threading.Event()

    def ask() -> None:
        while not stop.wait(0.25):
            started = time.monotonic()
            try:
                alive = requests.get(f"{url}/health/live", timeout=30).status_code == 200
                pulse.slowest_s = max(pulse.slowest_s, time.monotonic() - started)
                pulse.asked += 1
                if not alive:
                    pulse.wrong.append("/health/live did not answer 200")
                if pulse.asked % 20 == 0 and requests.get(f"{url}/health", timeout=30).json()["status"] == "unhealthy":
                    pulse.wrong.append("/health said unhealthy")
            except requests.RequestException as error:
                pulse.wrong.append(f"/health: {type(error).__name__}")

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    try:
        yield pulse
    finally:
        stop.set()
        thread.join()


def problems_of(case: Case, response: Answer) -> Iterator[str]:
    """What is not as it must be in an answer."""
    where = f"{case.group}/{case.name}"
    if response.status >= 500 and response.status != 501:  # 501: the HTTP server does not know the method
        yield f"{where}: status {response.status} {response.code}"
    if case.outside:
        return
    if response.code == CLOSED:
        yield f"{where}: the connection was closed without an answer"
    elif response.status >= 400:
        said = response.json
        lacking = [name for name in ("code", "hint", "error", "message") if not said.get(name)]
        if lacking or said.get("success") is not False or said.get("status_code") != response.status:
            yield f"{where}: status {response.status}, the envelope lacks {', '.join(lacking) or 'its status'}"
    if case.expects and response.code not in case.expects and response.recording is None:
        yield f"{where}: {response.code} instead of {' or '.join(sorted(case.expects))}"


def wrong_with_end(case: Case, status: dict[str, object]) -> Iterator[str]:
    """What is not as it must be in an accepted recording's end."""
    where = f"{case.group}/{case.name}"
    code = str(status.get("error_code") or ACCEPTED)
    if status["status"] not in ("completed", "failed"):
        yield f"{where}: {status['status']} after {case.max_wait_s:.0f} s ({status.get('stage')})"
    elif code in _CRASHES:
        yield f"{where}: ended with {code}: {status.get('error')}"
    elif case.expects and code not in case.expects:
        yield f"{where}: ended with {code} instead of {' or '.join(sorted(case.expects))}: {status.get('error')}"
    if code != ACCEPTED and not (status.get("error") and status.get("error_hint")):
        yield f"{where}: {code} without a sentence or a hint"


def leftovers(server: Server, max_wait_s: float) -> list[str]:
    """Rows, files and processes that should not be there any more, once the sweep has had its time."""
    until = time.monotonic() + max_wait_s
    while (found := _left(server)) and time.monotonic() < until:
        time.sleep(2)
    return found


def _left(server: Server) -> list[str]:
    found = [
        f"file left: {path.relative_to(server.data_dir)}"
        for folder in ("files", "incoming", "chunks", "work")
        for path in _files(server.data_dir / folder)
    ]
    with contextlib.closing(sqlite3.connect(f"file:{server.data_dir / 'lectern.db'}?mode=ro", uri=True)) as database:
        for table in ("recordings", "jobs", "artifacts"):
            count = database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            found += [f"{count} rows left in {table}"] if count else []
    assert server.process is not None
    for process in psutil.Process(server.process.pid).children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if "gunicorn" not in " ".join(process.cmdline()):
                found.append(f"process left: {' '.join(process.cmdline())[:100]}")
    return found


def _files(folder: Path) -> list[Path]:
    return [Path(parent) / name for parent, _, names in os.walk(folder) for name in names]  # which minds no folder that goes meanwhile


def logged_errors(log_file: Path) -> list[str]:
    """Lines of level error or critical, and traces, of the server's log."""
    lines = log_file.read_text(errors="replace").splitlines()
    signs = (
        '"level": "error"',
        '"level":"error"',
        '"level": "critical"',
        "[ERROR]",
        "[CRITICAL]",
        "Traceback (most recent",
        "WORKER TIMEOUT",
    )
    return [line[:400] for line in lines if any(sign in line for sign in signs)]
