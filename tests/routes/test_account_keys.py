"""API keys: scopes, expiry, revocation."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Flask
from sqlalchemy import update
from werkzeug.test import TestResponse

from lib.clock import now
from models import ApiKey
from tests.conftest import PASSWORD, User


class KeyClient:
    """Sends requests with an API key."""

    def __init__(self, app: Flask, key: str) -> None:
        self._http, self._headers = app.test_client(use_cookies=False), {"Authorization": f"Bearer {key}"}

    def request(self, method: str, path: str, **kwargs: Any) -> TestResponse:
        return self._http.open(path, method=method, headers=self._headers, **kwargs)


def create_key(user: User, *scopes: str, **more: Any) -> dict[str, Any]:
    response = user.post("/api/v1/api-keys", json={"name": "script", "scopes": list(scopes), **more})
    assert response.status_code == 201, response.text
    return response.json


def test_a_key_is_shown_once_and_kept_hashed(app: Flask, user: User) -> None:
    from database import db

    body = create_key(user, "content:read")
    key = body["key"]
    assert key.startswith(body["api_key"]["prefix"]) and len(key) > 40
    assert key not in user.get("/api/v1/api-keys").text
    with app.app_context(), db.engine.connect() as connection:
        assert key not in repr(connection.execute(ApiKey.__table__.select()).all())
    assert user.get("/api/v1/api-keys").json["api_keys"][0]["last_used_at"] is None
    assert KeyClient(app, key).request("GET", "/list").status_code == 200
    assert user.get("/api/v1/api-keys").json["api_keys"][0]["last_used_at"]


def test_a_key_is_limited_to_its_scopes(app: Flask, user: User) -> None:
    reader, hooks = (KeyClient(app, create_key(user, scope)["key"]) for scope in ("content:read", "webhooks:read"))
    assert reader.request("GET", "/api/v1/recordings").status_code == 200
    for client, method, path in (
        (reader, "POST", "/upload"),
        (reader, "DELETE", "/videos/00000000-0000-4000-8000-000000000000"),
        (reader, "GET", "/api/v1/webhooks"),
        (reader, "GET", "/api/v1/users/me"),
        (reader, "GET", "/admin/videos"),
        (hooks, "GET", "/list"),
        (hooks, "POST", "/api/v1/webhooks"),
    ):
        response = client.request(method, path)
        assert (response.status_code, response.json["code"]) == (403, "scope_missing"), path
    assert hooks.request("GET", "/api/v1/webhooks").status_code == 200


def test_keys_cannot_change_the_account(app: Flask, user: User) -> None:
    scopes = ["content:read", "content:write", "webhooks:read", "webhooks:write", "account:read"]
    client = KeyClient(app, create_key(user, *scopes)["key"])
    assert client.request("GET", "/api/v1/users/me").json["email"] == user.email
    change = {"current_password": PASSWORD, "new_password": "another battery staple"}
    for method, path, body in (
        ("POST", "/api/v1/auth/change-password", change),
        ("POST", "/api/v1/api-keys", {"name": "child", "scopes": ["content:read"]}),
        ("PUT", "/api/v1/users/me", {"first_name": "Mallory"}),
        ("DELETE", "/api/v1/users/me", {"password": PASSWORD}),
        ("GET", "/api/v1/users/me/export", None),
        ("POST", "/api/v1/auth/logout-everywhere", None),
    ):
        assert client.request(method, path, json=body).status_code == 403, path


def test_admin_pages_need_an_admin_and_an_admin_scope(app: Flask, user: User, admin: User) -> None:
    response = user.post("/api/v1/api-keys", json={"name": "x", "scopes": ["admin:read"]})
    assert response.status_code == 403
    assert KeyClient(app, create_key(admin, "admin:read")["key"]).request("GET", "/admin/videos").status_code == 200
    other_client = create_key(user, "content:read")
    plain = KeyClient(app, create_key(admin, "content:read")["key"])
    assert other_client and plain.request("GET", "/admin/videos").status_code == 403


def test_revoked_and_expired_keys_are_rejected(app: Flask, user: User, stranger: User) -> None:
    from database import transaction

    revoked_key, expired_key = create_key(user, "content:read"), create_key(user, "content:read", expires_in_days=1)
    path = f"/api/v1/api-keys/{revoked_key['api_key']['id']}"
    assert stranger.delete(path).status_code == 404
    assert user.delete(path).status_code == 200
    with app.app_context(), transaction() as session:
        past = now() - dt.timedelta(seconds=1)
        session.execute(update(ApiKey).where(ApiKey.id == expired_key["api_key"]["id"]).values(expires_at=past))
    for key in (revoked_key["key"], expired_key["key"], "lk_forged", revoked_key["key"][:-1]):
        assert KeyClient(app, key).request("GET", "/list").status_code == 401


def test_the_key_of_a_suspended_user_is_rejected(app: Flask, user: User, admin: User) -> None:
    from services import accounts

    client = KeyClient(app, create_key(user, "content:read")["key"])
    with app.app_context():
        accounts.suspend(accounts.Caller(admin.id, admin.email, "super_admin", ""), user.id)
    assert client.request("GET", "/list").status_code == 401


def test_changing_the_password_keeps_keys_unless_revoke_keys_is_set(app: Flask, user: User, stranger: User) -> None:
    mine, other_client = (
        KeyClient(app, create_key(user, "content:read")["key"]),
        KeyClient(app, create_key(stranger, "content:read")["key"]),
    )
    change = {"current_password": PASSWORD, "new_password": "another battery staple"}
    response = user.post("/api/v1/auth/change-password", json=change)
    assert (response.status_code, response.json["api_keys_kept"]) == (200, 1)
    assert "1 API keys still work" in response.json["message"]
    assert mine.request("GET", "/list").status_code == 200
    change = {"current_password": "another battery staple", "new_password": PASSWORD, "revoke_keys": True}
    assert user.post("/api/v1/auth/change-password", json=change).json["api_keys_kept"] == 0
    assert mine.request("GET", "/list").status_code == 401
    assert user.get("/list").status_code == 200, "this session stays valid"
    assert other_client.request("GET", "/list").status_code == 200


def test_set_password_command_revokes_every_key(app: Flask, user: User) -> None:
    client = KeyClient(app, create_key(user, "content:read")["key"])
    result = app.test_cli_runner().invoke(args=["admin", "set-password", user.email, "--password", "another battery staple"])
    assert result.exit_code == 0, result.output
    assert client.request("GET", "/list").status_code == 401
    assert user.get("/list").status_code == 401
