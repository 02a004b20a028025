"""A Celery worker of one's own for demos, benches and tests: `celery -A wsgi.celery worker`, ended when done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from scripts.server import PROJECT


class CeleryWorker:
    """`settings` are environment variables, DATA_DIR among them. Its log goes to `log_file`."""

    def __init__(self, settings: Mapping[str, str], log_file: Path, *options: str) -> None:
        self._settings, self.log_file = dict(settings), log_file
        self._options = ["--without-gossip", "--without-mingle", "--hostname", f"{log_file.stem}@%h", *options]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "celery", "-A", "wsgi.celery", "worker", *self._options]
        environment = {**os.environ, **self._settings}
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=log, stderr=log, start_new_session=True)

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

    def __enter__(self) -> CeleryWorker:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        code = self.stop()
        if error is not None:
            print(f"the worker ended with {code}; its last words:\n{self.log_file.read_text()[-3000:]}", file=sys.stderr)
