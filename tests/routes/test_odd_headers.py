"""Headers with odd bytes: no response is an internal error, and none switches a limit off."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scripts import backends
from tests.conftest import SAMPLES, User

AppFactory = Callable[..., Flask]
Call = tuple[str, str, dict[str, str]]  # method, path, headers
READ_HEADERS = [  # all headers that the code reads
    *("Origin", "Host", "Cookie", "Authorization", "Accept", "Content-Type", "Content-Length", "Range", "If-Range", "If-None-Match"),
    *("If-Modified-Since", "Last-Event-ID", "User-Agent", "X-Request-ID", "Sec-Fetch-Site", "X-Amz-Date", "X-Amz-Content-Sha256"),
    *("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Prefix", "Transfer-Encoding"),
    *("Accept-Encoding", "Accept-Language", "Expect"),
]
ODD_VALUES = [
    *("http://[", "http://[::1", "http://a:b:c", "//", "null", "[", "]", "a:99999999", "%", "%zz", "\x80\xff", "\xed\xa0\x80", "\t"),
    *(
        "bytes=",
        "bytes=-",
        "bytes=9-1",
        "bytes=1-2,3-4",
        "bytes=99999999999999999999999-",
        "items=1-2",
        '"',
        'W/"',
        "Bearer",
        "Bearer \xff",
    ),
    *("Bearer a.b.c", "Bearer lk_\xff", "Bearer ls_\xff", "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=;, Signature=\xff", "Basic =="),
    *("text/html;q=x", "text/html;q=nan", "*/*;q=", ";;;", "application/json; charset=none", "text/plain; charset=utf-7"),
    *("multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\xff", 'multipart/form-data; boundary="'),
    *(
        "access_token=",
        'access_token="\xff',
        "access_token=a.b.c",
        "=;=;",
        "Sun, 99 Nov 9999 99:99:99 GMT",
        "Sun, 06 Nov 1994",
        "-1",
        "1e5",
    ),
]


def header_from_bytes(raw: bytes) -> str:
    """Return the bytes as a WSGI server passes them on, without NUL and line ends, which servers refuse."""
    return raw.translate(None, b"\0\r\n").decode("latin-1")


def send(app: Flask, method: str, path: str, headers: dict[str, str]) -> Any:
    environ = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if f"HTTP_{name}" in environ:
            environ[name] = environ.pop(f"HTTP_{name}")
    return app.test_client(use_cookies=False).open(path, method=method, data=b'{"email": "a@example.org"}', environ_overrides=environ)


def is_internal_error(app: Flask, call: Call, name: str, value: str) -> bool:
    """Send the call with this header."""
    method, path, headers = call
    status: int = send(app, method, path, {**headers, name: value}).status_code
    return status >= 500


def test_no_header_value_causes_an_internal_error(app_with: AppFactory, user: User) -> None:
    app = app_with(trusted_proxies=1, rate_limits=True, rate_limit_default="1000000 per minute", allowed_origins=("https://a.example",))
    recording = user.upload(SAMPLES / "tiny.m4a").json["video_id"]
    login = {"Authorization": user.headers["Authorization"]}
    cookie = {"Cookie": f"access_token={user.tokens['access_token']}"}
    calls: list[Call] = [
        ("GET", "/list", cookie),
        ("POST", "/api/v1/auth/login", {"Content-Type": "application/json"}),
        ("POST", "/cancel/unknown", cookie),
        ("GET", f"/api/v1/recordings/{recording}/media", login),
        ("GET", "/api/v1/events", login),
        ("POST", "/internal/worker/claim", {}),
        ("POST", "/upload", {**login, "Content-Type": "multipart/form-data; boundary=b"}),
        ("GET", "/", {}),
    ]

    @settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(
        st.sampled_from(ODD_VALUES) | st.binary(min_size=1, max_size=30).map(header_from_bytes),
        st.lists(st.sampled_from(calls), min_size=len(READ_HEADERS), max_size=len(READ_HEADERS)),
    )
    def check(value: str, call_by_header: list[Call]) -> None:
        for name, call in zip(READ_HEADERS, call_by_header, strict=True):
            assert not is_internal_error(app, call, name, value), f"{call[:2]} {name}: {value!r}"

    check()
    chooser = random.Random(0)
    failures = []
    for value, name in itertools.product(ODD_VALUES, READ_HEADERS):
        call = chooser.choice(calls)
        if is_internal_error(app, call, name, value):
            failures.append(f"{call[:2]} {name}: {value!r}")
    assert failures == []


@pytest.mark.parametrize("origin", ["http://[", "http://[::1", "http://a:b", "http://\xff\xfe.example", "\x80"])
def test_a_malformed_origin_is_refused(app: Flask, user: User, origin: str) -> None:
    response = app.test_client(use_cookies=False).post(
        "/cancel/unknown", headers={"Origin": origin, "Cookie": f"access_token={user.tokens['access_token']}"}
    )
    assert (response.status_code, response.json["code"]) == (400, "bad_request")


def test_malformed_headers_do_not_switch_the_limits_off(app_with: AppFactory, user: User) -> None:
    with backends.RedisServer() as redis:
        first, second = (app_with(rate_limits=True, redis_url=redis.url, rate_limit_default="5 per day") for _ in range(2))
        cookie = {"Cookie": f"access_token={user.tokens['access_token']}"}
        for _ in range(3):
            assert send(first, "POST", "/cancel/unknown", {**cookie, "Origin": "http://["}).status_code == 400
        statuses = [send(each, "GET", "/list", cookie).status_code for each in (first, second) * 3]
        assert statuses == [200] * 5 + [429]


@pytest.mark.expects_errors
def test_an_error_in_the_key_of_a_limit_does_not_switch_the_limits_off(
    app_with: AppFactory, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    with backends.RedisServer() as redis:
        first, second = (app_with(rate_limits=True, redis_url=redis.url, rate_limit_default="5 per day") for _ in range(2))

        def fail() -> None:
            raise ValueError("unexpected")

        with monkeypatch.context() as patch:
            patch.setattr("routes.rate_limits.caller", fail)
            assert first.test_client().get("/list", headers=user.headers).status_code == 500
        statuses = [each.test_client().get("/list", headers=user.headers).status_code for each in (first, second) * 3]
        assert statuses == [200] * 5 + [429]


def test_ipv6_clients_are_limited_by_network(app_with: AppFactory) -> None:
    client = app_with(rate_limits=True, rate_limit_default="3 per day").test_client()

    def get(address: str) -> int:
        return client.get("/list", environ_base={"REMOTE_ADDR": address}).status_code

    assert [get(f"2001:db8:1:2::{number}") for number in range(4)] == [401, 401, 401, 429]
    assert get("2001:db8:1:3::1") == 401
