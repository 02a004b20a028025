"""Registration, login, tokens and cookies over HTTP."""

from __future__ import annotations

import base64
import datetime as dt
import hmac
import json
import stat
import uuid
from collections.abc import Callable

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask
from flask_jwt_extended import create_access_token
from pydantic import SecretStr
from sqlalchemy import update

import errors
from config import Settings
from lib.clock import now
from routes.tokens import issue_access_token, verified_claims
from services import accounts
from tests.conftest import PASSWORD, User


def test_a_registered_user_can_log_in_and_read_the_account(app: Flask, user: User) -> None:
    for login in ({"email": "Ada@Example.org"}, {"username": "ada@example.org"}):
        response = app.test_client().post("/api/v1/auth/login", json={**login, "password": PASSWORD})
        assert response.status_code == 200
    form = app.test_client().post("/api/v1/auth/login", data={"username": "ada@example.org", "password": PASSWORD})
    assert form.status_code == 200
    me = user.get("/api/v1/auth/me").json["user"]
    assert (me["email"], me["name"], me["first_name"], me["role"]) == ("ada@example.org", "Ada Lovelace", "Ada", "user")
    account = user.get("/auth/user").json["user"]
    assert (account["uid"], account["email"], account["firebase_provider"]) == (user.id, user.email, "password")
    assert account["token_issued_at"] < account["token_expires_at"] and account["auth_time"]
    assert user.get("/api/v1/auth/me").json["cognito_sub"] == user.id


def test_access_tokens_contain_the_claims_that_clients_read(user: User) -> None:
    payload = user.tokens["access_token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert claims["user_id"] == user.id
    assert claims["email"] == user.email
    assert claims["is_admin"] is False
    assert claims["exp"] > 1_700_000_000


def test_the_lifetime_of_an_access_token_is_positive_and_an_expired_token_is_named(app: Flask, user: User) -> None:
    with app.app_context(), app.test_request_context():
        login_session = accounts.get_live(jwt.decode(user.tokens["access_token"], options={"verify_signature": False})["sid"])
        with pytest.raises(ValueError, match="positive"):
            issue_access_token(login_session, 0)  # Flask-JWT-Extended would leave out `exp`
        expired_token = create_access_token(
            user.id, additional_claims={"sid": login_session.session_id}, expires_delta=dt.timedelta(seconds=-5)
        )
        with pytest.raises(errors.Unauthenticated, match="has expired"):
            verified_claims(expired_token, "access")
        with pytest.raises(errors.Unauthenticated, match="is not valid"):
            verified_claims(expired_token + "a", "access")


def test_wrong_credentials_give_the_same_response_for_unknown_users(app: Flask, user: User) -> None:
    responses = [
        app.test_client().post("/api/v1/auth/login", json={"email": email, "password": password})
        for email, password in ((user.email, "wrong password"), ("nobody@example.org", PASSWORD))
    ]
    assert [response.status_code for response in responses] == [401, 401]
    assert responses[0].json["message"] == responses[1].json["message"]
    assert responses[0].json["code"] == "bad_credentials"


def test_an_address_can_register_once(app: Flask, user: User) -> None:
    again = app.test_client().post("/api/v1/auth/register", json={"email": "ADA@example.org", "password": PASSWORD})
    assert (again.status_code, again.json["code"]) == (409, "already_registered")


def test_bad_input_is_explained(app: Flask) -> None:
    response = app.test_client().post("/api/v1/auth/register", json={"email": "no address", "password": "short"})
    assert response.status_code == 422
    assert response.json["code"] == "validation_failed"
    assert "email" in response.json["message"] and "password" in response.json["message"]
    response = app.test_client().post("/api/v1/auth/register", data="{", content_type="application/json")
    assert response.status_code in (400, 422)
    assert response.json["success"] is False


def test_refresh_rotates_and_reuse_ends_the_session(app: Flask, user: User) -> None:
    http = app.test_client(use_cookies=False)
    first = user.tokens["refresh_token"]
    second = http.post("/api/v1/auth/refresh", json={"refresh_token": first})
    assert second.status_code == 200
    user.tokens = second.json
    assert user.get("/list").status_code == 200
    forget_rotation(app)
    assert http.post("/api/v1/auth/refresh-token", json={"refresh_token": first}).status_code == 401
    assert user.get("/list").status_code == 401
    assert http.post("/api/v1/auth/refresh", json={"refresh_token": second.json["refresh_token"]}).status_code == 401


def test_two_tabs_can_refresh_at_the_same_time(app: Flask, user: User) -> None:
    http = app.test_client(use_cookies=False)
    first = user.tokens["refresh_token"]
    tabs = [http.post("/api/v1/auth/refresh", json={"refresh_token": first}) for _ in range(2)]
    assert [tab.status_code for tab in tabs] == [200, 200]
    third = http.post("/api/v1/auth/refresh", json={"refresh_token": tabs[1].json["refresh_token"]})
    assert third.status_code == 200
    assert http.post("/api/v1/auth/refresh", json={"refresh_token": first}).status_code == 401, (
        "only the token before the current one is accepted"
    )


def forget_rotation(app: Flask) -> None:
    """Move the last rotation of every refresh token into the past."""
    from database import transaction
    from models import LoginSession

    with app.app_context(), transaction() as session:
        session.execute(update(LoginSession).values(rotated_at=now() - dt.timedelta(minutes=5)))


def test_access_and_refresh_tokens_are_not_interchangeable(app: Flask, user: User) -> None:
    http = app.test_client(use_cookies=False)
    assert http.post("/api/v1/auth/refresh", json={"refresh_token": user.tokens["access_token"]}).status_code == 401
    assert http.get("/list", headers={"Authorization": f"Bearer {user.tokens['refresh_token']}"}).status_code == 401


def test_logging_out_ends_the_session_on_the_server(user: User) -> None:
    assert user.post("/api/v1/auth/logout").status_code == 200
    assert user.get("/list").status_code == 401
    assert user.post("/api/v1/auth/logout").status_code == 200


def test_cookies_are_rejected_in_cross_site_writes(app: Flask, user: User) -> None:
    browser = app.test_client()
    assert browser.get("/list").status_code == 401
    login = browser.post("/api/v1/auth/login", json={"email": user.email, "password": PASSWORD})
    cookies = login.headers.getlist("Set-Cookie")
    assert all("HttpOnly" in cookie and "SameSite=Lax" in cookie for cookie in cookies)
    assert ["Max-Age=900" in cookies[0], "Max-Age=604800" in cookies[1]] == [True, True]
    assert browser.get("/list").status_code == 200
    path = "/videos/00000000-0000-4000-8000-000000000000"
    assert browser.delete(path).status_code == 404
    assert browser.delete(path, headers={"Origin": "http://localhost"}).status_code == 404
    for foreign in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        assert browser.delete(path, headers=foreign).status_code == 403
    assert browser.post("/api/v1/auth/refresh", json={}, headers={"Origin": "https://evil.example"}).status_code == 403
    assert browser.post("/api/v1/auth/refresh", json={}).status_code == 200
    browser.post("/api/v1/auth/logout")
    assert browser.get("/list").status_code == 401


def test_invalid_tokens_are_401_even_with_a_valid_cookie(app: Flask, user: User) -> None:
    browser = app.test_client()
    browser.post("/api/v1/auth/login", json={"email": user.email, "password": PASSWORD})
    for invalid in ("invalid", "a.b.c", "", "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."):
        assert browser.get("/list", headers={"Authorization": f"Bearer {invalid}"}).status_code == 401


def test_forged_access_tokens_are_rejected(app: Flask, user: User, admin: User) -> None:
    """Each has the claims of a valid token of an active session."""
    key = app.config["JWT_SECRET_KEY"]
    for account in (user, admin):
        good = account.tokens["access_token"]
        claims = jwt.decode(good, options={"verify_signature": False})
        assert app.test_client().get("/list", headers={"Authorization": f"Bearer {jwt.encode(claims, key)}"}).status_code == 200
        head, body, signature = good.split(".")
        other = jwt.encode({**claims, "is_admin": True}, key).split(".")[1]
        rsa_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        forged_tokens = {
            "none": jwt.encode(claims, None, algorithm="none"),
            "None": f"{_b64({'alg': 'None', 'typ': 'JWT'})}.{body}.",
            "none, with the signature": f"{_b64({'alg': 'none', 'typ': 'JWT'})}.{body}.{signature}",
            "another key": jwt.encode(claims, "another key, as long as the right one is"),
            "no key": f"{head}.{body}.{_base64(hmac.digest(b'', f'{head}.{body}'.encode(), 'sha256'))}",
            "another algorithm": jwt.encode(claims, key, algorithm="HS512"),
            "a public key": jwt.encode(claims, rsa_key, algorithm="RS256"),
            "a key named in the header": jwt.encode(
                claims, "guessed, and as long as the right one is", headers={"kid": "../../dev/null", "jku": "http://127.0.0.1/keys"}
            ),
            "other claims": f"{head}.{other}.{signature}",
            "expired": jwt.encode({**claims, "exp": claims["iat"] - 1}, key),
            "not yet": jwt.encode({**claims, "nbf": claims["exp"]}, key),
            "no session": jwt.encode({name: value for name, value in claims.items() if name != "sid"}, key),
            "nobody's session": jwt.encode({**claims, "sid": str(uuid.uuid4())}, key),
        }
        for name, token in forged_tokens.items():
            for path in ("/list", "/admin/users"):
                assert app.test_client().get(path, headers={"Authorization": f"Bearer {token}"}).status_code == 401, name
                assert app.test_client().get(path, headers={"Cookie": f"access_token={token}"}).status_code == 401, name


def _b64(header: dict[str, str]) -> str:
    return _base64(json.dumps(header).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@pytest.mark.parametrize("password", ["password", "Password1", "12345678", "qwertyuiop", "aaaaaaaaaa", "ada@example.org", "lovelace"])
def test_weak_passwords_are_rejected(app: Flask, password: str) -> None:
    account = {"email": "ada@example.org", "name": "Ada Lovelace", "password": password}
    response = app.test_client().post("/api/v1/auth/register", json=account)
    assert (response.status_code, response.json["code"]) == (422, "weak_password")
    assert response.json["hint"]


def test_the_signing_key_is_created_once_with_private_permissions(app: Flask, settings: Settings) -> None:
    key = settings.data_dir / "secret.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert len(key.read_text()) >= 48
    assert app.config["JWT_SECRET_KEY"] == key.read_text()


def test_admin_endpoints_require_an_admin(user: User, admin: User) -> None:
    assert user.get("/admin/videos").status_code == 403
    assert user.http.get("/admin/videos").status_code == 401
    assert admin.get("/admin/videos").json == []
    assert admin.get("/admin/stats").json["totalUsers"] == 2


def test_the_static_token_works_only_if_configured(app: Flask, app_with: Callable[..., Flask]) -> None:
    token = "mock-token-for-tests"
    with_token = app_with(static_bearer_token=SecretStr(token), static_bearer_is_admin=True)

    def status_of(each: Flask, bearer: str) -> int:
        return each.test_client().get("/admin/videos", headers={"Authorization": f"Bearer {bearer}"}).status_code

    assert status_of(app, token) == 401
    assert status_of(with_token, token) == 200
    assert [status_of(with_token, wrong) for wrong in (token[:-1], f"{token}s", "")] == [401] * 3
