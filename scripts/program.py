"""Run a Python program for demos, benches and tests: in its own process group, with a log file, stopped at the end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

PROJECT = Path(__file__).resolve().parents[1]


def start_python(
    command: Sequence[str], environment: Mapping[str, str], log: BinaryIO, errors: BinaryIO | None = None
) -> subprocess.Popen[bytes]:
    """Start this Python interpreter with these arguments in the project's folder; its output goes to `log`, or partly to `errors`."""
    return subprocess.Popen(
        [sys.executable, *command], cwd=PROJECT, env=environment, stdout=log, stderr=errors or log, start_new_session=True
    )


class Program:
    """`command` are arguments for this Python interpreter, `settings` environment variables. Its output goes to `log_file`."""

    def __init__(self, command: Sequence[str], settings: Mapping[str, str], log_file: Path) -> None:
        self._command, self._settings, self.log_file = command, dict(settings), log_file
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, **self._settings}
        with self.log_file.open("ab") as log:
            self.process = start_python(self._command, environment, log)

    def stop(self, timeout_s: float = 60) -> int:
        """Send SIGTERM, and SIGKILL after `timeout_s`; return the exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout_s)
            except subprocess.TimeoutExpired:
                self.kill()
        return self.process.wait()

    def kill(self) -> None:
        """Kill the program and its child processes immediately."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def log_tail(self) -> str:
        return self.log_file.read_text(errors="replace")[-3000:]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        code = self.stop()
        if error is not None:
            print(f"{self.log_file.name}: the program ended with {code}; the end of its log:\n{self.log_tail()}", file=sys.stderr)
