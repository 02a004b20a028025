"""Content security policy, CORS and cookie attributes."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import ValidationError

from config import PROJECT, Settings
from tests.conftest import PASSWORD, User

FRONTEND = "https://app.example.org"


@pytest.fixture
def cors_client(app_with: Callable[..., Flask]) -> FlaskClient:
    """A client of a second app with the same database and one allowed origin."""
    return app_with(allowed_origins=(FRONTEND,)).test_client()


def test_pages_load_scripts_from_this_server_only(app: Flask) -> None:
    http = app.test_client()
    for path in ("/", "/watch/x", "/docs", "/redoc"):
        headers = http.get(path, headers={"Accept": "text/html"}).headers
        policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
        assert policy["script-src"] == policy["default-src"] == "'self'"
        assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == "'none'"
        assert ("'unsafe-inline'" in policy["style-src"]) is (path in ("/docs", "/redoc"))
        assert (headers["X-Frame-Options"], headers["X-Content-Type-Options"]) == ("DENY", "nosniff")


def test_pages_reference_no_other_host() -> None:
    """Neither in our own files nor in the vendored Redoc."""
    own = [path for path in (PROJECT / "web").rglob("*") if path.suffix in (".js", ".html", ".css") and "vendor" not in path.parts]
    for path in own:
        assert not re.search(r"https?://(?!www\.w3\.org/|localhost\b)\w", path.read_text()), path
        assert not re.search(r"<style|style=|<script>|\son[a-z]+=\"", path.read_text()) or path.suffix == ".js", path
    redoc = (PROJECT / "web/vendor/redoc/redoc.standalone.js").read_text()
    assert "cdn.redoc" not in redoc


def test_json_has_a_strict_policy(app: Flask, user: User) -> None:
    for response in (user.get("/list"), user.get("/nowhere"), app.test_client().get("/list")):
        assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_only_listed_origins_may_read_responses(app: Flask, cors_client: FlaskClient) -> None:
    foreign = {"Origin": "https://evil.example"}
    for http in (app.test_client(), cors_client):
        for method in ("get", "options"):
            response = getattr(http, method)("/list", headers=foreign)
            assert not [name for name, _ in response.headers if name.startswith("Access-Control")]
    for similar in (
        "https://app.example.org.evil.example",
        "http://app.example.org",
        "https://APP.example.org",
        "null",
        FRONTEND + ":8443",
    ):
        assert "Access-Control-Allow-Origin" not in cors_client.get("/list", headers={"Origin": similar}).headers
    headers = cors_client.options("/list", headers={"Origin": FRONTEND, "Access-Control-Request-Method": "GET"}).headers
    assert headers["Access-Control-Allow-Origin"] == FRONTEND
    assert headers["Access-Control-Allow-Credentials"] == "true"
    assert "Origin" in headers["Vary"]


def test_uploads_that_continue_work_from_other_origins(cors_client: FlaskClient) -> None:
    preflight_headers = {"Origin": FRONTEND, "Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "tus-resumable"}
    answer = cors_client.options("/api/v1/uploads/0", headers=preflight_headers).headers
    request_headers = {
        "authorization",
        "content-type",
        "tus-resumable",
        "upload-length",
        "upload-offset",
        "upload-metadata",
        "upload-checksum",
    }
    allowed_headers = {each.strip().lower() for each in answer["Access-Control-Allow-Headers"].split(",")}
    assert request_headers | {"x-http-method-override", "if-none-match"} <= allowed_headers
    assert {"HEAD", "POST", "PATCH", "DELETE"} <= {each.strip() for each in answer["Access-Control-Allow-Methods"].split(",")}
    readable = {
        each.strip() for each in cors_client.get("/list", headers=preflight_headers).headers["Access-Control-Expose-Headers"].split(",")
    }
    assert {"Location", "Upload-Offset", "Upload-Length", "Upload-Expires", "Tus-Resumable", "Recording-Id"} <= readable


def test_cookies_are_http_only_and_secure_over_https(app: Flask, user: User) -> None:
    for scheme in ("http", "https"):
        response = app.test_client().post(
            "/api/v1/auth/login", json={"email": user.email, "password": PASSWORD}, base_url=f"{scheme}://localhost"
        )
        cookies = response.headers.getlist("Set-Cookie")
        assert cookies
        assert all("HttpOnly" in cookie and "SameSite=" in cookie for cookie in cookies)
        assert all(("; Secure" in cookie) is (scheme == "https") for cookie in cookies)
        assert ("Strict-Transport-Security" in response.headers) is (scheme == "https")


def test_the_samesite_attribute_of_cookies_is_a_setting(app_with: Callable[..., Flask], user: User) -> None:
    app = app_with(cookie_samesite="None", cookie_secure=True)
    response = app.test_client().post("/api/v1/auth/login", json={"email": user.email, "password": PASSWORD}, base_url="https://localhost")
    cookies = response.headers.getlist("Set-Cookie")
    assert cookies
    assert all("SameSite=None" in cookie and "Secure" in cookie for cookie in cookies)


def test_cookies_for_other_sites_require_https() -> None:
    with pytest.raises(ValidationError, match="COOKIE_SECURE"):
        Settings(_env_file=None, cookie_samesite="None")
