"""Thakii's documented curl calls and the call sequence of its frontend, by the scripts that operators run."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest
from flask import Flask
from pydantic import SecretStr

from config import PROJECT, Settings
from scripts import thakii_frontend
from tests.applications import serve_app
from tests.conftest import PASSWORD, User, list_stored_keys
from tests.identity.issuer import LocalIssuer
from tests.identity.issuer import running as running_issuer

TOKEN = "thakii-mock-prod-token"
FIREBASE_PROJECT = "lecture-notes"


@pytest.fixture
def issuer() -> Iterator[LocalIssuer]:
    with running_issuer() as issuer:
        yield issuer


ORIGIN = "https://frontend.example"


@pytest.fixture
def settings(settings: Settings, issuer: LocalIssuer) -> Settings:
    mock = {"static_bearer_token": SecretStr(TOKEN), "static_bearer_is_admin": True, "servers_allow_private": True}
    firebase = {"firebase_project_id": FIREBASE_PROJECT, "firebase_jwks_url": issuer.jwks_url, "rate_limits": True}
    firebase["allowed_origins"] = (ORIGIN,)
    return Settings(**{**settings.model_dump(), **mock, **firebase, "_env_file": None})


@pytest.fixture
def url(app: Flask) -> Iterator[str]:
    """The app behind a port, without a running executor."""
    app.extensions["lectern"].executor.shut_down(0)
    with serve_app(app) as url:
        yield url


def test_the_documented_curl_calls(app: Flask, url: str) -> None:
    result = subprocess.run([str(PROJECT / "scripts/thakii_curl.sh"), url], capture_output=True, text=True, timeout=300, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "14 calls, all as documented" in result.stdout
    assert list_stored_keys(app) == []


@pytest.mark.parametrize("role", ["admin", "user"])
def test_the_frontends_call_sequence(app: Flask, url: str, role: str, request: pytest.FixtureRequest) -> None:
    account: User = request.getfixturevalue(role)
    calls = thakii_frontend.run(url, email=account.email, password=PASSWORD, quick=True, chunk_bytes=70_000, origin=ORIGIN)
    assert calls > (30 if role == "admin" else 12)
    assert list_stored_keys(app) == []


def test_a_frontend_of_another_origin_is_stopped(url: str, user: User) -> None:
    with pytest.raises(thakii_frontend.UnexpectedResponse, match="Access-Control-Allow-Origin"):
        thakii_frontend.run(url, email=user.email, password=PASSWORD, quick=True, origin="https://elsewhere.example")


def test_several_firebase_users_behind_one_address(app: Flask, url: str, issuer: LocalIssuer) -> None:
    """Each opening of the page logs in three times, and the limits are on."""
    for name in ("ada", "grace", "mary"):
        claims = {"iss": f"https://securetoken.google.com/{FIREBASE_PROJECT}", "aud": FIREBASE_PROJECT}
        token = issuer.token(**claims, sub=name, email=f"{name}@example.org")
        assert thakii_frontend.run(url, id_token=token, quick=True, chunk_bytes=70_000) > 12
