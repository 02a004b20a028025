"""The account of a user: profile, export, deletion."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from flask import Flask

from tests import access_matrix
from tests.conftest import PASSWORD, User, list_stored_keys


def test_users_can_read_and_change_their_profile(app: Flask, user: User, stranger: User) -> None:
    def change(**values: str) -> tuple[int, dict[str, str]]:
        response = user.http.put("/api/v1/users/me", headers=user.headers, json=values)
        return response.status_code, response.json

    assert user.get("/api/v1/users/me").json["email"] == user.email
    assert change(first_name="Augusta", last_name="King")[1]["name"] == "Augusta King"
    assert change(name="Ada King Lovelace")[1]["last_name"] == "King Lovelace"
    status, account = change(username="Countess")
    assert (status, account["username"], account["first_name"]) == (200, "countess", "Ada")
    assert stranger.http.put("/api/v1/users/me", headers=stranger.headers, json={"username": "countess"}).status_code == 409
    assert change(username="no spaces allowed")[0] == 422
    assert change(role="super_admin")[1]["role"] == "user"


def test_a_taken_user_name_is_rejected_ignoring_case(app: Flask, user: User) -> None:
    http = app.test_client(use_cookies=False)
    second = http.post("/api/v1/auth/register", json={"email": "b@example.org", "password": PASSWORD, "username": "ada"})
    assert second.status_code == 201
    assert http.post("/api/v1/auth/register", json={"email": "c@example.org", "password": PASSWORD, "username": "ADA"}).status_code == 409


def test_export_contains_the_whole_account_without_secrets(
    app: Flask, user: User, stranger: User, tiny: Path, tiny_subtitles: bytes
) -> None:
    stranger.upload(tiny, "not_hers.mp4")
    upload = user.upload(tiny, formats="pdf", subtitles=(io.BytesIO(tiny_subtitles), "tiny.srt"))
    video_id = upload.json["video_id"]
    assert user.wait(video_id)["status"] == "completed"
    script = {"title": "Leaves", "scenes": [{"id": "a", "content": {"kind": "title", "heading": "Leaves"}}]}
    script_id = user.post("/api/v1/scripts", json={"script": script}).json["scripts"][0]["id"]
    response = user.get("/api/v1/users/me/export")
    assert (response.status_code, response.mimetype) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(response.data)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert archive.read(f"recordings/{video_id}/tiny.mp4") == tiny.read_bytes()
        pdf = next(name for name in names if name.startswith(f"documents/{video_id}/pdf/"))
        assert archive.read(pdf).startswith(b"%PDF-")
        rows = {name: json.loads(archive.read(f"{name}.json")) for name in ("profile", "recordings", "documents", "jobs", "sessions")}
        assert json.loads(archive.read(f"scripts/{script_id}/1.json"))["script"]["title"] == "Leaves"
        everything = b"".join(archive.read(name) for name in names if name.endswith(".json"))
    assert rows["profile"][0]["email"] == user.email
    assert [each["id"] for each in rows["recordings"]] == [video_id]
    assert [each["state"] for each in rows["jobs"]] == ["succeeded"]
    assert not any("not_hers" in name for name in names)
    for secret in (b"password_hash", b"refresh_token_id", b"argon2"):
        assert secret not in everything


def test_deleting_the_account_deletes_everything_in_it(app: Flask, user: User, stranger: User, tiny: Path) -> None:
    from database import Base, db

    video_id = stranger.upload(tiny).json["video_id"]
    user.upload(tiny)
    user.post("/api/v1/webhooks", json={"url": "https://example.org/hook"})
    user.post("/api/v1/api-keys", json={"name": "mine", "scopes": ["content:read"]})
    wrong = user.delete("/api/v1/users/me", json={"password": "not the password"})
    assert wrong.status_code == 401
    assert user.get("/list").status_code == 200
    assert user.delete("/api/v1/users/me", json={"password": PASSWORD}).status_code == 200
    assert user.get("/list").status_code == 401
    response = app.test_client().post("/api/v1/auth/login", json={"email": user.email, "password": PASSWORD})
    assert response.status_code == 401
    with app.app_context(), db.engine.connect() as connection:
        for table in Base.metadata.tables.values():
            if "user_id" in table.columns:
                assert not connection.execute(table.select().where(table.c.user_id == user.id)).all(), table.name
    assert [key for key in list_stored_keys(app) if key.startswith("videos/")] == [f"videos/{video_id}/tiny.mp4"]
    assert stranger.wait(video_id)["status"] == "completed"


def test_the_last_super_admin_cannot_delete_the_account(app: Flask, admin: User) -> None:
    response = admin.delete("/api/v1/users/me", json={"password": PASSWORD})
    assert (response.status_code, response.json["code"]) == (409, "conflict")
    assert admin.get("/admin/videos").status_code == 200


def test_signed_links_of_a_suspended_user_are_rejected(app: Flask, user: User, admin: User) -> None:
    """Applies to files that this server serves; presigned links of a store expire by themselves or with the file."""
    path = f"/api/v1/artifacts/{access_matrix.create_owned_objects(app, user).ids['artifact_id']}"
    users_url, admins_url = user.get(path).json["url"], admin.get(path).json["url"]
    serves_files = not app.extensions["lectern"].settings.uses_s3
    assert user.open_link(users_url).status_code == user.open_link(admins_url).status_code == 200
    assert admin.post(f"/admin/users/{user.id}/suspend").status_code == 200
    assert user.open_link(users_url).status_code == (404 if serves_files else 200)
    assert user.open_link(admins_url).status_code == 200, "the admin who requested the link is still active"
    assert admin.delete(f"/admin/users/{user.id}").status_code == 200
    not_found = (404,) if serves_files else (403, 404)  # S3 answers 403 for missing objects without the permission to list
    assert all(user.open_link(link).status_code in not_found for link in (users_url, admins_url))


def test_creating_rows_during_account_deletion_is_a_conflict(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """The foreign key prevents a race that a check before the insert cannot."""

    def leave(url: str, **_: object) -> None:
        response = user.http.delete("/api/v1/users/me", headers=user.headers, json={"password": PASSWORD})
        assert response.status_code == 200, response.text

    monkeypatch.setattr("services.webhooks.subscriptions.check_url", leave)
    response = user.post("/api/v1/webhooks", json={"url": "https://example.org/hook"})
    assert (response.status_code, response.json["code"]) == (409, "conflict")
    assert user.get("/api/v1/webhooks").status_code == 401
