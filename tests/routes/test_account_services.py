"""Services of the operator at internal paths: service tokens and AWS signatures."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from flask import Flask

from config import Settings
from lib.clock import now
from services.identity import sigv4
from tests.conftest import User

PATH = "/api/v1/internal/caller"
KEY_ID, SECRET = "AKIAEXAMPLE", "a secret that signs"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    signing = {"service_access_key_id": KEY_ID, "service_secret_access_key": SECRET, "worker_api_key": "a worker's own key"}
    return Settings(**{**settings.model_dump(), **signing, "_env_file": None})


def send(app: Flask, path: str = PATH, method: str = "GET", **headers: str) -> Any:
    return app.test_client(use_cookies=False).open(path, method=method, headers=headers)


def sign_request(path: str = PATH, *, key_id: str = KEY_ID, secret: str = SECRET, service: str = "execute-api") -> dict[str, str]:
    """Return the headers of a GET request that botocore signs now."""
    request = AWSRequest(method="GET", url=f"http://localhost{path}", headers={"Host": "localhost"})
    SigV4Auth(Credentials(key_id, secret), service, "us-east-1").add_auth(request)
    return dict(request.headers)


def test_a_service_token_can_be_created_used_and_revoked(app: Flask, user: User) -> None:
    runner = app.test_cli_runner()
    result = runner.invoke(args=["service-token", "create", "transcoder", "--scope", "videos"])
    assert result.exit_code == 0, result.output
    token = result.output.strip().splitlines()[-1]
    response = send(app, Authorization=f"Bearer {token}")
    assert response.json == {"name": "transcoder", "scopes": ["videos"]}
    assert send(app, "/list", Authorization=f"Bearer {token}").status_code == 401, "a service has no account"
    output = runner.invoke(args=["service-token", "list"]).output
    assert token not in output and token[:9] in output
    token_id = next(line for line in output.splitlines() if "transcoder" in line).split()[0]
    assert runner.invoke(args=["service-token", "revoke", token_id]).exit_code == 0
    assert send(app, Authorization=f"Bearer {token}").status_code == 401
    assert runner.invoke(args=["service-token", "revoke", "nothing"]).exit_code == 1


def test_users_cannot_call_internal_paths(app: Flask, user: User, admin: User) -> None:
    for somebody in (user, admin):
        assert somebody.get(PATH).status_code == 401
        key = somebody.post("/api/v1/api-keys", json={"name": "x", "scopes": ["content:read"]}).json["key"]
        assert send(app, Authorization=f"Bearer {key}").status_code == 401
    assert send(app).status_code == 401


def test_the_configured_worker_key_is_accepted(app: Flask) -> None:
    assert send(app, Authorization="Bearer a worker's own key").json["name"] == "worker"
    assert send(app, Authorization="Bearer a worker's own kez").status_code == 401


def test_a_signed_request_is_accepted_once(app: Flask) -> None:
    headers = sign_request(f"{PATH}?b=2&a=%20x")
    first = send(app, f"{PATH}?b=2&a=%20x", **headers)
    assert first.status_code == 200, first.text
    assert first.json["name"] == f"access key {KEY_ID}" and "videos" in first.json["scopes"]
    again = send(app, f"{PATH}?b=2&a=%20x", **headers)
    assert again.status_code == 401 and "before" in again.json["message"]


def test_a_signature_is_valid_for_its_request_only(app: Flask) -> None:
    headers = sign_request()
    authorization = headers["Authorization"][:-1] + ("0" if headers["Authorization"][-1] != "0" else "1")
    for response in (
        send(app, f"{PATH}?everybody=1", **headers),
        send(app, **{**headers, "Authorization": authorization}),
        send(app, **{**headers, "X-Amz-Security-Token": "not signed"}),
        send(app, **{**headers, "X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"}),
        send(app, **sign_request(secret="a guess")),
        send(app, **sign_request(key_id="AKIAOTHER")),
        send(app, **{**headers, "Authorization": "AWS4-HMAC-SHA256 Credential=x"}),
        send(app, Authorization="AWS4-HMAC-SHA256", **{"X-Amzn-RequestId": "trust me"}),
    ):
        assert (response.status_code, response.json["code"]) == (401, "signature_refused")
    assert send(app, **headers).status_code == 200


def test_an_old_signature_and_a_wrong_clock_are_refused() -> None:
    headers = {name.lower(): value for name, value in sign_request().items()}
    request = sigv4.SignedRequest("GET", f"http://localhost{PATH}", headers, b"")
    assert sigv4.verify(request, KEY_ID, SECRET, now()).key_id == KEY_ID
    for late in (dt.timedelta(minutes=6), dt.timedelta(minutes=-6)):
        with pytest.raises(sigv4.SignatureRefused, match="five minutes"):
            sigv4.verify(request, KEY_ID, SECRET, now() + late)


def test_a_changed_body_is_rejected() -> None:
    request = AWSRequest(method="PATCH", url="http://localhost/x", headers={"Host": "localhost"}, data=b'{"status": "failed"}')
    SigV4Auth(Credentials(KEY_ID, SECRET), "execute-api", "us-east-1").add_auth(request)
    headers = {name.lower(): value for name, value in request.headers.items()}
    signed_request = sigv4.SignedRequest("PATCH", "http://localhost/x", headers, b'{"status": "failed"}')
    assert sigv4.verify(signed_request, KEY_ID, SECRET, now())
    with pytest.raises(sigv4.SignatureRefused):
        sigv4.verify(sigv4.SignedRequest("PATCH", "http://localhost/x", headers, b'{"status": "completed"}'), KEY_ID, SECRET, now())
