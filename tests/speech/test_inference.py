"""Speech recognition by an inference service as Ezra uses it, against a local one."""

from __future__ import annotations

import dataclasses
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import errors
from domain import SpeechSource, Transcript
from lib.process import ignore_progress, never_cancelled
from lib.serialization import read_json, to_plain
from pipelines.stages import inference as stage
from scripts.audio import write_wav
from services.speech_to_text import SpeechOptions
from services.speech_to_text.hosted import inference
from services.speech_to_text.port import InferenceService
from tests.speech.conftest import ENGLISH, silence

OTHER_TEXT = "Nothing of this was ever said. It has other words altogether, from the first to the last one!"


class Service:
    """Takes recordings at /process; /result answers an id with the text once it was asked `pending` times."""

    def __init__(self) -> None:
        self.text, self.pending, self.status = " ".join(ENGLISH), 2, 200
        self.requests: dict[str, bytes] = {}
        self.keys: list[str] = []
        self.request_count = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.keys.append(self.headers.get("Authorization", ""))
                status, answer = outer.status, b""
                if self.path == "/process":
                    identifier = body.partition(b'name="transcription_id"')[2].split()[0].decode()
                    outer.requests[identifier] = body
                else:
                    outer.request_count += 1
                    is_ready = json.loads(body)["transcription_id"] in outer.requests and outer.request_count > outer.pending
                    status, answer = (status, outer.text.encode()) if is_ready else (404, b"not yet")
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: Any) -> None:
                """Write nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        url = f"http://127.0.0.1:{self.server.server_port}"
        self.options = InferenceService(f"{url}/process", f"{url}/result", "secret")


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setattr(inference, "_FIRST_BACKOFF_S", 0.01)
    service = Service()
    threading.Thread(target=service.server.serve_forever, args=(0.05,), daemon=True).start()
    yield service
    service.server.shutdown()
    service.server.server_close()


def fetch(service: Service, wav: Path, folder: Path, **further: Any) -> str:
    paths = {"wav": str(wav), "state": str(folder / "state"), "target": str(folder / "text")}
    inference.fetch_text({**paths, "service": to_plain(service.options), "timeout_s": 60.0, **further}, ignore_progress)
    return (folder / "text").read_text()


def test_a_recording_is_sent_once_and_its_text_awaited(service: Service, lecture: tuple[Path, list[float]], tmp_path: Path) -> None:
    service.pending = 10**6
    with pytest.raises(errors.TimedOut):
        fetch(service, lecture[0], tmp_path, timeout_s=0.1)
    service.pending = 0
    assert fetch(service, lecture[0], tmp_path) == service.text
    ((identifier, body),) = service.requests.items()
    assert b"OggS" in body and len(body) < lecture[0].stat().st_size / 5 and (tmp_path / "state").read_text() == identifier
    assert set(service.keys) == {"Bearer secret"}


def test_a_refusal_is_reported_and_silence_is_not_sent(service: Service, lecture: tuple[Path, list[float]], tmp_path: Path) -> None:
    service.status = 401
    with pytest.raises(errors.ProviderRefused, match="401"):
        fetch(service, lecture[0], tmp_path)
    assert not (tmp_path / "state").exists() and len(service.keys) == 1
    assert fetch(service, write_wav(tmp_path / "silence.wav", silence(3)), tmp_path) == "" and len(service.keys) == 1


@pytest.mark.slow("recognises speech")
def test_the_text_gets_the_times_of_local_recognition_or_estimated_ones(
    service: Service, lecture: tuple[Path, list[float]], options: SpeechOptions, tmp_path: Path
) -> None:
    service.pending = 0
    wav, starts = lecture
    (tmp_path / "audio.wav").symlink_to(wav)
    stage_input: Any = SimpleNamespace(
        work=SimpleNamespace(path=lambda name: tmp_path / name), options={"language": "en"}, report=ignore_progress, check=never_cancelled
    )
    with_service = dataclasses.replace(options, inference=service.options)

    def run() -> Transcript:
        stage.transcribe(stage_input, with_service, service.options, tmp_path / "checkpoint", tmp_path / "transcript.json")
        (tmp_path / "service.state").unlink()
        return read_json(Transcript, tmp_path / "transcript.json")

    transcript = run()
    words = [word for segment in transcript.segments for word in segment.words]
    assert "".join(word.text for word in words).strip() == service.text and transcript.warnings == ()
    welcome = [word.start_s for word in words if word.text.strip() in ("Good", "Today", "The", "It")]
    assert welcome == pytest.approx(starts, abs=0.6)
    service.text = OTHER_TEXT
    estimate = run()
    assert [segment.text for segment in estimate.segments] == [f"{OTHER_TEXT.partition('.')[0]}.", OTHER_TEXT.partition(". ")[2]]
    assert estimate.source is SpeechSource.RECOGNISED and "estimated" in estimate.warnings[0]
    assert estimate.segments[0].start_s == pytest.approx(starts[0], abs=0.6)
