"""Uploads that are refused, and safe file names."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from flask import Flask

from config import Settings
from tests.conftest import User, list_files, list_stored_keys


@pytest.fixture(autouse=True)
def nothing_left_behind(app: Flask, user: User, settings: Settings) -> object:
    """A refused upload leaves no row and no file."""
    yield
    assert user.get("/list").json["total"] == 0
    assert list_stored_keys(app) == []
    assert list_files(settings.data_dir / "incoming") == []


@pytest.mark.parametrize(
    ("content", "name", "status", "code"),
    [
        (b"", "empty.mp4", 400, "empty_file"),
        (b"just some text, no recording", "lecture.mp4", 415, "not_media"),
        (b"%PDF-1.7 not a lecture either" * 50, "slides.pdf", 415, "not_media"),
        (b"#EXTM3U\n#EXTINF:10,\nhttp://127.0.0.1/secret.ts\n", "list.m3u8", 415, "not_media"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "list.mp4", 415, "not_media"),
    ],
    ids=["empty", "text", "pdf", "playlist", "concat script"],
)
def test_files_that_are_not_recordings_are_refused(user: User, content: bytes, name: str, status: int, code: str) -> None:
    response = user.upload(content, name)
    assert (response.status_code, response.json["code"]) == (status, code)
    assert response.json["hint"]
    assert response.json["error"] == response.json["message"]


def test_a_form_without_a_file_is_refused(user: User) -> None:
    for data in ({}, {"file": ""}, {"other": (io.BytesIO(b"x"), "x.mp4")}):
        response = user.post("/upload", data=data, content_type="multipart/form-data")
        assert (response.status_code, response.json["code"]) == (400, "no_file")


def test_invalid_options_are_named_in_the_error(user: User, tiny: Path) -> None:
    response = user.upload(tiny, formats="pdf,papyrus")
    assert response.status_code == 422
    assert "papyrus" in response.json["message"]
    assert user.upload(tiny, language="a language").status_code == 422
    for areas in ({"region": "0,0,99999,100"}, {"ignore": "0,0,16,16;-1,0,16,16"}):
        assert user.upload(tiny, **areas).json["code"] == "validation_failed"


def test_a_track_that_does_not_exist_is_refused_at_upload(app: Flask, user: User, tiny: Path) -> None:
    for track, message in (({"audio_track": "2"}, "no audio track 2"), ({"video_track": "9"}, "no video track 9")):
        response = user.upload(tiny, **track)
        assert response.status_code == 422
        assert message in response.json["message"]
    assert list_stored_keys(app) == []


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"", "s.srt"), (b"no times here", "s.srt"), (b"\x00\xff\xfe\x80" * 40, "s.vtt"), (b"1\n00:00:01,000 --> 00:00:02,000\nx\n", "s.doc")],
)
def test_invalid_subtitles_are_refused(user: User, tiny: Path, content: bytes, name: str) -> None:
    response = user.upload(tiny, subtitles=(io.BytesIO(content), name))
    assert (response.status_code, response.json["code"]) == (422, "bad_subtitles")


def test_a_recording_over_the_size_limit_is_refused(app: Flask, user: User, tiny: Path) -> None:
    app.extensions["lectern"].settings.max_upload_bytes = 10_000
    response = user.upload(tiny)
    assert (response.status_code, response.json["code"]) == (413, "too_large")


def test_a_recording_over_the_quota_is_refused(app: Flask, user: User, tiny: Path) -> None:
    app.extensions["lectern"].settings.user_quota_bytes = tiny.stat().st_size // 2
    response = user.upload(tiny)
    assert (response.status_code, response.json["code"]) == (413, "quota_exceeded")


def test_a_recording_over_the_duration_limit_is_refused(app: Flask, user: User, tiny: Path) -> None:
    app.extensions["lectern"].settings.max_duration_s = 3
    response = user.upload(tiny)
    assert (response.status_code, response.json["code"]) == (422, "too_long")


def test_anonymous_uploads_are_refused_before_anything_is_written(app: Flask, settings: Settings, tiny: Path) -> None:
    response = app.test_client().post("/upload", data={"file": (tiny.open("rb"), "t.mp4")}, content_type="multipart/form-data")
    assert response.status_code == 401


def test_other_bodies_have_a_small_limit(user: User) -> None:
    response = user.post("/api/v1/auth/login", data=b"x" * (3 * 2**20), content_type="application/json")
    assert response.status_code == 413


@pytest.mark.parametrize(
    ("filename", "safe"),
    [
        ("../../etc/passwd.mp4", "passwd.mp4"),
        ("C:\\Users\\ada\\lecture.mp4", "lecture.mp4"),
        ('we"ird\n;name.mp4', "we_ird_name.mp4"),
        ("Vorlesung über Bäume 🌳.mp4", "Vorlesung über Bäume 🌳.mp4"),
        ("\u202egnp.mp4", "gnp.mp4"),
        ("x" * 300 + ".mp4", "x" * 177 + ".mp4"),
        ("...", "recording"),
    ],
)
def test_file_names_are_sanitised(filename: str, safe: str) -> None:
    from services.storage.keys import safe_filename

    assert safe_filename(filename) == safe
