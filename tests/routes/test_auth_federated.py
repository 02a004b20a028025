"""Federated login: Firebase at the documented paths, and any OpenID Connect issuer."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from config import Settings
from tests.conftest import PASSWORD, User
from tests.identity import issuer as local
from tests.identity.issuer import AUDIENCE, LocalIssuer, rsa_key

PROJECT = "lecture-notes"


@pytest.fixture(scope="module")
def shared_issuer() -> Iterator[LocalIssuer]:
    with local.running() as running:
        yield running


@pytest.fixture
def issuer(shared_issuer: LocalIssuer) -> LocalIssuer:
    return shared_issuer


@pytest.fixture
def settings(settings: Settings, issuer: LocalIssuer) -> Settings:
    variables = {"firebase_project_id": PROJECT, "firebase_jwks_url": issuer.jwks_url}
    variables |= {"oidc_issuer": issuer.url, "oidc_audience": AUDIENCE}
    return Settings(**{**settings.model_dump(), **variables, "_env_file": None})


def firebase(issuer: LocalIssuer, **claims: Any) -> str:
    return issuer.token(**{"iss": f"https://securetoken.google.com/{PROJECT}", "aud": PROJECT, **claims})


def send(app: Flask, method: str, path: str, token: str = "", **kwargs: Any) -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return app.test_client(use_cookies=False).open(path, method=method, headers=headers, **kwargs)


def claims_in(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))))


def test_firebase_login_returns_a_backend_token(app: Flask, issuer: LocalIssuer) -> None:
    response = send(app, "POST", "/auth/login", firebase(issuer, picture="https://example.org/grace.png"))
    assert response.status_code == 200, response.text
    body = response.json
    assert body["success"] and body["expires_in_days"] == 3
    assert body["user"]["picture"] == "https://example.org/grace.png" and body["user"]["is_admin"] is False
    claims = claims_in(body["backend_token"])
    assert (claims["email"], claims["is_admin"], claims["user_id"]) == ("grace@example.org", False, body["user"]["uid"])
    assert 71 * 3600 < claims["exp"] - time.time() <= 72 * 3600
    user = send(app, "GET", "/auth/user", body["backend_token"]).json["user"]
    assert (user["name"], user["email_verified"], user["firebase_provider"]) == ("Grace Brewster Hopper", True, "firebase")
    again = send(app, "POST", "/auth/login", firebase(issuer)).json
    assert again["user"]["uid"] == body["user"]["uid"]


def test_verified_tokens_are_not_limited(app_with: Callable[..., Flask], issuer: LocalIssuer) -> None:
    limited_app = app_with(rate_limits=True, rate_limit_login="1 per day")
    wrong = {"email": "grace@example.org", "password": "wrong password"}
    assert [send(limited_app, "POST", "/auth/login", json=wrong).status_code for _ in range(2)] == [401, 429]
    for user in ("ada", "grace", "mary"):
        token = firebase(issuer, sub=user, email=f"{user}@example.org")
        for path in ("/auth/login", "/auth/login", "/auth/exchange-token"):
            assert send(limited_app, "POST", path, token, data=b"", content_type="application/json").status_code == 200


def test_a_firebase_token_is_exchanged_once(app: Flask, issuer: LocalIssuer) -> None:
    tokens = send(app, "POST", "/auth/exchange-token", firebase(issuer)).json
    assert (tokens["token_type"], tokens["expires_in_hours"]) == ("custom_backend", 72)
    assert tokens["expires_at"] > time.time()
    assert send(app, "GET", "/list", tokens["custom_token"]).status_code == 200
    second = send(app, "POST", "/auth/exchange-token", tokens["custom_token"])
    assert (second.status_code, second.json["token_type"]) == (400, "custom")
    assert second.json["expires_at"] == claims_in(tokens["custom_token"])["exp"]
    assert send(app, "POST", "/auth/exchange-token").status_code == 401


def test_forged_tokens_are_rejected_on_every_path(app: Flask, issuer: LocalIssuer) -> None:
    forgeries = {
        "forged": firebase(issuer, kid="first", key=rsa_key()),
        "expired": firebase(issuer, exp=int(time.time()) - 600),
        "another project's": firebase(issuer, aud="another-project"),
        "another issuer's": firebase(issuer, iss="https://securetoken.google.com/another-project"),
        "unsigned": ".".join([*_without_signature(firebase(issuer)), ""]),
        "unknown key": firebase(issuer, kid="unknown", key=rsa_key()),
    }
    for name, token in forgeries.items():
        for method, path in (("POST", "/auth/login"), ("POST", "/auth/exchange-token"), ("GET", "/list"), ("GET", "/auth/user")):
            response = send(app, method, path, token)
            assert response.status_code == 401, f"{name} at {path}: {response.text}"


def _without_signature(token: str) -> list[str]:
    header = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    return [header, token.split(".")[1]]


def test_the_api_accepts_openid_tokens_unless_the_user_is_suspended(app: Flask, issuer: LocalIssuer) -> None:
    from database import transaction
    from models import User as Row

    token = issuer.token()
    me = send(app, "GET", "/api/v1/auth/me", token).json
    assert me["email"] == "grace@example.org"
    with app.app_context(), transaction() as session:
        session.get_one(Row, me["id"]).status = "suspended"
    assert send(app, "GET", "/list", token).status_code == 401


def test_logout_everywhere_rejects_older_federated_tokens(app: Flask, issuer: LocalIssuer) -> None:
    old = issuer.token(iat=int(time.time()) - 100)
    assert send(app, "GET", "/list", old).status_code == 200
    assert send(app, "POST", "/api/v1/auth/logout-everywhere", old).status_code == 200
    assert send(app, "GET", "/list", old).status_code == 401
    assert send(app, "GET", "/list", issuer.token(iat=int(time.time()) + 2)).status_code == 200


def test_a_verified_address_is_linked_to_its_existing_account(app: Flask, issuer: LocalIssuer, user: User) -> None:
    from database import transaction
    from models import User as Row

    with app.app_context(), transaction() as session:
        session.get_one(Row, user.id).email_verified = True
    assert send(app, "GET", "/api/v1/auth/me", issuer.token(email=user.email.upper())).json["id"] == user.id
    assert user.get("/list").status_code == 200
    assert send(app, "POST", "/api/v1/auth/login", json={"email": user.email, "password": PASSWORD}).status_code == 200


def test_an_unverified_address_is_not_linked(app: Flask, issuer: LocalIssuer, user: User) -> None:
    response = send(app, "GET", "/api/v1/auth/me", issuer.token(email=user.email, email_verified=False))
    assert (response.status_code, response.json["code"]) == (409, "email_taken")


def test_linking_ends_the_access_of_an_earlier_registrant(app: Flask, issuer: LocalIssuer, user: User) -> None:
    """An attacker registers with the address of somebody else, who then signs in with an identity provider."""
    key = user.post("/api/v1/api-keys", json={"name": "mine", "scopes": ["content:read"]}).json["key"]
    assert send(app, "GET", "/list", key).status_code == 200
    assert send(app, "GET", "/api/v1/auth/me", issuer.token(email=user.email)).json["id"] == user.id
    assert user.get("/list").status_code == 401
    assert send(app, "GET", "/list", key).status_code == 401
    assert send(app, "POST", "/api/v1/auth/login", json={"email": user.email, "password": PASSWORD}).status_code == 401


def test_no_identity_provider_is_trusted_by_default(tmp_path: Any, issuer: LocalIssuer) -> None:
    from services import identity

    providers = identity.from_settings(Settings(_env_file=None, data_dir=tmp_path))
    assert providers.names == []
    assert not providers.knows(issuer.token()) and not providers.knows(firebase(issuer))
    with pytest.raises(ValueError, match="OIDC_AUDIENCE"):
        Settings(_env_file=None, data_dir=tmp_path, oidc_issuer=issuer.url)
