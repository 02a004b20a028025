"""A Lectern server for demos, benches and tests: gunicorn on a free port of 127.0.0.1, stopped at the end."""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from pathlib import Path

import requests

from scripts.program import Program


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server(Program):
    """`with Server(data_dir) as server: requests.get(server.url + "/health")`. Its log is `data_dir/server.log`."""

    def __init__(self, data_dir: Path, settings: Mapping[str, str] | None = None, workers: int = 1, app: str = "wsgi:app") -> None:
        self.data_dir, self.port = data_dir, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        environment = {"RATE_LIMITS": "false", "DATA_DIR": str(data_dir), "PORT": str(self.port), **(settings or {})}
        gunicorn = ["-m", "gunicorn", "-b", f"127.0.0.1:{self.port}", "-w", str(workers), app]
        super().__init__(gunicorn, environment, data_dir / "server.log")

    def start(self) -> None:
        super().start()
        wait_until_up(self, f"{self.url}/health/live")

    def stop(self, timeout_s: float = 40) -> int:
        return super().stop(timeout_s)


def wait_until_up(server: Program, url: str, timeout_s: float = 60) -> None:
    """Wait until this address of a server that was started answers."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if server.process is None or server.process.poll() is not None:
            break
        try:
            if requests.get(url, timeout=5).ok:
                return
        except (requests.ConnectionError, requests.Timeout):
            time.sleep(0.1)
    raise RuntimeError(f"the server did not start; the end of its log:\n{server.log_tail()}")
