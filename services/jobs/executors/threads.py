"""Runs jobs in threads of this process, by Flask-Executor."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

from flask import Flask
from flask_executor import Executor

from services.jobs.queue.worker_id import this_worker

_GIVE_BACK_S = 10.0  # that jobs which were asked to stop get for it


class ThreadExecutor:
    """`run_next(worker, stopping)` claims one job and runs it to its end; -> False when there was none."""

    name = "threads"
    is_needed = True

    def __init__(self, app: Flask, threads: int, run_next: Callable[[str, Callable[[], bool]], bool]) -> None:
        app.config["EXECUTOR_MAX_WORKERS"] = threads
        app.config["EXECUTOR_PROPAGATE_EXCEPTIONS"] = True
        self._app = app
        self._pool = Executor(app)
        self._run_next = run_next
        self._threads = threads
        self._lock = threading.Lock()
        self._busy = 0
        self._again = False
        self._draining, self._stopping = threading.Event(), threading.Event()
        self._stop_at = math.inf
        self._idle = threading.Condition(self._lock)

    def wake(self) -> None:
        """Start one more thread if there is room; the threads themselves go on until the queue is empty."""
        with self._lock:
            if self._draining.is_set():
                return
            self._again = True
            if self._busy >= self._threads:
                return
            self._busy += 1
        with self._app.test_request_context():  # Flask-Executor copies a request's context: an empty one, for a job carries an id only
            self._pool.submit(self._drain)

    def _drain(self) -> None:
        worker = this_worker(str(threading.get_ident()))
        try:
            while not self._draining.is_set():
                with self._lock:
                    self._again = False
                if self._run_next(worker, self._stopping.is_set):
                    continue
                with self._lock:
                    if not self._again:
                        return
        finally:
            with self._lock:
                self._busy -= 1
                self._idle.notify_all()

    def shut_down(self, wait_s: float) -> None:
        """Calling it again does not lengthen the time that running jobs have."""
        with self._lock:
            self._stop_at = min(self._stop_at, time.monotonic() + wait_s)
            self._draining.set()
            self._idle.wait_for(self._is_idle, timeout=max(0.0, self._stop_at - time.monotonic()))
            self._stopping.set()
            self._idle.wait_for(self._is_idle, timeout=_GIVE_BACK_S)
        self._pool.shutdown(wait=False)

    def _is_idle(self) -> bool:
        return self._busy == 0

    def check(self) -> str:
        return f"{self._threads} in this process"
