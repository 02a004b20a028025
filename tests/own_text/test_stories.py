"""An own text over HTTP: with an upload, and for a recording that is there."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from tests.conftest import SAMPLES, User

pytestmark = pytest.mark.usefixtures("cached_stages")
SUBTITLES = b"""1
00:00:00,500 --> 00:00:03,000
the haching of keys is fast it works

2
00:00:04,000 --> 00:00:06,000
and we like teh table
"""
TEXT = "The hashing of keys is fast. It works.\n\nAnd we like the *table*."


def upload(user: User, **fields: object) -> str:
    subtitles = (io.BytesIO(SUBTITLES), "subtitles.srt")
    response = user.upload(SAMPLES / "tiny.m4a", subtitles=subtitles, language="en", formats="txt,srt,json", **fields)
    assert response.status_code == 200, response.text
    return str(response.json["video_id"])


def texts(user: User, recording_id: str) -> list[str]:
    return [segment["text"] for segment in user.get(f"/api/v1/transcripts/{recording_id}").json["segments"]]


def send(user: User, recording_id: str, **form: object) -> Any:
    data = {"data": form, "content_type": "multipart/form-data", "headers": user.headers}
    return user.http.post(f"/api/v1/transcripts/{recording_id}/own-text", **data)


def test_a_text_that_comes_with_an_upload_is_the_transcript(user: User) -> None:
    recording_id = upload(user, transcript=TEXT)
    assert user.wait(recording_id)["status"] == "completed", user.wait(recording_id)
    assert texts(user, recording_id) == ["The hashing of keys is fast.", "It works.", "And we like the table."]
    [first, *_] = user.get(f"/api/v1/transcripts/{recording_id}").json["segments"]
    assert (first["words"][1]["text"], first["words"][1]["start_s"]) == (" hashing", first["words"][0]["end_s"])
    document = user.get(f"/download/txt/{recording_id}").text
    assert "The hashing of keys is fast. It works.\n" in document and "And we like the table.\n" in document
    assert "--> 00:00:06,000\nIt works. And we like the table." in user.get(f"/download/srt/{recording_id}").text
    job = user.get("/api/v1/jobs").json["jobs"][0]
    assert job["metrics"]["own_text"]["matched_share"] > 0.9 and job["metrics"]["own_text"]["words"] == 13


def test_a_text_for_a_recording_replaces_the_recognised_one_or_is_refused(user: User, stranger: User) -> None:
    recording_id = upload(user)
    assert user.wait(recording_id)["status"] == "completed"
    recognised_texts = texts(user, recording_id)
    assert send(stranger, recording_id, transcript=TEXT).status_code == 404
    assert send(user, recording_id).json["code"] == "no_file"
    assert send(user, recording_id, transcript=(io.BytesIO(SUBTITLES), "subtitles.srt")).json["code"] == "unreadable_text"

    response = send(user, recording_id, transcript=(io.BytesIO(TEXT.encode()), "talk.txt"))
    assert response.status_code == 202, response.text
    assert user.wait(recording_id)["status"] == "completed", user.wait(recording_id)
    assert texts(user, recording_id)[0] == "The hashing of keys is fast."
    assert user.get(f"/api/v1/transcripts/{recording_id}").json["documents_are_current"]
    user.post(f"/api/v1/transcripts/{recording_id}/undo", json={})
    assert texts(user, recording_id) == recognised_texts

    assert send(user, recording_id, transcript="Cooking soup takes fresh carrots, patience and an oven.").status_code == 202
    status = user.wait(recording_id)
    assert (status["status"], status["error_code"]) == ("failed", "text_does_not_fit")
    assert "of its 9 words" in json.dumps(status)
    assert "The hashing of keys" in user.get(f"/download/txt/{recording_id}").text  # the documents stay
    path = f"/api/v1/transcripts/{recording_id}/own-text"
    assert [user.delete(path).status_code for _ in range(2)] == [200, 404]
    assert user.post(f"/api/v1/recordings/{recording_id}/jobs", json={"formats": ["txt"], "language": "en"}).status_code == 201
    assert user.wait(recording_id)["status"] == "completed"
    assert "the haching of keys" in user.get(f"/download/txt/{recording_id}").text
