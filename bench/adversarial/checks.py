"""Checks during and after a run: responses, health, leftovers and the log."""

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

from bench.adversarial.case import ACCEPTED, CLOSED, Case, Response
from scripts.server import Server

LIVE_S = 2.0
_CRASHES = ("internal_error", "stage_failed", "program_failed", "worker_lost", "program_missing", "model_missing", "disk_full")


@dataclass
class HealthProbe:
    """The slowest response to /health/live, in seconds, and failed health checks."""

    slowest_s: float = 0.0
    requests_sent: int = 0
    problems: list[str] = field(default_factory=list)


@contextlib.contextmanager
def watch_health(url: str) -> Iterator[HealthProbe]:
    probe, stop = HealthProbe(), threading.Event()

    def poll() -> None:
        while not stop.wait(0.25):
            start_s = time.monotonic()
            try:
                alive = requests.get(f"{url}/health/live", timeout=30).status_code == 200
                probe.slowest_s = max(probe.slowest_s, time.monotonic() - start_s)
                probe.requests_sent += 1
                if not alive:
                    probe.problems.append("/health/live did not return 200")
                if probe.requests_sent % 20 == 0 and requests.get(f"{url}/health", timeout=30).json()["status"] == "unhealthy":
                    probe.problems.append("/health returned unhealthy")
            except requests.RequestException as error:
                probe.problems.append(f"/health: {type(error).__name__}")

    thread = threading.Thread(target=poll, daemon=True)
    thread.start()
    try:
        yield probe
    finally:
        stop.set()
        thread.join()


def response_problems_of(case: Case, response: Response) -> Iterator[str]:
    """Yield the problems of a response."""
    where = f"{case.group}/{case.name}"
    if response.status >= 500 and response.status != 501:  # 501: the HTTP server does not know the method
        yield f"{where}: status {response.status} {response.code}"
    if case.from_http_server:
        return
    if response.code == CLOSED:
        yield f"{where}: the connection was closed without a response"
    elif response.status >= 400:
        body = response.json
        missing = [name for name in ("code", "hint", "error", "message") if not body.get(name)]
        if missing or body.get("success") is not False or body.get("status_code") != response.status:
            yield f"{where}: status {response.status}, the error body lacks {', '.join(missing) or 'its status'}"
    if case.expects and response.code not in case.expects and response.recording is None:
        yield f"{where}: {response.code} instead of {' or '.join(sorted(case.expects))}"


def job_problems_of(case: Case, status: dict[str, object]) -> Iterator[str]:
    """Yield the problems of an accepted recording's outcome."""
    where = f"{case.group}/{case.name}"
    code = str(status.get("error_code") or ACCEPTED)
    if status["status"] not in ("completed", "failed"):
        yield f"{where}: {status['status']} after {case.max_wait_s:.0f} s ({status.get('stage')})"
    elif code in _CRASHES:
        yield f"{where}: ended with {code}: {status.get('error')}"
    elif case.expects and code not in case.expects:
        yield f"{where}: ended with {code} instead of {' or '.join(sorted(case.expects))}: {status.get('error')}"
    if code != ACCEPTED and not (status.get("error") and status.get("error_hint")):
        yield f"{where}: {code} without a message or a hint"


def leftovers(server: Server, max_wait_s: float) -> list[str]:
    """Return rows, files and processes that remain after the cleanup had time to run."""
    deadline = time.monotonic() + max_wait_s
    while (remaining := _remaining(server)) and time.monotonic() < deadline:
        time.sleep(2)
    return remaining


def _remaining(server: Server) -> list[str]:
    problems = [
        f"file left: {path.relative_to(server.data_dir)}"
        for folder in ("files", "incoming", "chunks", "work")
        for path in _files(server.data_dir / folder)
    ]
    with contextlib.closing(sqlite3.connect(f"file:{server.data_dir / 'lectern.db'}?mode=ro", uri=True)) as database:
        for table in ("recordings", "jobs", "artifacts"):
            count = database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            problems += [f"{count} rows left in {table}"] if count else []
    assert server.process is not None
    for process in psutil.Process(server.process.pid).children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if not (_is_gunicorn(process) or _is_fork_server(process)):
                problems.append(f"process left: {' '.join(process.cmdline())[:100]}")
    return problems


def _is_gunicorn(process: psutil.Process) -> bool:
    return "gunicorn" in " ".join(process.cmdline())


def _is_fork_server(process: psutil.Process) -> bool:
    """Each worker of gunicorn has one fork server for good; the processes of jobs are its children."""
    parent = process.parent()
    return "lib.child" in process.cmdline() and parent is not None and _is_gunicorn(parent)


def _files(folder: Path) -> list[Path]:
    return [
        Path(parent) / name for parent, _, names in os.walk(folder) for name in names
    ]  # os.walk ignores folders that disappear meanwhile


def logged_errors(log_file: Path) -> list[str]:
    """Return the log lines of level error or critical, and tracebacks."""
    lines = log_file.read_text(errors="replace").splitlines()
    markers = (
        '"level": "error"',
        '"level":"error"',
        '"level": "critical"',
        "[ERROR]",
        "[CRITICAL]",
        "Traceback (most recent",
        "WORKER TIMEOUT",
    )
    return [line[:400] for line in lines if any(marker in line for marker in markers)]
