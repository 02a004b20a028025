"""E-mail verification and password reset over real SMTP."""

from __future__ import annotations

import datetime as dt
import json
import re
import time
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from config import Settings
from tests.conftest import PASSWORD, User
from tests.mail_server import MailServer
from tests.waiting import wait_for

NEW = "another battery staple"
EMAIL = "grace@example.org"


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running


@pytest.fixture
def verification(request: pytest.FixtureRequest) -> str:
    """EMAIL_VERIFICATION of the app."""
    return str(getattr(request, "param", "optional"))


@pytest.fixture
def settings(settings: Settings, server: MailServer, verification: str) -> Settings:
    mail: dict[str, Any] = {
        "mail_backoff_s": 0.1,
        "smtp_host": "127.0.0.1",
        "smtp_port": server.port,
        "smtp_from": "notes@lectern.test",
        "public_url": "http://localhost",
        "smtp_tls": "none",
    }
    return Settings(**{**settings.model_dump(), **mail, "email_verification": verification, "_env_file": None})


def post(app: Flask, path: str, **body: Any) -> Any:
    return app.test_client(use_cookies=False).post(f"/api/v1/auth/{path}", json=body)


def emails_to(server: MailServer, address: str, count: int = 1, timeout_s: float = 60) -> list[str]:
    """Wait for at least `count` e-mails to this address and return their texts."""
    deadline = time.monotonic() + timeout_s
    while True:
        texts = [_text(message) for to, message in list(server.messages) if address in to]
        if len(texts) >= count:
            return texts
        assert time.monotonic() < deadline, f"{len(texts)} of {count} e-mails to {address}"
        time.sleep(0.05)


def _text(message: EmailMessage) -> str:
    return str(message.get_content())


def token_in(text: str, kind: str) -> str:
    match = re.search(rf"/#{kind}=(\S+)", text)
    assert match, text
    return match.group(1)


def code_in(text: str) -> str:
    match = re.search(r"code: (\S+)", text)
    assert match, text
    return match.group(1)


@pytest.mark.parametrize("verification", ["required"], indirect=True)
def test_login_requires_a_verified_address(app: Flask, server: MailServer) -> None:
    response = post(app, "signup", email=EMAIL, password=PASSWORD, name="Grace Hopper")
    assert response.status_code == 201 and "access_token" not in response.json
    response = post(app, "login", email=EMAIL, password=PASSWORD)
    assert (response.status_code, response.json["code"]) == (403, "email_not_verified")
    assert post(app, "login", email=EMAIL, password="wrong password").json["code"] == "bad_credentials"
    token = token_in(emails_to(server, EMAIL)[0], "verify")
    assert post(app, "verify-email", token=token).status_code == 200
    again = post(app, "verify-email", token=token)
    assert (again.status_code, again.json["code"]) == (400, "link_spent")
    login = post(app, "login", email=EMAIL, password=PASSWORD)
    assert login.status_code == 200 and login.json["user"]["email_verified"] is True


@pytest.mark.parametrize("verification", ["required"], indirect=True)
def test_registering_a_taken_address_gives_the_same_response_if_verification_is_required(app: Flask, server: MailServer) -> None:
    first, second = (post(app, "register", email=EMAIL, password=PASSWORD) for _ in range(2))
    assert (first.status_code, first.json) == (second.status_code, second.json)
    assert any("has an account already" in text for text in emails_to(server, EMAIL, 2))


def test_guesses_of_the_code_are_throttled(app: Flask, server: MailServer) -> None:
    post(app, "register", email=EMAIL, password=PASSWORD)
    code = code_in(emails_to(server, EMAIL)[0])
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for email in (EMAIL, "nobody@example.org"):
        guesses = [post(app, "verify-email", email=email, otp=wrong) for _ in range(5)]
        assert [guess.json["code"] for guess in guesses] == ["link_spent"] * 5
        assert post(app, "verify-email", email=email, otp=wrong).status_code == 429
    assert post(app, "verify-email", email=EMAIL, otp=code).status_code == 429


def test_the_code_verifies_the_address(app: Flask, server: MailServer, user: User) -> None:
    code = code_in(emails_to(server, user.email)[0])
    assert post(app, "verify-email", email=user.email.upper(), otp=f" {code} ").status_code == 200
    assert user.get("/api/v1/auth/me").json["email_verified"] is True


def test_a_newer_email_invalidates_the_older_one(app: Flask, server: MailServer, user: User) -> None:
    first = token_in(emails_to(server, user.email)[0], "verify")
    assert post(app, "resend-verification", email=user.email).status_code == 200
    second = token_in(emails_to(server, user.email, 2)[1], "verify")
    assert post(app, "verify-email", token=first).status_code == 400
    assert post(app, "verify-email", token=second).status_code == 200


def test_a_forgotten_password_can_be_reset(app: Flask, server: MailServer, user: User) -> None:
    from database import db
    from models import EmailToken

    emails_to(server, user.email)
    responses = [post(app, "forgot-password", email=email) for email in (user.email, "nobody@example.org")]
    assert responses[0].status_code == 200 and responses[0].json == responses[1].json
    token = token_in(emails_to(server, user.email, 2)[1], "reset")
    key = user.post("/api/v1/api-keys", json={"name": "script", "scopes": ["content:read"]}).json["key"]
    with app.app_context(), db.engine.connect() as connection:
        assert token not in repr(connection.execute(EmailToken.__table__.select()).all()), "stored as hash"
    assert post(app, "verify-email", token=token).status_code == 400, "valid for one purpose only"
    for weak_password in ("short", "Password1"):
        assert post(app, "reset-password", token=token, password=weak_password).status_code == 422
    assert post(app, "reset-password", token=token, password=NEW).status_code == 200
    assert post(app, "reset-password", token=token, password=NEW).status_code == 400
    assert user.get("/list").status_code == 401, "every session has ended"
    assert user.http.get("/list", headers={"Authorization": f"Bearer {key}"}).status_code == 401, "and every key"
    assert post(app, "login", email=user.email, password=PASSWORD).status_code == 401
    assert post(app, "login", email=user.email, password=NEW).status_code == 200
    assert not any("nobody@example.org" in to for to, _ in server.messages)


@pytest.mark.parametrize("is_known", [True, False])
def test_the_owner_of_a_locked_account_enters_with_a_new_password(app: Flask, server: MailServer, user: User, is_known: bool) -> None:
    def call(path: str, address: str = "198.51.100.7", **body: str) -> int:
        response = app.test_client().post(f"/api/v1/auth/{path}", json=body, environ_base={"REMOTE_ADDR": address})
        return response.status_code

    address = "127.0.0.1" if is_known else "198.51.100.7"  # the user has registered from 127.0.0.1
    guesses = [call("login", address, email=user.email, password="a wrong guess") for _ in range(7)]
    assert guesses[-1] == 429
    assert call("forgot-password", address, email=user.email) == 200
    token = token_in(emails_to(server, user.email, 2)[1], "reset")
    new_password = "another horse battery 42"
    assert call("reset-password", address, token=token, password=new_password) == 200
    assert call("login", address, email=user.email, password=new_password) == 200


def test_wrong_codes_of_strangers_do_not_keep_the_owner_from_a_new_password(app: Flask, server: MailServer, user: User) -> None:
    emails_to(server, user.email)
    assert post(app, "forgot-password", email=user.email).status_code == 200
    code = code_in(emails_to(server, user.email, 2)[1])
    assert re.fullmatch(r"\d{4}-\d{4}-\d{4}", code)

    def reset(code: str, address: str) -> TestResponse:
        body = {"email": user.email, "otp": code, "password": "another horse battery"}
        return app.test_client().post("/api/v1/auth/reset-password", json=body, environ_overrides={"REMOTE_ADDR": address})

    for stranger in range(3):
        statuses = [reset("123456789012", f"192.0.2.{stranger}").status_code for _ in range(6)]
        assert statuses == [400] * 5 + [429]
    assert reset(code.replace("-", " "), "198.51.100.7").status_code == 200


def test_emails_survive_a_restart_and_a_busy_mail_server(
    app: Flask, app_with: Callable[..., Flask], server: MailServer, user: User
) -> None:
    emails_to(server, user.email)
    app.extensions["lectern"].deliverer.stop()  # before anything is sent
    for email in (user.email, "nobody@example.org"):
        assert post(app, "forgot-password", email=email).status_code == 200
    waiting = deliveries(app)
    assert [(each.user_id, each.event) for each in waiting] == [(None, "account.reset")] * 2, "the same for known and unknown addresses"
    server.responses = ["451 Try later", "250 OK"]
    later = app_with()
    later.extensions["lectern"].make_ready()
    token = token_in(emails_to(server, user.email, 2)[1], "reset")
    assert token not in repr([each.body for each in waiting])
    wait_for(lambda: not deliveries(app))
    assert post(later, "reset-password", token=token, password=NEW).status_code == 200
    assert not any("nobody@example.org" in to for to, _ in server.messages)


def test_an_email_that_is_too_late_is_not_sent(app: Flask, user: User) -> None:
    from lib.clock import iso, now
    from services.accounts import account_emails

    for age, is_sent in ((dt.timedelta(minutes=59), True), (dt.timedelta(minutes=61), False)):
        body = json.dumps({"email": user.email, "page": "https://x/#reset=", "asked_at": iso(now() - age)})
        with app.app_context():
            assert (account_emails.render("account.reset", body) is not None) is is_sent


def deliveries(app: Flask) -> list[Any]:
    from database import db
    from models import Delivery

    with app.app_context(), db.engine.connect() as connection:
        return list(connection.execute(Delivery.__table__.select()))


def test_links_expire(app: Flask, server: MailServer, user: User) -> None:
    from sqlalchemy import update

    from database import transaction
    from lib.clock import now
    from models import EmailToken

    token = token_in(emails_to(server, user.email)[0], "verify")
    with app.app_context(), transaction() as session:
        session.execute(update(EmailToken).values(expires_at=now()))
    assert post(app, "verify-email", token=token).status_code == 400
    for invalid in ({"token": "x"}, {"token": ""}, {"email": user.email}, {}):
        assert post(app, "verify-email", **invalid).status_code in (400, 422)
