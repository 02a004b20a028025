"""A client of Ezra's inference service: one POST sends a recording under an id, POSTs of the id ask for its text until it is there."""

from __future__ import annotations

import json
import time
import uuid
from pathlib import Path
from typing import Any

import av
from urllib3.filepost import encode_multipart_formdata

import errors
from lib import http_client
from lib.backoff import backoff_s
from lib.process import Report
from lib.serialization import atomic_write, from_plain, to_plain
from services.speech_to_text.chunks import WavFile
from services.speech_to_text.estimated_times import spread, voiced_ranges
from services.speech_to_text.port import SAMPLE_RATE_HZ, InferenceService
from services.speech_to_text.vad import Span, speech_spans

_NAME = "The inference service"
_MAX_TEXT_BYTES = 16 * 2**20
_SEND_TIMEOUT_S = 1800.0
_ASK_TIMEOUT_S = 60.0
_FIRST_BACKOFF_S, _MAX_BACKOFF_S = 1.0, 10.0
_BLOCK_SAMPLES = 60 * SAMPLE_RATE_HZ
_PENDING_STATUSES = (202, 204, 404, 409, 425)


def fetch_text(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Write the text of a WAV to `target`, nothing if nobody speaks. Payload: wav, state, target, service, timeout_s.

    `state` keeps the id of a recording that was sent, so that a repeated call only asks for the text. Raises ProviderRefused, TimedOut, and
    TransientError.
    """
    service, state = from_plain(InferenceService, payload["service"]), Path(payload["state"])
    if not state.is_file():
        if not _speech(WavFile(Path(payload["wav"]))):
            Path(payload["target"]).write_text("")
            return {}
        identifier = str(uuid.uuid4())
        _send(service, Path(payload["wav"]), identifier, state.with_name(f"{state.name}.ogg"))
        with atomic_write(state) as part:
            part.write_text(identifier)
    text = _wait_for_text(service, state.read_text(), payload["timeout_s"], report)
    with atomic_write(Path(payload["target"])) as part:
        part.write_text(text)
    return {}


def spread_text(payload: dict[str, Any], _report: Report) -> dict[str, Any]:
    """Return the words of a text with times that are estimated from the speech of a WAV. Payload: wav, text (a path)."""
    wav = WavFile(Path(payload["wav"]))
    words = spread(Path(payload["text"]).read_text(), voiced_ranges(_speech(wav), wav.duration_s))
    return {"words": [to_plain(word) for word in words]}


def _speech(wav: WavFile) -> list[Span]:
    return [
        (start + first, start + last)
        for start in range(0, wav.length, _BLOCK_SAMPLES)
        for first, last in speech_spans(wav.read(start, min(start + _BLOCK_SAMPLES, wav.length)))
    ]


def _send(service: InferenceService, wav: Path, identifier: str, scratch: Path) -> None:
    """Send the sound, as Opus, which takes a fifteenth of the WAV."""
    try:
        _encode(wav, scratch)
        form: list[tuple[str, Any]] = [("transcription_id", identifier), ("file", ("audio.ogg", scratch.read_bytes(), "audio/ogg"))]
        body, content_type = encode_multipart_formdata(form)
    finally:
        scratch.unlink(missing_ok=True)
    headers = {"Content-Type": content_type, **_headers(service)}
    response = http_client.post_for_bytes(
        service.url, body, headers, max_bytes=_MAX_TEXT_BYTES, timeout_s=_SEND_TIMEOUT_S, allow_private=True
    )
    http_client.raise_for_status(_NAME, response.response)


def _wait_for_text(service: InferenceService, identifier: str, timeout_s: float, report: Report) -> str:
    headers = {"Content-Type": "application/json", **_headers(service)}
    body = json.dumps({"transcription_id": identifier}).encode()
    start_s, attempt = time.monotonic(), 0
    while time.monotonic() - start_s < timeout_s:
        attempt += 1
        response = http_client.post_for_bytes(
            service.result_url, body, headers, max_bytes=_MAX_TEXT_BYTES, timeout_s=_ASK_TIMEOUT_S, allow_private=True
        )
        if response.response.status not in _PENDING_STATUSES:
            http_client.raise_for_status(_NAME, response.response)
            text = response.body.decode("utf-8", "replace").replace("\0", "").strip()
            if text:
                return text
        report(min(time.monotonic() - start_s, 0.95 * timeout_s), timeout_s)
        time.sleep(backoff_s(attempt, _FIRST_BACKOFF_S, factor=1.3, max_s=_MAX_BACKOFF_S))
    raise errors.TimedOut(f"{_NAME} returned no text within {timeout_s:.0f} s.")


def _headers(service: InferenceService) -> dict[str, str]:
    return {"Accept": "*/*", **({"Authorization": f"Bearer {service.api_key}"} if service.api_key else {})}


def _encode(wav: Path, target: Path) -> None:
    with av.open(str(wav)) as source, av.open(str(target), "w", format="ogg") as result:
        stream = result.add_stream("libopus", rate=SAMPLE_RATE_HZ, layout="mono")
        stream.bit_rate = 24_000
        for frame in source.decode(audio=0):
            for packet in stream.encode(frame):
                result.mux(packet)
        for packet in stream.encode(None):
            result.mux(packet)
