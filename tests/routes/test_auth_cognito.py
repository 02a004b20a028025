"""Accounts of an Amazon Cognito user pool: sign-up, verification, login, refresh and logout."""

from __future__ import annotations

import json
import threading
import uuid
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import pytest
from flask import Flask

from config import Settings
from scripts import backends as servers
from scripts.server import free_port
from services.accounts.user_pool import EmailProof
from services.identity.cognito import CognitoClient, CognitoConfig, WrongCode
from tests.conftest import PASSWORD

EMAIL, STRONG, NEW = "grace@example.org", "Correct-horse-battery-1", "Another-battery-staple-2"


@dataclass(frozen=True)
class Pool:
    """A user pool in moto with the actions of its administrator."""

    client: Any
    id: str
    app_client: str
    secret: str
    url: str

    def disable(self, email: str) -> None:
        self.client.admin_disable_user(UserPoolId=self.id, Username=email)

    def confirm(self, email: str) -> None:
        self.client.admin_confirm_sign_up(UserPoolId=self.id, Username=email)
        attributes = [{"Name": "email_verified", "Value": "true"}]
        self.client.admin_update_user_attributes(UserPoolId=self.id, Username=email, UserAttributes=attributes)

    def names(self) -> list[str]:
        return [
            attribute["Value"]
            for user in self.client.list_users(UserPoolId=self.id)["Users"]
            for attribute in user["Attributes"]
            if attribute["Name"] == "email"
        ]


@pytest.fixture(params=["with a secret", "addresses as aliases"])
def pool(request: pytest.FixtureRequest, moto: servers.S3Server) -> Pool:
    keys = {"aws_access_key_id": servers.KEY_ID, "aws_secret_access_key": servers.SECRET}
    client = boto3.client("cognito-idp", region_name="us-east-1", endpoint_url=moto.url, **keys)
    alias = {"UsernameAttributes": ["email"]} if request.param == "addresses as aliases" else {}
    pool_id = client.create_user_pool(PoolName=f"pool-{uuid.uuid4().hex}", **alias)["UserPool"]["Id"]
    response = client.create_user_pool_client(
        UserPoolId=pool_id,
        ClientName="lectern",
        GenerateSecret=request.param == "with a secret",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )["UserPoolClient"]
    return Pool(client, pool_id, response["ClientId"], response.get("ClientSecret", ""), moto.url)


@pytest.fixture
def settings(settings: Settings, pool: Pool) -> Settings:
    cognito_settings = {"cognito_client_id": pool.app_client, "cognito_client_secret": pool.secret, "cognito_endpoint_url": pool.url}
    return Settings(**{**settings.model_dump(), **cognito_settings, "cognito_user_pool_id": pool.id, "_env_file": None})


def post(app: Flask, path: str, token: str = "", **body: Any) -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return app.test_client(use_cookies=False).post(f"/api/v1/auth/{path}", json=body, headers=headers)


def get(app: Flask, path: str, token: str) -> Any:
    return app.test_client(use_cookies=False).get(path, headers={"Authorization": f"Bearer {token}"})


def sign_up_and_log_in(app: Flask, pool: Pool) -> Any:
    assert post(app, "signup", email=EMAIL, password=STRONG, name="Grace Hopper").status_code == 201
    pool.confirm(EMAIL)
    return post(app, "login", email=EMAIL, password=STRONG)


def test_sign_up_creates_the_account_in_the_pool(app: Flask, pool: Pool) -> None:
    response = post(app, "signup", email=EMAIL, password=STRONG, name="Grace Hopper")
    assert response.status_code == 201 and "access_token" not in response.json and "check your email" in response.json["message"]
    assert pool.names() == [EMAIL]
    assert post(app, "signup", email=EMAIL, password=STRONG, name="Grace").json["code"] == "already_registered"
    response = post(app, "login", email=EMAIL, password=STRONG)
    assert (response.status_code, response.json["code"]) == (403, "email_not_verified")
    assert post(app, "verify-email", email="nobody@example.org", otp="123456").json["code"] == "wrong_code"
    assert post(app, "verify-email", email=EMAIL, otp="123456").status_code == 200  # moto accepts any code
    assert post(app, "login", email=EMAIL, password=STRONG).status_code == 200


def test_login_returns_cookies_and_tokens_and_stores_no_password(app: Flask, pool: Pool) -> None:
    from database import db
    from models import LoginSession, User

    login = sign_up_and_log_in(app, pool)
    assert login.status_code == 200, login.text
    cookies = login.headers.getlist("Set-Cookie")
    assert [cookie.split("=")[0] for cookie in cookies] == ["access_token", "refresh_token"]
    me = get(app, "/api/v1/auth/me", login.json["access_token"]).json
    assert (me["email"], me["name"], me["email_verified"]) == (EMAIL, "Grace Hopper", True)
    with app.app_context(), db.engine.connect() as connection:
        assert connection.execute(User.__table__.select()).one().password_hash is None
        refresh_token = connection.execute(LoginSession.__table__.select()).one().upstream_refresh_token
    assert refresh_token and refresh_token.startswith("gAAAA"), "the refresh token of the pool is stored encrypted"
    wrong = post(app, "login", email=EMAIL, password="Wrong-horse-battery-1")
    nobody = post(app, "login", email="nobody@example.org", password=STRONG)
    assert (wrong.status_code, wrong.json["message"]) == (nobody.status_code, nobody.json["message"])
    assert wrong.status_code == 401


def test_refresh_checks_the_session_at_the_pool(app: Flask, pool: Pool) -> None:
    first = sign_up_and_log_in(app, pool).json
    second = post(app, "refresh-token", refresh_token=first["refresh_token"])
    assert second.status_code == 200, second.text
    assert get(app, "/list", second.json["access_token"]).status_code == 200
    pool.client.admin_user_global_sign_out(UserPoolId=pool.id, Username=EMAIL)
    response = post(app, "refresh-token", refresh_token=second.json["refresh_token"])
    assert response.status_code == 401
    assert get(app, "/list", second.json["access_token"]).status_code == 401, "the session has ended here too"


def test_the_api_accepts_tokens_of_the_pool(app: Flask, pool: Pool) -> None:
    own_id = sign_up_and_log_in(app, pool).json["user"]["id"]
    direct = CognitoClient(CognitoConfig("us-east-1", pool.app_client, pool.secret, endpoint_url=pool.url))
    tokens = direct._initiate("USER_PASSWORD_AUTH", {"USERNAME": EMAIL, "PASSWORD": STRONG, **direct._hash(EMAIL)})
    for token in (tokens["IdToken"], tokens["AccessToken"]):
        assert get(app, "/api/v1/auth/me", token).json["id"] == own_id
    head, body, signature = tokens["IdToken"].split(".")
    assert get(app, "/api/v1/auth/me", f"{head}.{body}.{signature[:-6]}AAAAAA").status_code == 401


def test_a_local_admin_logs_in_without_the_pool(app: Flask, pool: Pool) -> None:
    response = app.test_cli_runner().invoke(args=["admin", "create", "first@example.org", "--password", PASSWORD])
    assert response.exit_code == 0, response.output
    assert post(app, "login", email="first@example.org", password=PASSWORD).json["user"]["role"] == "super_admin"


def test_a_forgotten_password_is_set_at_the_pool(app: Flask, pool: Pool) -> None:
    tokens = sign_up_and_log_in(app, pool).json
    key = app.test_client(use_cookies=False).post(
        "/api/v1/api-keys", json={"name": "s", "scopes": ["content:read"]}, headers={"Authorization": f"Bearer {tokens['access_token']}"}
    )
    responses = [post(app, "forgot-password", email=email) for email in (EMAIL, "nobody@example.org")]
    assert responses[0].status_code == 200 and responses[0].json == responses[1].json
    with app.app_context(), pytest.raises(WrongCode):  # moto checks codes with this prefix and accepts any other
        app.extensions["lectern"].user_pool.reset_password(EmailProof("", EMAIL, "moto-confirmation-code:wrong"), NEW, "192.0.2.1")
    assert post(app, "reset-password", email=EMAIL, otp="123456", password="weak").status_code == 422
    assert get(app, "/list", tokens["access_token"]).status_code == 200, "nothing has ended yet"
    assert post(app, "reset-password", email=EMAIL, otp="123456", password=NEW).status_code == 200
    for credential in (tokens["access_token"], key.json["key"]):
        assert get(app, "/list", credential).status_code == 401, "sessions and keys here end too"
    assert post(app, "login", email=EMAIL, password=STRONG).status_code == 401
    assert post(app, "login", email=EMAIL, password=NEW).status_code == 200


def test_an_outage_of_the_pool_is_a_503_and_not_a_failed_attempt(app: Flask, pool: Pool, settings: Settings) -> None:
    unavailable = CognitoClient(CognitoConfig("us-east-1", pool.app_client, pool.secret, endpoint_url=f"http://127.0.0.1:{free_port()}"))
    app.extensions["lectern"].user_pool.client = unavailable
    for _ in range(6):
        response = post(app, "login", email=EMAIL, password=STRONG)
        assert (response.status_code, response.json["code"]) == (503, "issuer_unavailable"), "not counted as a failed attempt"


def test_logout_revokes_the_refresh_token_at_the_pool() -> None:
    """moto does not support RevokeToken: a local server accepts it as AWS documents it."""
    requests: list[tuple[str, dict[str, str]]] = []
    secret = "a secret of the app client"

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            requests.append((self.headers["X-Amz-Target"], body))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            """Write no log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        url = f"http://127.0.0.1:{server.server_address[1]}"
        CognitoClient(CognitoConfig("us-east-1", "app", secret, endpoint_url=url)).log_out("grace the refresh-token")
    finally:
        server.shutdown()
        server.server_close()
    target = "AWSCognitoIdentityProviderService.RevokeToken"
    assert requests == [(target, {"Token": "refresh-token", "ClientId": "app", "ClientSecret": secret})]
