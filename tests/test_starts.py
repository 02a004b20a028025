"""Every documented way to start the server serves the same app."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from config import PROJECT
from scripts.client import Client
from scripts.server import free_port
from tests.conftest import upload_quick_recording

pytestmark = pytest.mark.slow("starts a server in every documented way")

BIN = Path(sys.executable).parent


class ServerProcess:
    """A server process that is polled over TCP until it responds."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def wait_for(self, url: str) -> requests.Response:
        deadline = time.monotonic() + 40
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(self.process.stderr.read()[-2000:])
            try:
                return requests.get(url, headers={"Accept": "application/json"}, timeout=5)
            except (requests.ConnectionError, requests.Timeout):
                time.sleep(0.1)
        raise AssertionError("the server did not start")

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=30)
        return self.process.returncode


@pytest.fixture
def start(tmp_path: Path, models_dir: Path) -> Iterator[object]:
    running: list[ServerProcess] = []

    def run(*command: str, **settings: str) -> ServerProcess:
        environment = {**os.environ, "DATA_DIR": str(tmp_path / "data"), "MODELS_DIR": str(models_dir), **settings}
        running.append(ServerProcess(list(command), environment))
        return running[-1]

    yield run
    for server in running:
        if server.process.poll() is None:
            server.stop()


def test_gunicorn_with_workers(start) -> None:
    port = free_port()
    server = start(str(BIN / "gunicorn"), "-w", "2", "-b", f"127.0.0.1:{port}", "app:app")
    assert server.wait_for(f"http://127.0.0.1:{port}/").json()["name"] == "Lectern"
    assert server.stop() == 0


def test_gunicorn_on_a_unix_socket(start, tmp_path: Path) -> None:
    path = tmp_path / "lectern.sock"
    server = start(str(BIN / "gunicorn"), "--bind", f"unix:{path}", "wsgi:app")
    deadline = time.monotonic() + 40
    while not path.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(30)
        connection.connect(str(path))
        connection.sendall(b"GET /health/live HTTP/1.1\r\nHost: lectern\r\nConnection: close\r\n\r\n")
        response = b""
        while block := connection.recv(65536):
            response += block
    assert b'"alive"' in response
    assert server.stop() == 0


@pytest.mark.parametrize("environment", [{}, {"FLASK_ENV": "production"}], ids=["plain", "production"])
def test_python_app(start, environment: dict[str, str]) -> None:
    port = free_port()
    server = start(sys.executable, "app.py", PORT=str(port), **environment)
    assert server.wait_for(f"http://127.0.0.1:{port}/").json()["name"] == "Lectern"


def test_flask_run(start) -> None:
    port = free_port()
    server = start(str(BIN / "flask"), "run", "--port", str(port))
    assert server.wait_for(f"http://127.0.0.1:{port}/").json()["name"] == "Lectern"


def test_links_work_under_a_prefix_behind_a_proxy(start) -> None:
    port = free_port()
    server = start(
        str(BIN / "gunicorn"),
        "-b",
        f"127.0.0.1:{port}",
        "wsgi:app",
        URL_PREFIX="/thakii-be",
        TRUSTED_PROXIES="1",
        ALLOWED_HOSTS="lectures.example.org",
    )
    base = f"http://127.0.0.1:{port}"
    home = server.wait_for(f"{base}/thakii-be/").json()
    assert home["endpoints"]["upload"] == f"{base}/thakii-be/upload"
    links = requests.get(f"{base}/", headers={"X-Forwarded-Host": "lectures.example.org", "X-Forwarded-Proto": "https"}, timeout=5).json()
    assert links["endpoints"]["upload"] == "https://lectures.example.org/thakii-be/upload"
    page = requests.get(f"{base}/thakii-be/", headers={"Accept": "text/html"}, timeout=5)
    assert 'href="/thakii-be/web/style.css"' in page.text
    assert requests.get(f"{base}/thakii-be/web/style.css", timeout=5).ok
    client = Client(f"{base}/thakii-be")
    client.register()
    upload = upload_quick_recording(client)
    status = client.wait(upload["video_id"])
    assert status["status"] == "completed", status
    for link in upload["links"].values():
        assert link.startswith(f"{client.url}/") and "thakii-be/thakii-be" not in link
    assert client.http.get(upload["links"]["status"], timeout=30).ok
    assert requests.get(status["downloads"]["txt"], timeout=30).ok  # needs no header
    pages = client.http.get(f"{client.url}/list?limit=1", timeout=30).headers["Link"]
    assert pages.startswith(f"<{client.url}/list?limit=1&page=1>")


def test_invalid_settings_stop_the_start_with_one_message(start) -> None:
    server = start(str(BIN / "gunicorn"), "wsgi:app", PORT="many", LOG_LEVEL="loud")
    stderr = server.process.communicate(timeout=30)[1]
    assert server.process.returncode != 0
    assert "PORT" in stderr and "LOG_LEVEL" in stderr and "Traceback" not in stderr


def test_the_static_token_is_announced(start) -> None:
    port = free_port()
    server = start(
        *(str(BIN / "gunicorn"), "-b", f"127.0.0.1:{port}", "wsgi:app"),
        STATIC_BEARER_TOKEN="mock-token-for-tests",
        STATIC_BEARER_IS_ADMIN="true",
    )
    server.wait_for(f"http://127.0.0.1:{port}/")
    token = {"Authorization": "Bearer mock-token-for-tests"}
    assert requests.get(f"http://127.0.0.1:{port}/admin/videos", headers=token, timeout=5).json() == []
    server.process.send_signal(signal.SIGTERM)
    assert "STATIC_BEARER_TOKEN is set" in server.process.communicate(timeout=30)[1]
