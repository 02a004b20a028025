"""What browsers are told: pages load nothing from elsewhere, other origins read nothing, cookies stay where they belong."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config import PROJECT
from tests.conftest import PASSWORD, User

FRONTEND = "https://app.example.org"


@pytest.fixture
def open_to_frontend(app_with: Callable[..., Flask]) -> FlaskClient:
    """Of a second app over the same database, read by one other origin."""
    return app_with(allowed_origins=(FRONTEND,)).test_client()


def test_pages_load_scripts_from_here_alone(app: Flask) -> None:
    http = app.test_client()
    for path in ("/", "/watch/x", "/docs", "/redoc"):
        headers = http.get(path, headers={"Accept": "text/html"}).headers
        policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
        assert policy["script-src"] == policy["default-src"] == "'self'"
        assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == "'none'"
        assert ("'unsafe-inline'" in policy["style-src"]) is (path in ("/docs", "/redoc"))
        assert (headers["X-Frame-Options"], headers["X-Content-Type-Options"]) == ("DENY", "nosniff")


def test_what_the_pages_load_names_no_other_host() -> None:
    """Neither in our own files, nor as an image, script or style that vendored ones fetch."""
    own = [path for path in (PROJECT / "web").rglob("*") if path.suffix in (".js", ".html", ".css") and "vendor" not in path.parts]
    for path in own:
        assert not re.search(r"https?://(?!www\.w3\.org/)", path.read_text()), path
        assert not re.search(r"<style|style=|<script>|\son[a-z]+=\"", path.read_text()) or path.suffix == ".js", path
    redoc = (PROJECT / "web/vendor/redoc/redoc.standalone.js").read_text()
    assert "cdn.redoc" not in redoc


def test_data_is_no_page(app: Flask, user: User) -> None:
    for answer in (user.get("/list"), user.get("/nowhere"), app.test_client().get("/list")):
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_other_origins_read_nothing_unless_named(app: Flask, open_to_frontend: FlaskClient) -> None:
    strange = {"Origin": "https://evil.example"}
    for http in (app.test_client(), open_to_frontend):
        for method in ("get", "options"):
            answer = getattr(http, method)("/list", headers=strange)
            assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]
    for near in ("https://app.example.org.evil.example", "http://app.example.org", "https://APP.example.org", "null", FRONTEND + ":8443"):
        assert "Access-Control-Allow-Origin" not in open_to_frontend.get("/list", headers={"Origin": near}).headers
    named = open_to_frontend.options("/list", headers={"Origin": FRONTEND, "Access-Control-Request-Method": "GET"}).headers
    assert named["Access-Control-Allow-Origin"] == FRONTEND
    assert named["Access-Control-Allow-Credentials"] == "true"
    assert "Origin" in named["Vary"]


def test_cookies_are_closed_to_scripts_and_secure_over_https(app: Flask, user: User) -> None:
    for scheme in ("http", "https"):
        answer = app.test_client().post(
            "/api/v1/auth/login", json={"email": user.email, "password": PASSWORD}, base_url=f"{scheme}://localhost"
        )
        cookies = answer.headers.getlist("Set-Cookie")
        assert cookies
        assert all("HttpOnly" in cookie and "SameSite=" in cookie for cookie in cookies)
        assert all(("; Secure" in cookie) is (scheme == "https") for cookie in cookies)
        assert ("Strict-Transport-Security" in answer.headers) is (scheme == "https")
