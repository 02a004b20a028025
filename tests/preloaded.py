"""Starts the programs of tests quickly: one process imports the application, and each program is a fork of it.

Importing the application takes four seconds of CPU. A fork has its own session, signals, environment, folder and output, like a new
process. tests/test_starts.py starts programs the way that users do.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import os
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NoReturn, Self

from config import PROJECT
from config.environment import share_metrics
from lib.fork_server import ForkedProcess, ForkServer, serve
from lib.garbage_collection import pause_garbage_collection
from lib.process import CHILDREN

_MODULES = ("app", "gunicorn.app.wsgiapp", "lib.slow_clients", "prometheus_client.multiprocess")


class RunningProgram:
    """A running program, with the methods of `subprocess.Popen` that tests use."""

    def __init__(self, process: ForkedProcess) -> None:
        self._process, self.pid = process, process.pid

    @property
    def returncode(self) -> int | None:
        return self.poll()

    def poll(self) -> int | None:
        end = self._process.wait(0)
        return end.code if end else None

    def wait(self, timeout: float | None = None) -> int:
        end = self._process.wait(timeout)
        if end is None:
            raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
        return end.code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class PreloadedProcess:
    """The process that forks; it starts when the first program does."""

    def __init__(self) -> None:
        self._forks = ForkServer("tests.preloaded", lambda: os.environ | {"PYTHONPATH": str(PROJECT)})

    def start(
        self, command: Sequence[str], environment: Mapping[str, str], log: BinaryIO, errors: BinaryIO | None = None
    ) -> RunningProgram:
        """Start `-m MODULE ARGUMENT...` as `scripts.program.start_python` does. All programs share the children's server."""
        request = {"command": list(command), "environment": dict(environment)}
        return RunningProgram(self._forks.start(request, [log.fileno(), (errors or log).fileno(), CHILDREN.requests().fileno()]))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._forks.disconnect()


def _run(request: dict[str, Any], descriptors: list[int], metrics_folder: str) -> NoReturn:
    """Become the program."""
    code = 1
    try:
        log, errors, children = descriptors
        CHILDREN.connect(socket.socket(fileno=children))
        os.chdir(PROJECT)
        os.dup2(log, 1)
        os.dup2(errors, 2)
        os.close(log)
        os.close(errors)
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


def _exit(code: int) -> NoReturn:
    with contextlib.suppress(BaseException):
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="lectern-metrics-") as metrics_folder:
        share_metrics(Path(metrics_folder))  # prometheus_client reads it once, when it is imported
        with pause_garbage_collection():
            for name in _MODULES:
                importlib.import_module(name)
        serve(lambda request, _, descriptors: _run(request, descriptors, metrics_folder), kill_groups=False)
