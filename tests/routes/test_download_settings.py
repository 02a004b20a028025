"""Settings of downloads: the server that sends the files, and the bytes per hour of an address."""

from __future__ import annotations

import pytest
from flask import Flask

from database import transaction
from lib.byte_budget import ByteBudget
from models import Recording
from tests.conftest import User

CONTENT = b"0123456789" * 10


@pytest.fixture
def media(app: Flask, user: User) -> str:
    """The path of a recording's file."""
    components = app.extensions["lectern"]
    file = components.settings.data_dir / "talk.part"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(CONTENT)
    components.store.put(file, "videos/a talk.mp4", "video/mp4")
    facts = {"filename": "a.mp4", "storage_key": "videos/a talk.mp4", "size_bytes": len(CONTENT), "sha256": "0", "duration_s": 9.0}
    with app.app_context(), transaction() as session:
        row = Recording(user_id=user.id, title="A talk", media={"video": {"width": 320}}, **facts)
        session.add(row)
        session.flush()
        recording_id = row.id
    return user.get(f"/api/v1/videos/{recording_id}/playback").json["original"].removeprefix("http://localhost")


def test_nginx_sends_files_of_local_storage(app: Flask, user: User, media: str) -> None:
    app.extensions["lectern"].settings.x_accel_prefix = "/stored-files"
    response = user.http.get(media, headers={"Range": "bytes=0-9"})
    if app.extensions["lectern"].settings.uses_s3:
        assert response.data == CONTENT[:10]
        return
    assert response.headers["X-Accel-Redirect"] == "/stored-files/videos/a%20talk.mp4" and response.data == b""
    assert response.content_type == "video/mp4" and "A%20talk.mp4" in response.headers["Content-Disposition"]
    assert user.http.get(media.replace("original", "other")).status_code == 404
    assert "X-Accel-Redirect" not in user.http.get("/stream/forged/original").headers


def test_an_address_loads_no_more_than_its_share(app: Flask, user: User, media: str) -> None:
    app.extensions["lectern"].settings.download_bytes_per_hour = 120

    def load(address: str = "192.0.2.7", **headers: str) -> int:
        return user.http.get(media, headers=headers, environ_base={"REMOTE_ADDR": address}).status_code

    assert load(Range="bytes=0-19") == 206 and load(Range="bytes=500-") == 416  # 20 bytes so far
    assert user.http.head(media, environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 200
    assert load() == 200
    response = user.http.get(media, environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert (response.status_code, response.json["code"]) == (429, "too_many_downloads")
    assert 0 < int(response.headers["Retry-After"]) <= 3601
    assert load("192.0.2.8") == 200


def test_every_way_to_load_the_whole_file_is_counted(app: Flask, user: User, media: str) -> None:
    """A range that the response does not follow is no discount."""
    settings = app.extensions["lectern"].settings
    for number, range_header in enumerate(("bytes=0-0", "items=0-0", "bytes=0-0,5-5", "bytes=0-0")):
        settings.download_bytes_per_hour = len(CONTENT)
        headers = {"Range": range_header, **({"If-Range": '"another version"'} if number == 0 else {})}
        environ = {"REMOTE_ADDR": f"192.0.2.{number}"}
        whole = user.http.get(media, headers=headers, environ_base=environ)
        is_part = number == 3
        assert (whole.status_code, whole.data) == ((206, CONTENT[:1]) if is_part else (200, CONTENT)), headers
        assert user.http.get(media, environ_base=environ).status_code == (200 if is_part else 429), headers
    etag = user.http.head(media).headers["ETag"]
    environ = {"REMOTE_ADDR": "192.0.2.9"}
    for expected in (304, 304, 200, 429):
        headers = {"If-None-Match": etag} if expected == 304 else {}
        assert user.http.get(media, headers=headers, environ_base=environ).status_code == expected


def test_a_range_that_is_not_supported_gets_the_whole_file(user: User, media: str) -> None:
    for value in ("bytes=0-1,4-5", "items=0-1", "bytes=5-2", "bytes", "bytes=a-b"):
        assert user.http.get(media, headers={"Range": value}).status_code == 200, value
    for value in ("bytes=100-", "bytes=100-200"):
        assert user.http.get(media, headers={"Range": value}).status_code == 416, value


def test_a_file_that_is_missing_from_the_store_is_not_found(app: Flask, user: User, media: str) -> None:
    app.extensions["lectern"].store.delete(["videos/a talk.mp4"])
    for headers in ({}, {"Range": "bytes=0-9"}):
        response = user.http.get(media, headers=headers)
        assert (response.status_code, response.json["code"]) == (404, "not_found"), headers


@pytest.mark.expects_errors
def test_without_redis_nothing_is_refused() -> None:
    assert ByteBudget("redis://127.0.0.1:1/0").spend("somebody", 100, 1) == 0
