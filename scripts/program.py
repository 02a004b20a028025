"""A program of one's own for demos, benches and tests: in a process group of its own, with a log, ended when done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

PROJECT = Path(__file__).resolve().parents[1]


class Program:
    """`command` are the arguments of this very Python, `settings` environment variables. What it says goes to `log_file`."""

    def __init__(self, command: Sequence[str], settings: Mapping[str, str], log_file: Path) -> None:
        self._command, self._settings, self.log_file = [sys.executable, *command], dict(settings), log_file
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, **self._settings}
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(self._command, cwd=PROJECT, env=environment, stdout=log, stderr=log, start_new_session=True)

    def stop(self, patience_s: float = 60) -> int:
        """Ask it to end; -> its exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(patience_s)
            except subprocess.TimeoutExpired:
                self.kill()
        return self.process.wait()

    def kill(self) -> None:
        """End it and its children as a power cut would."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def last_words(self) -> str:
        return self.log_file.read_text(errors="replace")[-3000:]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        code = self.stop()
        if error is not None:
            print(f"{self.log_file.name}: it ended with {code}; its last words:\n{self.last_words()}", file=sys.stderr)
