"""A Lectern server of one's own for demos, benches and tests: gunicorn on a free port of 127.0.0.1, ended when done."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

import requests

PROJECT = Path(__file__).resolve().parents[1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """`with Server(data_dir) as server: requests.get(server.url + "/health")`. Its log goes to `data_dir/server.log`."""

    def __init__(self, data_dir: Path, settings: Mapping[str, str] | None = None, workers: int = 1) -> None:
        self.data_dir, self.port = data_dir, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._settings, self._workers = dict(settings or {}), workers
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def log_file(self) -> Path:
        return self.data_dir / "server.log"

    def start(self) -> None:
        self.data_dir.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, "RATE_LIMITS": "false", "DATA_DIR": str(self.data_dir), "PORT": str(self.port), **self._settings}
        gunicorn = [sys.executable, "-m", "gunicorn", "-b", f"127.0.0.1:{self.port}", "-w", str(self._workers), "wsgi:app"]
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(gunicorn, cwd=PROJECT, env=environment, stdout=log, stderr=log, start_new_session=True)
        self._wait_until_up()

    def _wait_until_up(self, patience_s: float = 60) -> None:
        until = time.monotonic() + patience_s
        while time.monotonic() < until:
            if self.process is None or self.process.poll() is not None:
                break
            try:
                if requests.get(f"{self.url}/health/live", timeout=5).ok:
                    return
            except (requests.ConnectionError, requests.Timeout):
                time.sleep(0.1)
        raise RuntimeError(f"the server did not come up; its last words:\n{self.log_file.read_text()[-3000:]}")

    def stop(self, patience_s: float = 40) -> int:
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

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        code = self.stop()
        if error is not None:
            print(f"{self.url} ended with {code}; its last words:\n{self.log_file.read_text()[-3000:]}", file=sys.stderr)
