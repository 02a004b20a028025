"""A file that its user has uploaded before becomes a recording without being sent again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from database import transaction
from models import Recording
from tests.conftest import User, list_stored_keys

PATH = "/api/v1/recordings/by-hash"
CONTENT = b"a recording"
MEDIA = {
    "format_name": "mp3",
    "duration_s": 60.0,
    "size_bytes": len(CONTENT),
    "audio": {"codec": "mp3", "channels": 1, "sample_rate": 16000},
}
KNOWN_FILE = {"sha256": hashlib.sha256(CONTENT).hexdigest(), "size_bytes": len(CONTENT), "formats": ["txt"]}


@pytest.fixture
def store_recording(app: Flask, user: User, tmp_path: Any) -> Callable[[], str]:
    """Store a recording of the user without a conversion; no job runs."""
    app.extensions["lectern"].executor.shut_down(0)

    def store() -> str:
        file = tmp_path / "file"
        file.write_bytes(CONTENT)
        app.extensions["lectern"].store.put(file, "videos/first.mp3", "audio/mpeg")
        facts = {"filename": "first.mp3", "sent_name": "first.mp3", "storage_key": "videos/first.mp3", "size_bytes": len(CONTENT)}
        with app.app_context(), transaction() as session:
            row = Recording(user_id=user.id, title="First", sha256=KNOWN_FILE["sha256"], duration_s=60.0, media=MEDIA, **facts)
            session.add(row)
            session.flush()
            return row.id

    return store


def test_the_store_copies_a_known_file(app: Flask, user: User, stranger: User, store_recording: Callable[[], str]) -> None:
    first = store_recording()
    second = user.post(PATH, json={**KNOWN_FILE, "title": "Second", "filename": "again.mp3"})
    assert second.status_code == 201, second.text
    copy = second.json
    assert (copy["title"], copy["filename"], copy["sha256"], copy["size_bytes"]) == (
        "Second",
        "again.mp3",
        KNOWN_FILE["sha256"],
        len(CONTENT),
    )
    assert copy["id"] != first and copy["job"]["state"] == "queued"
    keys = list_stored_keys(app)
    assert len(keys) == 2
    user.delete(f"/api/v1/recordings/{first}?permanent=true")
    assert [b"".join(app.extensions["lectern"].store.read(key)) for key in list_stored_keys(app)] == [CONTENT]
    response = stranger.post(PATH, json=KNOWN_FILE)
    assert (response.status_code, response.json["code"]) == (404, "not_found")
    assert user.post(PATH, json={**KNOWN_FILE, "size_bytes": 5}).status_code == 404
    assert user.post(PATH, json={**KNOWN_FILE, "sha256": "0" * 64}).status_code == 404
    assert user.post(PATH, json={**KNOWN_FILE, "sha256": "x"}).status_code == 422


def test_what_an_upload_may_not_do_is_refused(app: Flask, user: User, store_recording: Callable[[], str]) -> None:
    store_recording()
    settings = app.extensions["lectern"].settings
    for name, value, code in (("user_quota_bytes", len(CONTENT) + 1, "quota_exceeded"), ("max_duration_s", 59, "too_long")):
        before = getattr(settings, name)
        setattr(settings, name, value)
        assert user.post(PATH, json=KNOWN_FILE).json["code"] == code
        setattr(settings, name, before)
    assert user.post(PATH, json={**KNOWN_FILE, "video_track": 2}).status_code == 422
    assert len(list_stored_keys(app)) == 1
