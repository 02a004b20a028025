"""Open mode serves requests of this machine only, and no stranger can end it by registering."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from services.operations import operator
from tests.conftest import PASSWORD

SCRIPT = {"title": "Mine", "scenes": [{"id": "a", "content": {"kind": "title", "heading": "A"}}]}
Build = Callable[..., Flask]


@pytest.fixture
def http(app_with: Build) -> FlaskClient:
    return app_with(open_mode="loopback").test_client(use_cookies=False)


def register(http: FlaskClient, **request: Any) -> Any:
    return http.post("/api/v1/auth/register", json={"email": "ada@example.org", "password": PASSWORD}, **request)


@pytest.mark.parametrize(
    "header", ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Anything", "Forwarded", "Via", "X-Real-IP"]
)
def test_what_a_proxy_passes_on_is_refused(http: FlaskClient, header: str) -> None:
    assert http.get("/api/v1/scripts").status_code == 200
    assert http.get("/api/v1/scripts", headers={header: "127.0.0.1"}).json["code"] == "open_mode_refused"
    assert register(http, headers={header: "127.0.0.1"}).json["code"] == "registration_elsewhere"


def test_proxies_that_add_no_header_are_known_by_their_protocol(http: FlaskClient) -> None:
    assert http.get("/api/v1/scripts", environ_overrides={"SERVER_PROTOCOL": "HTTP/1.0"}).json["code"] == "open_mode_refused"


def test_a_trusted_proxy_names_the_client(app_with: Build) -> None:
    http = app_with(open_mode="loopback", trusted_proxies=1).test_client(use_cookies=False)
    statuses = [http.get("/api/v1/scripts", headers={"X-Forwarded-For": each}).status_code for each in ("127.0.0.1", "192.0.2.7")]
    assert statuses == [200, 401]
    assert http.get("/api/v1/scripts", headers={"X-Forwarded-Proto": "https"}).status_code == 401


@pytest.mark.parametrize("mode", ["loopback", "network"])
def test_a_stranger_cannot_end_open_mode(app_with: Build, mode: str) -> None:
    http = app_with(open_mode=mode).test_client(use_cookies=False)
    http.post("/api/v1/scripts", json={"script": SCRIPT})
    for elsewhere in ({"environ_base": {"REMOTE_ADDR": "192.0.2.7"}}, {"headers": {"Host": "rebound.example"}}):
        assert register(http, **elsewhere).json["code"] == "registration_elsewhere"
    assert [each["title"] for each in http.get("/api/v1/scripts").json["scripts"]] == ["Mine"]


def test_the_first_account_takes_over_what_open_mode_has_collected(http: FlaskClient) -> None:
    http.post("/api/v1/scripts", json={"script": SCRIPT})
    response = register(http)
    assert response.status_code == 201 and response.json["user"]["email"] == "ada@example.org"
    headers = {"Authorization": f"Bearer {response.json['access_token']}"}
    for each in ({}, headers):  # open mode goes on: there is still only one account
        assert [each["title"] for each in http.get("/api/v1/scripts", headers=each).json["scripts"]] == ["Mine"]


def test_the_operator_takes_it_over_too(http: FlaskClient) -> None:
    http.post("/api/v1/scripts", json={"script": SCRIPT})
    with http.application.app_context():
        assert operator.create_super_admin("boss@example.org", PASSWORD)
    login = http.post("/api/v1/auth/login", json={"email": "boss@example.org", "password": PASSWORD}).json
    scripts = http.get("/api/v1/scripts", headers={"Authorization": f"Bearer {login['access_token']}"}).json
    assert [each["title"] for each in scripts["scripts"]] == ["Mine"]


def test_the_account_of_open_mode_is_taken_over_in_open_mode_only(app: Flask, http: FlaskClient) -> None:
    http.post("/api/v1/scripts", json={"script": SCRIPT})
    account = register(app.test_client(use_cookies=False)).json
    own_scripts = app.test_client().get("/api/v1/scripts", headers={"Authorization": f"Bearer {account['access_token']}"}).json
    assert own_scripts["scripts"] == []
