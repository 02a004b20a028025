"""Starts the programs of tests quickly: one process imports the application, and each program is a fork of it.

Importing the application takes four seconds of CPU. A fork has its own session, signals, environment, folder and output, like a new
process. tests/test_starts.py starts programs the way that users do.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Self

from config import PROJECT
from config.environment import share_metrics
from lib.garbage import collection_paused

_MODULES = ("app", "gunicorn.app.wsgiapp", "lib.slow_clients", "prometheus_client.multiprocess")


class ForkedProcess:
    """A running program, with the methods of `subprocess.Popen` that tests use."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection, self._received = connection, b""
        self.returncode: int | None = None
        self.pid = int(self._read_line(None))

    def poll(self) -> int | None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            self.returncode = int(self._read_line(timeout))
            self._connection.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _read_line(self, timeout: float | None) -> str:
        deadline = None if timeout is None else time.monotonic() + timeout
        while b"\n" not in self._received:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            if not select.select([self._connection], [], [], left)[0]:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
            data = self._connection.recv(100)
            if not data:
                raise RuntimeError("the preloaded process ended")
            self._received += data
        line, _, self._received = self._received.partition(b"\n")
        return line.decode()


class PreloadedProcess:
    """The process that forks; it starts when the first program does."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, command: Sequence[str], environment: Mapping[str, str], log: BinaryIO) -> ForkedProcess:
        """Start `-m MODULE ARGUMENT...` in the project's folder; its output goes to `log`."""
        if self._socket is None:
            self._socket = self._launch()
        ours, theirs = socket.socketpair()
        with theirs:
            message = json.dumps({"command": list(command), "environment": dict(environment)}).encode()
            socket.send_fds(self._socket, [message], [theirs.fileno(), log.fileno()])
        return ForkedProcess(ours)

    def _launch(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            command = [sys.executable, "-m", "tests.preloaded", str(theirs.fileno())]
            self._process = subprocess.Popen(command, cwd=PROJECT, pass_fds=[theirs.fileno()], start_new_session=True)
        return ours

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._socket and self._process:
            self._socket.close()
            self._process.wait(60)


def _serve(requests: socket.socket, metrics_folder: str) -> None:
    """Fork a program for each request until the other side closes; report each program's process id, then its exit code."""
    running: dict[int, socket.socket] = {}
    wake_in, wake_out = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake_out, warn_on_full_buffer=False)
    while True:
        ready, _, _ = select.select([requests, wake_in], [], [])
        if wake_in in ready:
            os.read(wake_in, 1000)
            _report_ended(running)
        if requests in ready:
            message, descriptors, _, _ = socket.recv_fds(requests, 1_000_000, 2)
            if not message:
                return
            connection = socket.socket(fileno=descriptors[0])
            pid = os.fork()
            if pid == 0:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for each in (requests, connection, *running.values()):
                    each.close()
                os.close(wake_in)
                os.close(wake_out)
                _run(json.loads(message), descriptors[1], metrics_folder)
            os.close(descriptors[1])
            running[pid] = connection
            connection.sendall(b"%d\n" % pid)


def _report_ended(running: dict[int, socket.socket]) -> None:
    while running:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        with running.pop(pid) as connection, contextlib.suppress(OSError):
            connection.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))


def _run(request: dict[str, Any], log: int, metrics_folder: str) -> None:
    """Become the program; never returns."""
    code = 1
    try:
        os.setsid()
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.close(log)
        os.environ.clear()
        os.environ.update(request["environment"])
        tempfile.tempdir = None  # TMPDIR may have changed
        _, module, *arguments = request["command"]
        if module != "gunicorn":  # each server has its own folder
            share_metrics(Path(metrics_folder))
        sys.argv = [module, *arguments]
        runpy.run_module(module, run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
        if isinstance(error.code, str):
            print(error.code, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
    finally:
        _exit(code)


def _exit(code: int) -> None:
    with contextlib.suppress(BaseException):
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="lectern-metrics-") as metrics_folder:
        share_metrics(Path(metrics_folder))  # prometheus_client reads it once, when it is imported
        with collection_paused():
            for name in _MODULES:
                importlib.import_module(name)
        _serve(socket.socket(fileno=int(sys.argv[1])), metrics_folder)
