"""Metadata of public recordings from Redis: as fast as promised, never older than the newest change, and without Redis all the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from database import transaction
from lib.clock import now
from lib.shared_cache import SharedCache
from models import Recording
from scripts import backends
from services.library import trash
from tests.conftest import PASSWORD, User
from tests.statements import record_statements

AppFactory = Callable[..., Flask]


@pytest.fixture(scope="module")
def redis() -> Iterator[backends.RedisServer]:
    with backends.RedisServer() as server:
        yield server


@pytest.fixture
def cached_app(app_with: AppFactory, redis: backends.RedisServer) -> Flask:
    return app_with(redis_url=redis.url, public_without_account=True)


@pytest.fixture
def http(cached_app: Flask) -> FlaskClient:
    return cached_app.test_client(use_cookies=False)


@pytest.fixture
def video(cached_app: Flask, user: User) -> str:
    facts = {"filename": "a.mp4", "storage_key": "videos/a.mp4", "size_bytes": 4, "sha256": "0", "duration_s": 1.0}
    with cached_app.app_context(), transaction() as session:
        media = {"video": {"width": 320, "height": 180}}
        recording = Recording(user_id=user.id, title="Graphs", tags=["maths"], media=media, visibility="PUBLIC", **facts)
        session.add(recording)
        session.flush()
        return recording.id


def connect(url: str) -> Any:
    import redis as client

    return client.Redis.from_url(url)


def count_statements(app: Flask, http: FlaskClient, path: str) -> tuple[int, Any]:
    with app.app_context(), record_statements() as statements:
        response = http.get(path)
    return len(statements), response


def test_what_was_read_once_comes_from_redis(cached_app: Flask, http: FlaskClient, user: User, video: str) -> None:
    path = f"/api/v1/videos/{video}"
    first, (number, second) = http.get(path), count_statements(cached_app, http, path)
    assert first.status_code == 200 and second.json == first.json
    assert number == 0, "no statement at all"
    assert (second.json["owner"], second.json["width"], second.json["tags"]) == ("Ada Lovelace", 320, ["maths"])
    number, upload = count_statements(cached_app, http, f"/api/v1/upload/videos/{video}")
    assert (number, upload.json["processing_status"], upload.json["video_s3_key"]) == (0, "COMPLETED", "videos/a.mp4")
    missing = video[:-4] + "0000"
    assert [http.get(f"/api/v1/videos/{missing}").status_code for _ in range(2)] == [404, 404]


def test_changes_show_at_once(cached_app: Flask, http: FlaskClient, user: User, stranger: User, admin: User, video: str) -> None:
    """Every change is made through the cached application, and read before and after it."""
    path, own = f"/api/v1/videos/{video}", f"/api/v1/recordings/{video}"

    def send(method: str, address: str, who: User = user, **body: Any) -> None:
        response = http.open(address, method=method, headers=who.headers, json=body)
        assert response.status_code < 300, response.text

    def read_twice() -> Any:
        response, again = http.get(path), http.get(path)
        assert response.status_code == again.status_code and response.json.get("title") == again.json.get("title")
        return response.json if response.status_code == 200 else response.status_code

    assert read_twice()["title"] == "Graphs"
    send("PATCH", own, title="Trees")
    assert read_twice()["title"] == "Trees"
    send("PATCH", own, visibility="private")
    assert read_twice() == 404
    send("PATCH", own, visibility="unlisted")
    assert read_twice()["visibility"] == "UNLISTED"
    for away, back in (
        (("DELETE", own, user), ("POST", f"{own}/restore", user)),
        (("POST", f"/api/v1/admin/videos/{video}/hide", admin), ("POST", f"/api/v1/admin/videos/{video}/unhide", admin)),
        (("POST", f"/api/v1/admin/users/{user.id}/suspend", admin), ("POST", f"/api/v1/admin/users/{user.id}/unsuspend", admin)),
    ):
        send(*away)
        assert read_twice() == 404, away
        if away[1].endswith("suspend"):
            send(*back)
            user.tokens = http.post("/api/v1/auth/login", json={"email": user.email, "password": PASSWORD}).json
        else:
            send(*back)
        assert read_twice()["title"] == "Trees", back
    send("PATCH", "/api/v1/users/me", first_name="Grace")
    assert read_twice()["owner"] == "Grace Lovelace"
    send("PUT", f"{path}/like", stranger)
    assert read_twice()["likes"] == 1
    http.get(f"{path}/playback", headers=stranger.headers)
    assert read_twice()["views"] == 1
    with cached_app.app_context(), transaction() as session:
        session.get_one(Recording, video).processing_status = "IN_PROGRESS"
    assert read_twice() == 404
    with cached_app.app_context(), transaction() as session:
        session.get_one(Recording, video).processing_status = "COMPLETED"
    assert read_twice()["title"] == "Trees"
    send("DELETE", f"{own}?permanent=true")
    assert read_twice() == 404


def test_retention_and_deleted_accounts(cached_app: Flask, http: FlaskClient, user: User, video: str) -> None:
    path = f"/api/v1/videos/{video}"
    assert http.get(path).status_code == 200
    with cached_app.app_context():
        with transaction() as session:
            session.get_one(Recording, video).created_at = now() - dt.timedelta(days=9)
        assert http.get(path).status_code == 200
        assert trash.put_old(7) == 1
    assert http.get(path).status_code == 404
    assert http.post(f"/api/v1/recordings/{video}/restore", headers=user.headers).status_code == 200
    assert http.get(path).status_code == 200
    assert http.delete("/api/v1/users/me", headers=user.headers, json={"password": PASSWORD}).status_code == 200
    assert http.get(path).status_code == 404


def test_what_was_read_before_a_change_is_not_stored_after_it(redis: backends.RedisServer) -> None:
    readers = [SharedCache(redis.url, "test:") for _ in range(2)]
    source = {"text": "old"}

    def load_slowly() -> str:
        text = source["text"]
        source["text"] = "new"  # another process changes it and deletes the key after its commit
        readers[1].delete(["key"])
        return text

    assert readers[0].read("key", 60, load_slowly) == "old"
    assert readers[1].read("key", 60, lambda: source["text"]) == "new"
    assert readers[0].read("key", 60, lambda: "unread") == "new"
    assert readers[0].read("other", 60, lambda: readers[1].read("other", 60, lambda: "twice")) is None, "one of them loads it"
    assert readers[0].read("gone", 60, lambda: None) is None


def test_without_redis_the_database_answers_and_deletions_wait(app_with: AppFactory, user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    with backends.RedisServer() as server:
        app = app_with(redis_url=server.url, public_without_account=True)
        http = app.test_client(use_cookies=False)
        facts = {"filename": "a.mp4", "storage_key": "videos/b.mp4", "size_bytes": 4, "sha256": "0", "duration_s": 1.0, "media": {}}
        with app.app_context(), transaction() as session:
            recording = Recording(user_id=user.id, title="Graphs", visibility="PUBLIC", **facts)
            session.add(recording)
            session.flush()
            video_id = recording.id
        path, own = f"/api/v1/videos/{video_id}", f"/api/v1/recordings/{video_id}"
        cache = app.extensions["lectern"].video_cache
        assert http.get(path).json["title"] == "Graphs"
        key = f"lectern:video:{video_id}"
        value = connect(server.url).get(key)
        server.stop()
        assert http.patch(own, json={"title": "Trees"}, headers=user.headers).status_code == 200
        assert [http.get(path).json["title"] for _ in range(2)] == ["Trees", "Trees"]
        server.start()
        connect(server.url).set(key, value)  # as if it had been cut off rather than stopped
        monkeypatch.setattr("lib.shared_cache._RETRY_AFTER_S", 0.0)
        cache._cache._unavailable_until = 0.0
        assert [http.get(path).json["title"] for _ in range(2)] == ["Trees", "Trees"], "what is old was deleted first"
        assert count_statements(app, http, path)[0] == 0
    assert http.get(path).json["title"] == "Trees"
