"""Runs jobs in threads of this process, with Flask-Executor."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

from flask import Flask
from flask_executor import Executor

from services.jobs.queue.worker_id import this_worker

_RELEASE_TIMEOUT_S = 10.0  # for jobs that were asked to stop


class ThreadExecutor:
    """`run_next(worker, should_stop)` claims a job and runs it to its end. It returns False if there was none."""

    name = "threads"
    is_required = True

    def __init__(self, app: Flask, threads: int, run_next: Callable[[str, Callable[[], bool]], bool]) -> None:
        app.config["EXECUTOR_MAX_WORKERS"] = threads
        app.config["EXECUTOR_PROPAGATE_EXCEPTIONS"] = True
        self._app = app
        self._pool = Executor(app)
        self._run_next = run_next
        self._threads = threads
        self._lock = threading.Lock()
        self._busy = 0
        self._woken_meanwhile = False
        self._shutting_down, self._stopping = threading.Event(), threading.Event()
        self._stop_at = math.inf
        self._idle = threading.Condition(self._lock)

    def wake(self) -> None:
        """Start one more thread if one is free; each thread runs jobs until the queue is empty."""
        with self._lock:
            if self._shutting_down.is_set():
                return
            self._woken_meanwhile = True
            if self._busy >= self._threads:
                return
            self._busy += 1
        with self._app.test_request_context():  # Flask-Executor copies the request context; jobs need none of it
            self._pool.submit(self._run_jobs)

    def _run_jobs(self) -> None:
        worker = this_worker(str(threading.get_ident()))
        try:
            while not self._shutting_down.is_set():
                with self._lock:
                    self._woken_meanwhile = False
                if self._run_next(worker, self._stopping.is_set):
                    continue
                with self._lock:
                    if not self._woken_meanwhile:
                        return
        finally:
            with self._lock:
                self._busy -= 1
                self._idle.notify_all()

    def shut_down(self, wait_s: float) -> None:
        """A second call does not extend the time that running jobs have."""
        with self._lock:
            self._stop_at = min(self._stop_at, time.monotonic() + wait_s)
            self._shutting_down.set()
            self._idle.wait_for(self._is_idle, timeout=max(0.0, self._stop_at - time.monotonic()))
            self._stopping.set()
            self._idle.wait_for(self._is_idle, timeout=_RELEASE_TIMEOUT_S)
        self._pool.shutdown(wait=False)

    def _is_idle(self) -> bool:
        return self._busy == 0

    def check(self) -> str:
        return f"{self._threads} in this process"
