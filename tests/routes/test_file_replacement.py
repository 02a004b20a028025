"""A recording whose file is replaced: its address stays, documents and captions are made again, corrections stay where words agree."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from database import session as read_session
from database import transaction
from models import Recording
from services.library import hidden_formats, object_deletion
from tests.conftest import SAMPLES, User, list_stored_keys

pytestmark = pytest.mark.usefixtures("cached_stages")
FIRST = b"""1
00:00:00,500 --> 00:00:03,000
the haching of keys is fast it works

2
00:00:04,000 --> 00:00:06,000
and we like teh table
"""
SECOND = b"""1
00:00:00,700 --> 00:00:03,500
well the haching of keys is fast it works

2
00:00:04,200 --> 00:00:05,900
and we all love it
"""


def replace(user: User, recording_id: str, subtitles: bytes, name: str = "tiny.m4a", content: bytes | None = None) -> TestResponse:
    form = {"file": (io.BytesIO((SAMPLES / "tiny.m4a").read_bytes() if content is None else content), name)}
    form["subtitles"] = (io.BytesIO(subtitles), "subtitles.srt")
    path = f"/api/v1/recordings/{recording_id}/file"
    return user.http.put(path, data=form, content_type="multipart/form-data", headers=user.headers)


def transcript(user: User, recording_id: str) -> Any:
    return user.get(f"/api/v1/transcripts/{recording_id}").json


def texts(user: User, recording_id: str) -> list[str]:
    return [segment["text"] for segment in transcript(user, recording_id)["segments"]]


def correct(user: User, recording_id: str, number: int, text: str) -> None:
    segment = transcript(user, recording_id)["segments"][number]
    path = f"/api/v1/transcripts/{recording_id}/segments/{segment['id']}"
    assert user.http.patch(path, json={"text": text}, headers=user.headers).status_code == 200


def test_the_address_stays_and_corrections_are_carried_over(app: Flask, user: User, stranger: User) -> None:
    subtitles = (io.BytesIO(FIRST), "subtitles.srt")
    recording_id = user.upload(SAMPLES / "tiny.m4a", subtitles=subtitles, language="en", formats="txt,srt", title="Tables").json["video_id"]
    assert user.wait(recording_id)["status"] == "completed"
    before = user.get(f"/api/v1/recordings/{recording_id}").json
    correct(user, recording_id, 0, "the hashing of keys is fast. It works")
    correct(user, recording_id, 1, "and we like the table")
    old_keys = {key for key in list_stored_keys(app) if key.startswith("videos/")}

    assert replace(stranger, recording_id, SECOND).status_code == 404
    assert replace(user, recording_id, b"no subtitles").json["code"] == "bad_subtitles"
    assert replace(user, recording_id, SECOND, content=b"text, not a recording").status_code == 415
    assert {key for key in list_stored_keys(app) if key.startswith("videos/")} == old_keys, "refused files leave nothing"
    response = replace(user, recording_id, SECOND, "take two.m4a")
    assert response.status_code == 202, response.text
    assert replace(user, recording_id, SECOND).status_code == 409 or user.wait(recording_id)["status"] == "completed"
    assert user.wait(recording_id)["status"] == "completed", user.wait(recording_id)

    after = user.get(f"/api/v1/recordings/{recording_id}").json
    same = ("id", "title", "created_at", "short_link")
    assert [after[name] for name in same if name in after] == [before[name] for name in same if name in before]
    assert (before["filename"], after["filename"]) == ("tiny.m4a", "take two.m4a")
    new_keys = {key for key in list_stored_keys(app) if key.startswith("videos/")}
    assert len(new_keys) == 2 and not new_keys & old_keys, "the file and its subtitles"
    assert texts(user, recording_id) == ["well the hashing of keys is fast. It works", "and we all love it"]
    first_word, hashing = (transcript(user, recording_id)["segments"][0]["words"][index] for index in (0, 2))
    assert first_word["start_s"] == 0.7 and hashing["text"] == " hashing" and hashing["start_s"] > 0.7
    assert transcript(user, recording_id)["documents_are_current"]
    assert "well the hashing of keys is fast. It works" in " ".join(user.get(f"/download/srt/{recording_id}").text.split())
    user.post(f"/api/v1/transcripts/{recording_id}/undo", json={})
    assert texts(user, recording_id)[0] == "well the haching of keys is fast it works", "as it was recognised"
    user.post(f"/api/v1/transcripts/{recording_id}/undo", json={})
    assert texts(user, recording_id) == ["the hashing of keys is fast. It works", "and we like the table"], "the text before"


def test_what_was_made_for_players_is_made_again(app: Flask, user: User) -> None:
    facts = {"filename": "a.mp4", "storage_key": f"videos/{user.id}/a.mp4", "size_bytes": 4, "sha256": "0", "duration_s": 90.0, "media": {}}
    with app.app_context(), transaction() as session:
        chapters = [{"start_s": 0, "title": "Start"}, {"start_s": 60, "title": "End"}]
        recording = Recording(user_id=user.id, title="Talk", visibility="PUBLIC", chapters=chapters, **facts)
        session.add(recording)
        session.flush()
        recording_id = recording.id
        hidden_formats.put(session, recording_id, hidden_formats.STREAM_INDEX, "jobs/x/stream_index.json", 5, "0")
    path = f"/api/v1/recordings/{recording_id}"
    assert user.http.put(f"{path}/file", data={}, content_type="multipart/form-data", headers=user.headers).json["code"] == "no_file"
    form = {"file": (io.BytesIO((SAMPLES / "tiny.m4a").read_bytes()), "b.m4a")}
    response = user.http.put(f"{path}/file", data=form, content_type="multipart/form-data", headers=user.headers)
    assert response.status_code == 202, response.text
    with app.app_context():
        recording = read_session().get_one(Recording, recording_id, populate_existing=True)
        assert recording.upload_key == f"videos/{user.id}/a.mp4", "iTube's address of it stays"
        assert [each["title"] for each in recording.chapters] == ["Start"]
        object_deletion.run_due(app.extensions["lectern"].store)
    video = user.get(f"/api/v1/upload/videos/{recording_id}").json
    assert video["video_s3_key"] == f"videos/{user.id}/a.mp4"
    jobs = user.get("/api/v1/jobs").json["jobs"]
    assert [job["pipeline"] for job in jobs if job["recording_id"] == recording_id] == ["streaming"]
    assert user.wait(recording_id)["status"] == "completed"
