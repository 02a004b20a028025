"""Views, likes and comments of recordings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from database import session, transaction
from models import Recording, RecordingView
from services.reactions import comments, views
from tests.conftest import PASSWORD, User


@pytest.fixture
def video(app: Flask, user: User) -> str:
    facts = {"filename": "a.mp4", "storage_key": "videos/a.mp4", "size_bytes": 4, "sha256": "0", "duration_s": 60.0, "media": {}}
    with app.app_context(), transaction() as write_session:
        recording = Recording(user_id=user.id, title="Heat", visibility="PUBLIC", **facts)
        write_session.add(recording)
        write_session.flush()
        return recording.id


@pytest.fixture
def read_video(user: User, video: str) -> Callable[[], dict[str, Any]]:
    return lambda: user.get(f"/api/v1/videos/{video}").json


def test_a_view_counts_once_per_viewer_and_day(
    app: Flask, user: User, stranger: User, video: str, read_video: Callable[[], dict[str, Any]]
) -> None:
    before = user.get(f"/api/v1/recordings/{video}").json["updated_at"]
    playback = f"/api/v1/videos/{video}/playback"
    for _ in range(3):
        assert stranger.get(playback).status_code == user.get(playback).status_code == 200
    assert read_video()["views"] == 1
    app.extensions["lectern"].settings.public_without_account = True
    for number, address in enumerate(("192.0.2.7", "192.0.2.7", "2001:db8::1", "2001:db8::2", "2001:db8:0:1::1")):
        user.http.get(playback, headers={"User-Agent": f"Program {number}"}, environ_base={"REMOTE_ADDR": address})
    assert read_video()["views"] == 4
    link = user.post(f"/api/v1/recordings/{video}/links", json={}).json["url"].removeprefix("http://localhost")
    for number, credentials in enumerate((user.headers, stranger.headers, {}, {"Authorization": "Bearer forged"})):
        headers = {"User-Agent": f"Program {number}", **credentials}
        assert user.http.post(link, json={}, headers=headers, environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 200
    assert read_video()["views"] == user.get(f"/api/v1/recordings/{video}").json["views"] == 4
    assert user.get(f"/api/v1/recordings/{video}").json["updated_at"] == before
    with app.app_context(), transaction() as write_session:
        write_session.query(RecordingView).update({"day": "2020-01-01"})
    with app.app_context():
        views.delete_old()
        assert session().query(RecordingView).count() == 0
    assert read_video()["views"] == 4


def test_a_user_likes_a_recording_once(user: User, stranger: User, video: str, read_video: Callable[[], dict[str, Any]]) -> None:
    path = f"/api/v1/videos/{video}/like"
    for _ in range(2):
        assert stranger.http.put(path, headers=stranger.headers).json == {"likes": 1, "liked": True}
    assert user.http.put(path, headers=user.headers).json["likes"] == 2
    assert stranger.delete(path).json == {"likes": 1, "liked": False}
    assert stranger.get(path).json == {"likes": 1, "liked": False} and user.get(path).json["liked"]
    stranger.http.put(path, headers=stranger.headers)
    assert read_video()["likes"] == 2
    assert stranger.delete("/api/v1/users/me", json={"password": PASSWORD}).status_code == 200
    assert read_video()["likes"] == user.get(path).json["likes"] == 1


def test_comments_stand_at_a_moment_and_can_be_deleted(user: User, stranger: User, admin: User, video: str) -> None:
    path = f"/api/v1/videos/{video}/comments"
    first = stranger.post(path, json={"text": " Why\u202e?\r\n\r\nIt boils. ", "time_s": 12.5}).json
    assert (first["text"], first["time_s"], first["author"], first["is_own"]) == ("Why?\n\nIt boils.", 12.5, "Ada Lovelace", True)
    second = user.post(path, json={"text": "Pressure.", "time_s": 1e6}).json
    assert second["time_s"] == 60.0
    third = stranger.post(path, json={"text": "Thanks"}).json
    listing = stranger.get(f"{path}?limit=2").json
    assert [each["text"] for each in listing["comments"]] == ["Why?\n\nIt boils.", "Pressure."] and listing["total"] == 3
    assert [each["may_delete"] for each in listing["comments"]] == [True, False]
    assert all(each["may_delete"] for each in user.get(path).json["comments"])
    assert stranger.delete(f"{path}/{second['id']}").status_code == 403
    for deleter, comment in ((stranger, third), (user, first), (admin, second)):
        assert deleter.delete(f"{path}/{comment['id']}").status_code == 200
        assert deleter.delete(f"{path}/{comment['id']}").status_code == 404
    assert stranger.get(path).json["total"] == 0
    for wrong in ({}, {"text": " \u202e "}, {"text": "x" * 5001}, {"text": "x", "time_s": -1}, {"text": "x", "time_s": True}):
        assert user.post(path, json=wrong).status_code == 422


def test_one_user_cannot_fill_the_comments(user: User, stranger: User, video: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comments, "MAX_COMMENTS_PER_USER", 2)
    path = f"/api/v1/videos/{video}/comments"
    assert [stranger.post(path, json={"text": "Hello"}).status_code for _ in range(3)] == [201, 201, 409]
    assert [user.post(path, json={"text": "Hello"}).status_code for _ in range(3)] == [201] * 3, "the owner answers all"


def test_comments_have_a_rate_limit(user: User, stranger: User, video: str, app_with: Callable[..., Flask]) -> None:
    http, path = (
        app_with(rate_limits=True, rate_limit_comments="2 per hour").test_client(use_cookies=False),
        f"/api/v1/videos/{video}/comments",
    )
    statuses = [http.post(path, json={"text": "Hello"}, headers=stranger.headers).status_code for _ in range(3)]
    assert statuses == [201, 201, 429]
    assert http.post(path, json={"text": "Hello"}, headers=user.headers).status_code == 201


def test_the_owner_turns_comments_off(user: User, stranger: User, video: str) -> None:
    path, settings = f"/api/v1/videos/{video}/comments", f"/api/v1/recordings/{video}"
    stranger.post(path, json={"text": "Hello"})
    assert user.http.patch(settings, json={"comments_allowed": False}, headers=user.headers).json["comments_allowed"] is False
    assert stranger.post(path, json={"text": "Again"}).json["code"] == "comments_off"
    assert stranger.get(path).json == {"comments": [], "total": 0, "allowed": False}
    user.http.patch(settings, json={"comments_allowed": True}, headers=user.headers)
    assert stranger.get(path).json["total"] == 1
    user.http.patch(settings, json={"visibility": "PRIVATE"}, headers=user.headers)
    for response in (stranger.get(path), stranger.post(path, json={"text": "x"}), stranger.get(f"/api/v1/videos/{video}/like")):
        assert response.status_code == 404
