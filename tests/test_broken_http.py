"""Broken HTTP bodies, sent to a real server: each is refused as truncated, and no file stays."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from bench.adversarial.case import Sender
from scripts.client import Client
from scripts.server import Server
from tests.conftest import list_files

_HEAD = b"POST %s HTTP/1.1\r\nHost: HOST\r\nAuthorization: Bearer TOKEN\r\nContent-Type: multipart/form-data; boundary=b\r\n"
_PART = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n' + b"x" * 40_000
_CHUNKED_HEADER = b"Transfer-Encoding: chunked\r\n\r\n"
_BODIES = {
    "cut in the file": b"Content-Length: 100000\r\n\r\n" + _PART,
    "cut after the head": b"Content-Length: 100000\r\n\r\n",
    "cut in a chunk": _CHUNKED_HEADER + b"9c40\r\n" + _PART[:20_000],
    "a chunk's size is not a number": _CHUNKED_HEADER + b"zz\r\n" + _PART,
    "a chunk's size is negative": _CHUNKED_HEADER + b"-5\r\nhello\r\n0\r\n\r\n",
    "a chunk's size is huge": _CHUNKED_HEADER + b"ffffffffffffffff\r\nhello",
    "no closing boundary": _CHUNKED_HEADER + b"%x\r\n" % len(_PART) + _PART + b"\r\n0\r\n\r\n",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, models_dir: Path, migrated_sqlite: Path) -> Iterator[Server]:
    data_dir = tmp_path_factory.mktemp("broken")
    shutil.copy(migrated_sqlite, data_dir)
    with Server(data_dir, {"MODELS_DIR": str(models_dir)}) as server:
        yield server


@pytest.fixture(scope="module")
def sender(server: Server) -> Sender:
    client = Client(server.url)
    client.register()
    token = str(client.http.headers["Authorization"]).removeprefix("Bearer ")
    return Sender(server.url, token, token)


@pytest.mark.parametrize("path", [b"/upload", b"/upload-chunk"])
@pytest.mark.parametrize("kind", _BODIES)
def test_a_broken_body_is_refused_as_truncated(server: Server, sender: Sender, kind: str, path: bytes) -> None:
    response = sender.raw(_HEAD % path + _BODIES[kind])
    assert (response.status, response.code) == (400, "cut_short"), response.body
    assert response.json["hint"]
    deadline = time.monotonic() + 20
    while list_files(server.data_dir / "incoming") and time.monotonic() < deadline:
        time.sleep(0.1)
    assert list_files(server.data_dir / "incoming") == []
    assert "Traceback" not in server.log_file.read_text()
    assert requests.get(f"{server.url}/health/live", timeout=30).ok
