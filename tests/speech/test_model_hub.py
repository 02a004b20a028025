"""Weights from a model hub, against a local server that speaks its protocol."""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from flask import Flask

import errors
from services.speech_to_text import SpeechOptions, model_hub, weights

COMMIT = "0123456789abcdef0123456789abcdef01234567"
FILES = {"model.bin": b"weights" * 1000, "config.json": b"{}", "tokenizer.json": b"{}", "vocabulary.txt": b"a\n", "README.md": b"# Weights"}
LARGE_WEIGHTS = bytes(range(256)) * 90_000  # the client of the hub writes 10 MiB at a time
REPOSITORIES = {
    "Systran/faster-whisper-small": FILES,
    "Systran/faster-whisper-medium": {**FILES, "model.bin": LARGE_WEIGHTS},
    "someone/no-weights": {"config.json": b"{}"},
}


class _Hub(BaseHTTPRequestHandler):
    """The addresses that a snapshot needs: a revision, the list of its files, and the files."""

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def _answer(self, *, with_body: bool) -> None:
        path, status, headers = self.path.partition("?")[0].strip("/"), 404, {}
        body = b""
        for name, files in REPOSITORIES.items():
            if path.startswith(f"api/models/{name}/revision/"):
                siblings = [{"rfilename": file} for file in files]
                status, body = 200, json.dumps({"id": name, "modelId": name, "sha": COMMIT, "siblings": siblings}).encode()
                headers = {"Content-Type": "application/json"}
            elif path == f"api/models/{name}/tree/{COMMIT}":
                tree = [{"type": "file", "path": file, "size": len(content), "oid": COMMIT} for file, content in files.items()]
                status, body = 200, json.dumps(tree).encode()
                headers = {"Content-Type": "application/json"}
            elif path.startswith(f"{name}/resolve/{COMMIT}/") and path.rpartition("/")[2] in files:
                status, body = 200, files[path.rpartition("/")[2]]
                headers = {"ETag": f'"{hashlib.sha256(body).hexdigest()}"', "X-Repo-Commit": COMMIT}
        self.send_response(status)
        for key, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(key, value)
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Write nothing."""


@pytest.fixture(scope="module")
def hub() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Hub)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_weights_are_pulled_once_used_and_removed(tmp_path: Path, hub: str) -> None:
    options = SpeechOptions(tmp_path, model="small", hub_url=hub)
    with pytest.raises(errors.ModelMissing) as excinfo:
        weights.find_weights(options)
    assert "lectern models pull small" in excinfo.value.hint
    folder = model_hub.pull("small", tmp_path, hub_url=hub)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {name: FILES[name] for name in FILES if name != "README.md"}
    assert model_hub.pull("small", tmp_path, hub_url="http://127.0.0.1:9") == folder
    assert weights.find_weights(options) == weights.Weights("small", folder) and weights.available_weights(options) == "small"
    assert [(model.name, model.bytes) for model in model_hub.pulled_models(tmp_path)] == [("small", 7006)]
    assert model_hub.remove("small", tmp_path) and not model_hub.remove("small", tmp_path)
    assert model_hub.pulled_models(tmp_path) == []


def test_weights_that_may_be_downloaded_are_when_they_are_needed(tmp_path: Path, hub: str) -> None:
    options = SpeechOptions(tmp_path, model="small", allow_model_hub=True, hub_url=hub)
    assert (weights.find_weights(options).folder / "model.bin").is_file()


@pytest.mark.parametrize("name", ["someone/no-weights", "someone/unknown", "unknown", "../secret", "a/b/c", ".hidden"])
def test_a_name_that_is_not_a_model_is_refused_and_leaves_nothing(tmp_path: Path, hub: str, name: str) -> None:
    with pytest.raises(errors.ModelMissing):
        model_hub.pull(name, tmp_path, hub_url=hub)
    assert [path for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".lock"] == []


def test_the_command_lists_pulls_and_removes(app: Flask, hub: str, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = app.extensions["lectern"].settings
    monkeypatch.setattr("commands.models.speech_to_text.from_settings", lambda _: SpeechOptions(settings.data_dir / "m", hub_url=hub))
    run = app.test_cli_runner().invoke
    assert "Set SPEECH_MODEL=small" in run(args=["models", "pull", "small"]).output
    output = run(args=["models", "list"]).output
    assert "* base " in output and "  small " in output and "0 MB" in output and "large-v3" in output
    assert run(args=["models", "remove", "small"]).output == "small is deleted.\n"
    result = run(args=["models", "remove", "small"])
    assert result.exit_code == 1 and "was not pulled" in result.output


class _BreakingHub(_Hub):
    """Sends `limit` bytes of the large weights at a time; understands Range."""

    limit = 12 * 2**20
    ranges: ClassVar[list[str]] = []

    def _answer(self, *, with_body: bool) -> None:
        if not (with_body and self.path.endswith("model.bin")):
            super()._answer(with_body=with_body)
            return
        self.ranges.append(self.headers.get("Range", ""))
        start = int(self.ranges[-1].removeprefix("bytes=").removesuffix("-") or 0)
        headers = {"ETag": f'"{hashlib.sha256(LARGE_WEIGHTS).hexdigest()}"', "X-Repo-Commit": COMMIT}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(LARGE_WEIGHTS) - 1}/{len(LARGE_WEIGHTS)}"
        self.send_response(206 if start else 200)
        for key, value in {"Content-Length": str(len(LARGE_WEIGHTS) - start), **headers}.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(LARGE_WEIGHTS[start : start + self.limit])
        self.close_connection = True


def test_a_transfer_that_breaks_off_goes_on_and_tells_its_progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_hub, "_REPORT_INTERVAL_S", 0.01)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _BreakingHub)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    lines: list[str] = []
    folder = model_hub.pull("medium", tmp_path, hub_url=f"http://127.0.0.1:{server.server_port}", say=lines.append)
    server.shutdown()
    server.server_close()
    assert (folder / "model.bin").read_bytes() == LARGE_WEIGHTS
    first, second, *_ = _BreakingHub.ranges
    assert first == "" and int(second.removeprefix("bytes=").removesuffix("-")) > 0
    assert lines and all(line.endswith(" of 23 MB") for line in lines)


def test_a_failed_download_says_why_and_leaves_nothing(tmp_path: Path, hub: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(errors.ModelMissing, match="has no weights 'someone/unknown'"):
        model_hub.pull("someone/unknown", tmp_path, hub_url=hub)
    with pytest.raises(errors.ModelMissing, match=r"Downloading 'small' from http://127\.0\.0\.1:9 failed"):
        model_hub.pull("small", tmp_path, hub_url="http://127.0.0.1:9")
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 5_000_000))
        with pytest.raises(errors.ModelMissing, match=r"not enough space for 'medium': .* has 5 MB left"):
            model_hub.pull("medium", tmp_path, hub_url=hub)
    assert model_hub.pulled_models(tmp_path) == []
    assert [path for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".lock"] == []
