"""The documented curl calls of one client, as written, and the call sequence of its frontend, by the scripts that operators run."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from pydantic import SecretStr
from werkzeug.serving import make_server

from config import PROJECT, Settings
from scripts import thakii_frontend
from tests.conftest import PASSWORD, User, list_stored_keys

TOKEN = "thakii-mock-prod-token"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    mock = {"static_bearer_token": SecretStr(TOKEN), "static_bearer_is_admin": True, "servers_allow_private": True}
    return settings.model_copy(update=mock)


@pytest.fixture
def url(app: Flask) -> Iterator[str]:
    """The app behind a port; it converts nothing, as these stories do not wait for it."""
    app.extensions["lectern"].executor.shut_down(0)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_documented_curl_calls(app: Flask, url: str) -> None:
    done = subprocess.run([str(PROJECT / "scripts/thakii_curl.sh"), url], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "14 calls, all as documented" in done.stdout
    assert list_stored_keys(app) == []


@pytest.mark.parametrize("who", ["admin", "user"])
def test_the_frontends_call_sequence(app: Flask, url: str, who: str, request: pytest.FixtureRequest) -> None:
    somebody: User = request.getfixturevalue(who)
    calls = thakii_frontend.run(url, email=somebody.email, password=PASSWORD, quick=True, chunk_bytes=60_000)
    assert calls > (30 if who == "admin" else 12)
    assert list_stored_keys(app) == []
