"""Rights of keys, links and sessions end where they should, and nobody but the owner is kept out of an account."""

from __future__ import annotations

import io
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask

from config import Settings
from database import session, transaction
from models import LoginThrottle
from models import User as Row
from services.accounts import passwords
from tests.conftest import PASSWORD, SAMPLES, User
from tests.waiting import wait_for

AppFactory = Callable[..., Flask]


def key_of(user: User, *scopes: str) -> dict[str, str]:
    response = user.post("/api/v1/api-keys", json={"name": "key", "scopes": list(scopes)})
    assert response.status_code == 201, response.text
    return {"Authorization": f"Bearer {response.json['key']}"}


def test_a_key_has_an_admins_rights_only_for_the_acts_of_its_admin_scope(app: Flask, admin: User, user: User) -> None:
    video_id = user.upload(SAMPLES / "tiny.m4a").json["video_id"]
    client = app.test_client(use_cookies=False)
    key = key_of(admin, "content:read", "content:write", "admin:read")
    assert client.get("/admin/users", headers=key).status_code == 200
    assert client.get("/api/v1/recordings", headers=key).status_code == 200
    assert client.get(f"/status/{video_id}", headers=key).status_code == 404
    assert client.get(f"/api/v1/recordings/{video_id}", headers=key).status_code == 404
    assert client.delete(f"/videos/{video_id}", headers=key).status_code == 404
    assert client.post(f"/admin/users/{user.id}/suspend", headers=key).status_code == 403
    assert admin.get(f"/status/{video_id}").status_code == 200  # after a login


@pytest.mark.parametrize("path", ["login", "register", "signup", "refresh", "refresh-token"])
@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}]
)
def test_a_foreign_page_cannot_log_a_browser_in(app: Flask, user: User, path: str, headers: dict[str, str]) -> None:
    form = {"email": user.email, "password": PASSWORD, "refresh_token": user.tokens["refresh_token"]}
    response = app.test_client().post(f"/api/v1/auth/{path}", data=form, headers=headers)
    assert (response.status_code, response.json["code"]) == (403, "forbidden")
    assert "Set-Cookie" not in response.headers


def test_pages_of_this_server_and_programs_log_in(app_with: AppFactory, user: User) -> None:
    app = app_with(allowed_origins=("https://app.example.org",))
    for headers in ({}, {"Origin": "http://localhost"}, {"Origin": "https://app.example.org"}, {"Sec-Fetch-Site": "same-origin"}):
        body = {"email": user.email, "password": PASSWORD}
        assert app.test_client().post("/api/v1/auth/login", json=body, headers=headers).status_code == 200


@pytest.fixture
def link(app: Flask, user: User, tiny_subtitles: bytes) -> str:
    """A signed link of this server to a document of the user."""
    app.extensions["lectern"].store.signed_url = lambda *_, **__: None  # S3 would serve it
    video_id = user.upload(SAMPLES / "tiny.m4a", formats="pdf", subtitles=(io.BytesIO(tiny_subtitles), "a.srt")).json["video_id"]
    assert user.wait(video_id)["status"] == "completed"
    return link_for(user, video_id)


def link_for(user: User, video_id: str) -> str:
    url = str(user.get(f"/download/{video_id}").json["download_url"])
    assert user.open_link(url).status_code == 200
    return url


def test_links_end_with_logging_out_everywhere(user: User, link: str) -> None:
    assert user.post("/api/v1/auth/logout-everywhere").status_code == 200
    assert user.open_link(link).status_code == 404


def test_links_end_with_a_password_change(app: Flask, user: User, link: str) -> None:
    body = {"current_password": PASSWORD, "new_password": "another battery staple"}
    assert user.post("/api/v1/auth/change-password", json=body).status_code == 200
    assert user.open_link(link).status_code == 404


def test_links_end_with_the_right_to_see_the_document(app: Flask, admin: User, user: User, link: str) -> None:
    video_id = user.get("/list").json["videos"][0]["video_id"]
    admins_link = link_for(admin, video_id)
    with app.app_context(), transaction() as session:
        session.get_one(Row, admin.id).role = "user"
    assert admin.open_link(admins_link).status_code == 404
    assert user.open_link(link).status_code == 200


def test_the_database_file_belongs_to_its_owner_alone(tmp_path: Path) -> None:
    from tests.applications import migrate_database

    (tmp_path / "lectern.db").touch(0o644)
    migrate_database(Settings(_env_file=None, data_dir=tmp_path))
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob("lectern.db*")} == {0o600}


def test_chunks_of_a_deleted_account_are_deleted(app: Flask, user: User, stranger: User, admin: User, settings: Settings) -> None:
    form = {"chunk_index": "0", "total_chunks": "1", "file_id": "a", "original_filename": "a.mp4"}
    for each in (user, stranger):
        assert each.post("/upload-chunk", data={**form, "chunk": (io.BytesIO(b"x"), "blob")}).status_code == 200
    folder = settings.data_dir / "chunks"
    assert admin.delete(f"/admin/users/{user.id}").status_code == 200
    wait_for(lambda: not (folder / user.id).exists(), 15)
    assert (folder / stranger.id).exists()


def test_guesses_from_elsewhere_do_not_lock_the_owner_out(app: Flask, user: User) -> None:
    def log_in(address: str, password: str) -> int:
        body = {"email": user.email, "password": password}
        return app.test_client().post("/api/v1/auth/login", json=body, environ_base={"REMOTE_ADDR": address}).status_code

    assert log_in("203.0.113.5", PASSWORD) == 200  # a known network from now on
    statuses = [log_in(f"198.51.100.{number}", "a wrong guess") for number in range(8)]
    assert statuses[-1] == 429
    assert log_in("198.51.100.99", PASSWORD) == 429
    assert log_in("203.0.113.5", PASSWORD) == 200
    assert [log_in("203.0.113.5", "a wrong guess") for _ in range(6)][-1] == 429  # guesses from there are counted too


def test_a_login_that_could_not_be_checked_is_not_a_failed_one(app: Flask, user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_MAX_WAIT_S", 0.01)
    slots = threading.BoundedSemaphore(1)
    monkeypatch.setattr(passwords, "_hash_slots", slots)
    body = {"email": user.email, "password": PASSWORD}
    with slots:
        for _ in range(8):  # more than the free attempts
            busy = user.http.post("/api/v1/auth/login", json=body)
            assert (busy.status_code, busy.json["code"]) == (503, "password_checks_busy")
    with app.app_context():
        assert {row.failures for row in session().query(LoginThrottle)} <= {0}
    assert user.http.post("/api/v1/auth/login", json=body).status_code == 200


@pytest.mark.parametrize("credential", ["key", "session"])
def test_every_signed_address_ends_with_what_it_was_made_from(app: Flask, user: User, link: str, credential: str) -> None:
    app.extensions["lectern"].store.signed_put = lambda *_, **__: None
    client = app.test_client(use_cookies=False)
    made_by = key_of(user, "content:read", "content:write") if credential == "key" else {"Authorization": f"Bearer {log_in(app, user)}"}
    video_id = user.get("/list").json["videos"][0]["video_id"]

    def get(path: str) -> Any:
        return client.get(path, headers=made_by).json

    file = client.post("/api/v1/upload", data={"file": (io.BytesIO(b"\x89PNG\r\n\x1a\n" + b"0" * 50), "a.png")}, headers=made_by)
    playback = get(f"/api/v1/videos/{video_id}/playback")
    documents = [get(f"/download/{video_id}")["download_url"], get(f"/status/{video_id}")["pdf_url"], file.json["url"]]
    urls = [*documents, playback["original"], get(f"/status/{video_id}")["downloads"]["pdf"]]
    upload = client.post("/api/v1/upload/videos/upload-url", headers=made_by).json["url"]
    assert [user.open_link(url).status_code for url in urls] == [200] * len(urls)
    if credential == "key":
        key_id = user.get("/api/v1/api-keys").json["api_keys"][0]["id"]
        assert user.delete(f"/api/v1/api-keys/{key_id}").status_code == 200
    else:
        assert client.post("/api/v1/auth/logout", headers=made_by).status_code == 200
    assert [user.open_link(url).status_code for url in urls] == [404] * len(urls)
    assert client.put(urlsplit(upload).path, data=b"x", content_type="video/mp4").status_code == 404
    assert user.open_link(link).status_code == 200


def log_in(app: Flask, user: User) -> str:
    response = app.test_client().post("/api/v1/auth/login", json={"email": user.email, "password": PASSWORD})
    return str(response.json["access_token"])
