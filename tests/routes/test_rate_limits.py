"""Rate limits: 429 with Retry-After and the error body, counted per user or address."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask

from config import Settings
from routes.endpoints import rate_limits_of
from scripts import backends
from tests.conftest import PASSWORD, User

AppFactory = Callable[..., Flask]


def log_in(app: Flask, address: str, path: str = "/api/v1/auth/login") -> Any:
    name = uuid.uuid4().hex  # a new account each time, so that the login throttle does not apply
    body = {"email": f"{name}@example.org", "username": name, "password": PASSWORD}
    return app.test_client().post(path, json=body, environ_base={"REMOTE_ADDR": address})


def test_logins_are_limited_per_address(app_with: AppFactory) -> None:
    limited_app = app_with(rate_limits=True, rate_limit_login="1 per day")  # of an account; four times as many of an address
    responses = [log_in(limited_app, "203.0.113.7", path) for path in ("/api/v1/auth/login", "/login") * 3][:5]
    assert [response.status_code for response in responses] == [401] * 4 + [429]
    response = responses[-1]
    assert response.json["code"] == "too_many_requests"
    assert response.json["success"] is False and response.json["request_id"]
    assert 1 <= int(response.headers["Retry-After"]) <= 86_401
    assert log_in(limited_app, "203.0.113.8").status_code == 401
    assert Settings(_env_file=None).rate_limit_login == "5 per minute"


def test_successful_logins_do_not_count(app_with: AppFactory, user: User, stranger: User, admin: User) -> None:
    """Thakii's frontend logs in three times when it is opened, and several users may share an address."""
    limited_app = app_with(rate_limits=True, rate_limit_login="2 per day")
    http = limited_app.test_client(use_cookies=False)

    def statuses_of(account: User, password: str, **headers: str) -> list[int]:
        paths = ("/api/v1/auth/login", "/auth/login", "/login")
        return [http.post(path, json={"email": account.email, "password": password}, headers=headers).status_code for path in paths]

    for account in (user, stranger, admin):
        assert statuses_of(account, PASSWORD) == [200] * 3
    forged_header = {"Authorization": "Bearer forged"}
    assert statuses_of(user, "wrong password", **forged_header) == [401, 401, 401]  # /auth/login reads the token only
    assert statuses_of(user, PASSWORD) == [429, 200, 429] or statuses_of(user, PASSWORD) == [429] * 3
    assert statuses_of(stranger, PASSWORD) == [200] * 3  # others behind the same address are not locked out
    for number in range(6):  # nor does anybody try many accounts
        http.post("/api/v1/auth/login", json={"email": f"{number}@example.org", "password": "guess"})
    assert statuses_of(stranger, PASSWORD) == [429] * 3
    for token_path in ("/auth/login", "/auth/exchange-token"):
        assert http.post(token_path, headers=stranger.headers).status_code != 429


def test_the_default_limit_counts_per_user(app_with: AppFactory, user: User, stranger: User) -> None:
    limited_app = app_with(rate_limits=True, rate_limit_default="4 per day").test_client()
    statuses = [limited_app.get("/list", headers=user.headers).status_code for _ in range(5)]
    assert statuses == [200] * 4 + [429]
    assert limited_app.get("/api/v1/jobs", headers=user.headers).status_code == 429  # all endpoints count together
    assert limited_app.get("/list", headers=stranger.headers).status_code == 200
    assert [limited_app.get("/health/live").status_code for _ in range(6)] == [200] * 6


def test_uploads_have_a_separate_limit(app_with: AppFactory, user: User) -> None:
    limited_app = app_with(rate_limits=True, rate_limit_upload="2 per day").test_client()
    responses = [limited_app.post(path, headers=user.headers, json={}) for path in ("/upload", "/assemble-file", "/api/v1/recordings")]
    assert [response.status_code == 429 for response in responses] == [False, False, True]


def test_emails_are_also_limited_per_recipient(app_with: AppFactory) -> None:
    limited_app = app_with(rate_limits=True, rate_limit_mail="2 per day", rate_limit_mail_sender="6 per day").test_client()
    request_reset = functools.partial(limited_app.post, "/api/v1/auth/forgot-password")
    assert [request_reset(json={"email": email}).status_code == 429 for email in ("a@example.org", "A@example.org", "a@example.org")] == [
        0,
        0,
        1,
    ]
    assert [request_reset(json={"email": "b@example.org"}).status_code == 429 for _ in range(2)] == [False] * 2  # from the same address
    assert [request_reset(json={"email": f"{name}@example.org"}).status_code == 429 for name in "cde"] == [False, True, True]


def test_processes_share_counts_in_redis(app_with: AppFactory) -> None:
    with backends.RedisServer() as redis:
        first, second = (app_with(rate_limits=True, redis_url=redis.url, rate_limit_login="1 per day") for _ in range(2))
        responses = [log_in(each, "203.0.113.9").status_code for each in (first, second) * 3]
    assert responses == [401] * 4 + [429] * 2


def test_malformed_bodies_do_not_avoid_limits(app_with: AppFactory) -> None:
    with backends.RedisServer() as redis:
        limited_app = app_with(
            rate_limits=True, redis_url=redis.url, rate_limit_mail="2 per day", rate_limit_login="1 per day"
        ).test_client()
        request_reset = functools.partial(
            limited_app.post, "/api/v1/auth/forgot-password", data=b'{"email": "a@example.org"}', content_type="text/plain"
        )
        assert [request_reset().status_code == 429 for _ in range(3)] == [False, False, True]
        for odd in (b"no JSON", b"[]", b'{"email": 1}', b""):
            assert limited_app.post("/api/v1/auth/forgot-password", data=odd, content_type="application/json").status_code in (
                400,
                422,
                429,
            )
        assert [log_in(limited_app.application, "203.0.113.7").status_code for _ in range(5)] == [401] * 4 + [429]


def test_endpoints_declare_their_rate_limits(app: Flask) -> None:
    addresses: dict[str, set[str]] = {}
    costly_reads = ("/api/v1/scripts/<script_id>/deck.pptx",)
    for rule in app.url_map.iter_rules():
        for limit in rate_limits_of(app.view_functions[rule.endpoint]):
            assert rule.methods and ("GET" not in rule.methods or rule.rule in costly_reads)
            addresses.setdefault(limit, set()).add(rule.rule)
    auth, admin = "/api/v1/auth", ("/admin", "/api/v1/admin")
    assert addresses == {
        "login": {f"{auth}/login", "/login"},
        "token_or_login": {"/auth/login"},
        "registration": {f"{auth}/register", f"{auth}/signup"},
        "password": {f"{auth}/change-password"},
        "email_sender": {
            *(f"{auth}/{name}" for name in ("forgot-password", "reset-password", "resend-verification", "verify-email")),
            *(f"{prefix}/{name}" for prefix in admin for name in ("email/test", "test-notification")),
        },
        "email_recipient": {f"{auth}/{name}" for name in ("forgot-password", "resend-verification", "register", "signup")},
        "upload": {
            *(
                "/upload",
                "/api/v1/recordings",
                "/api/v1/recordings/by-hash",
                "/api/v1/reference-document",
                "/api/v1/uploads",
                "/assemble-file",
                "/generate-pdf",
                "/process",
                "/api/v1/links",
                "/import-url",
            ),
            *("/api/v1/batches", "/batch-import/list-videos", "/batch-import/import-videos", "/batch-import/submit"),
            *("/api/v1/upload/videos/upload-url", "/api/v1/upload/videos/thumbnail/upload-url", "/api/v1/upload/videos/multipart"),
            *("/api/v1/scripts", "/api/v1/scripts/files", "/api/v1/scripts/<script_id>/render"),
            *("/api/v1/lessons/previews", "/api/v1/scripts/<script_id>/deck.pptx", "/api/v1/recordings/<recording_id>/deck"),
            "/api/v1/recordings/<recording_id>/file",
            *(
                "/api/v1/jobs",
                "/api/v1/jobs/submit",
                "/api/v1/jobs/<job_id>/retry",
                "/api/v1/upload",
                "/api/v1/projects/<project_id>/render",
            ),
            *("/api/v1/post-production/voice", "/api/v1/production/upload-footage"),
            "/api/v1/recordings/<recording_id>/slide-edits/documents",
            *("/submit", "/confirm_script/<script_id>", "/api/generate_scripts", "/api/generate/<script_id>"),
            *("/v1/audio/transcriptions", "/v1/audio/translations", "/api/v1/transcripts/<recording_id>/own-text"),
        },
        "comment": {"/api/v1/videos/<recording_id>/comments", "/api/v1/projects/<project_id>/members"},
    }


def test_quotas_limit_jobs_and_uploads(app: Flask, user: User, tiny: Path) -> None:
    from database import transaction
    from models import User as Row

    def allow(**quotas: int | None) -> None:
        with app.app_context(), transaction() as session:
            for name, value in quotas.items():
                setattr(session.get_one(Row, user.id), name, value)

    allow(quota_jobs=0)
    response = user.upload(tiny)
    assert (response.status_code, response.json["code"]) == (429, "too_many_jobs")
    allow(quota_jobs=None, quota_uploads=0)
    response = user.upload(tiny)
    assert (response.status_code, response.json["code"]) == (429, "too_many_uploads")
    assert int(response.headers["Retry-After"]) > 0
    allow(quota_uploads=1)
    upload = user.upload(tiny, formats="txt")
    assert upload.status_code == 200
    assert user.upload(tiny).json["code"] == "too_many_uploads"
    user.post(f"/api/v1/jobs/{upload.json['job_id']}/cancel")
