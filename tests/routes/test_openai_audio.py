"""OpenAI's audio endpoints, through OpenAI's own Python client."""

from __future__ import annotations

import datetime as dt
import io
import socket
from pathlib import Path

import httpx2
import pytest
from flask import Flask
from openai import BadRequestError, NotFoundError, OpenAI, UnprocessableEntityError
from sqlalchemy import select

from database import session, transaction
from domain import Segment, Word
from errors import Cancelled, TooManyRequests, TransientError
from lib.clock import now
from lib.process import never_cancelled
from models import Recording
from services.library import trash
from services.speech_to_text.checkpoint import Checkpoint
from services.speech_to_text.chunks import Chunk
from services.transcripts import synchronous_transcription
from tests.conftest import SAMPLES, User, list_stored_keys

pytestmark = pytest.mark.usefixtures("cached_stages")
TALK = SAMPLES / "tiny.m4a"


@pytest.fixture
def client(app: Flask, user: User) -> OpenAI:
    """The client with an API key; its requests go straight to the application."""
    response = user.post("/api/v1/api-keys", json={"name": "openai", "scopes": ["content:write"]})
    transport = httpx2.WSGITransport(app=app.wsgi_app)
    return OpenAI(
        api_key=response.json["key"], base_url="http://localhost/v1", http_client=httpx2.Client(transport=transport), max_retries=0
    )


def test_every_format_of_a_transcription(app: Flask, user: User, client: OpenAI) -> None:
    create = client.audio.transcriptions.create
    plain = create(model="whisper-1", file=TALK, language="en")
    words = plain.text.split()
    assert len(words) > 10
    granularities = {"response_format": "verbose_json", "timestamp_granularities": ["word", "segment"]}
    transcription = create(model="whisper-1", file=TALK, language="en", **granularities)
    assert transcription.text == plain.text and transcription.language == "en" and transcription.duration > 10
    assert [word.word for word in transcription.words] == words and transcription.words[0].end >= transcription.words[0].start
    assert "".join(segment.text for segment in transcription.segments).strip() == plain.text and transcription.segments[0].avg_logprob < 0
    assert create(model="whisper-1", file=TALK, language="en", response_format="text").strip() == plain.text
    assert create(model="whisper-1", file=TALK, language="en", response_format="srt").startswith("1\n00:00:")
    assert create(model="whisper-1", file=TALK, language="en", response_format="vtt").startswith("WEBVTT\n\n")
    events = list(create(model="gpt-4o-transcribe", file=TALK, language="en", stream=True))
    assert {event.type for event in events[:-1]} == {"transcript.text.delta"} and events[-1].type == "transcript.text.done"
    assert "".join(event.delta for event in events[:-1]).strip() == events[-1].text == plain.text
    assert user.get("/api/v1/recordings").json["total"] == 0 and list_stored_keys(app) == []  # nothing is kept
    assert user.get("/api/v1/notices").json["notices"] == []


def test_errors_reach_the_client(client: OpenAI) -> None:
    with pytest.raises(UnprocessableEntityError, match="language"):
        client.audio.transcriptions.create(model="whisper-1", file=TALK, language="klingon")
    with pytest.raises(BadRequestError, match="empty") as excinfo:
        client.audio.transcriptions.create(model="whisper-1", file=("a.mp3", b""))
    assert excinfo.value.code == "empty_file"
    with pytest.raises(NotFoundError):
        client.models.retrieve("gpt-4o")


def test_models_are_listed(client: OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["whisper-1", "base"]
    assert client.models.retrieve("base").owned_by == "lectern"


def test_waiting_ends_at_the_time_limit(app: Flask, user: User, admin: User, tiny_subtitles: bytes) -> None:
    assert admin.post("/admin/queue/pause", json={"reason": "Maintenance"}).status_code == 200
    job_id = user.upload(TALK, subtitles=(io.BytesIO(tiny_subtitles), "subtitles.srt")).json["job_id"]
    with app.app_context(), pytest.raises(synchronous_transcription.TranscriptionSlow):
        synchronous_transcription.wait_for_result(job_id, 0.2, app.extensions["lectern"].store, never_cancelled)


def list_recording_ids(app: Flask) -> list[str]:
    with app.app_context():
        return list(session().execute(select(Recording.id)).scalars())


def test_a_request_ends_and_its_recording_is_deleted_when_the_client_disconnects(app: Flask, user: User, admin: User) -> None:
    """The connection is one end of a pair of sockets, as gunicorn passes it on."""
    assert admin.post("/admin/queue/pause", json={"reason": "Maintenance"}).status_code == 200
    server_end, client_end = socket.socketpair()
    client_end.close()
    with server_end:
        for stream in ("false", "true"):
            form = {"file": (io.BytesIO(TALK.read_bytes()), "talk.m4a"), "language": "en", "stream": stream}
            response = user.post("/v1/audio/transcriptions", data=form, environ_base={"gunicorn.socket": server_end})
            assert response.data == b"" if stream == "true" else response.status_code == 400
            response.close()
    assert list_recording_ids(app) == [] and app.extensions["lectern"].waiting_requests.in_use == 0


def test_waiting_requests_are_limited_per_user(app: Flask, user: User, admin: User) -> None:
    limit = app.extensions["lectern"].waiting_requests
    for _ in range(limit.per_user):
        limit.acquire(user.id, TransientError, TooManyRequests)
    form = {"file": (io.BytesIO(TALK.read_bytes()), "talk.m4a")}
    response = user.post("/v1/audio/transcriptions", data=form)
    assert (response.status_code, response.json["code"]) == (429, "too_many_waiting") and "Retry-After" in response.headers
    for _ in range(limit.per_user):
        limit.release(user.id)
    assert list_recording_ids(app) == []


def test_recordings_of_a_killed_server_are_deleted(app: Flask, user: User, admin: User, tiny_subtitles: bytes) -> None:
    assert admin.post("/admin/queue/pause", json={"reason": "Maintenance"}).status_code == 200
    own_recording_id = user.upload(TALK, subtitles=(io.BytesIO(tiny_subtitles), "subtitles.srt")).json["video_id"]
    temporary_ids = [user.upload(TALK, subtitles=(io.BytesIO(tiny_subtitles), "subtitles.srt")).json["video_id"] for _ in range(2)]
    components = app.extensions["lectern"]
    with app.app_context():
        for recording_id, seconds in zip(temporary_ids, (-1, 60), strict=True):
            with transaction() as writes:
                writes.get_one(Recording, recording_id).delete_at = now() + dt.timedelta(seconds=seconds)
        trash.delete_temporary(components.store)
    assert sorted(list_recording_ids(app)) == sorted([own_recording_id, temporary_ids[1]])


def test_a_stream_sends_what_is_recognised_while_the_job_runs(
    app: Flask, user: User, admin: User, tiny_subtitles: bytes, tmp_path: Path
) -> None:
    assert admin.post("/admin/queue/pause", json={"reason": "Maintenance"}).status_code == 200
    job_id = user.upload(TALK, subtitles=(io.BytesIO(tiny_subtitles), "subtitles.srt")).json["job_id"]
    checkpoint = Checkpoint.open(tmp_path / "checkpoint", {})
    checkpoint.save(Chunk(0, 16_000, ()), [Segment(0.0, 1.0, (Word(" Welcome.", 0.0, 1.0),))], {})
    with app.app_context():
        parts = synchronous_transcription.stream_result(
            job_id, 30, app.extensions["lectern"].store, tmp_path / "checkpoint", never_cancelled
        )
        first = next(parts)
        assert isinstance(first, Segment) and first.text == "Welcome."
        user.post(f"/api/v1/jobs/{job_id}/cancel")
        with pytest.raises(Cancelled):
            list(parts)
