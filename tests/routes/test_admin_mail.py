"""Admins see how e-mail is set up, and try it."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from tests.conftest import User

SECRET = "smtp-password-nobody-sees"


def test_the_setup_is_shown_without_its_password(app_with: Callable[..., Flask], admin: User) -> None:
    from pydantic import SecretStr

    there = app_with(
        smtp_host="mail.example.org", smtp_from="l@example.org", smtp_password=SecretStr(SECRET), notification_emails=("x@example.org",)
    )
    answer = there.test_client().get("/admin/email/config", headers=admin.headers)
    assert (answer.json["configured"], answer.json["password_set"], answer.json["recipients"]) == (True, True, ["x@example.org"])
    assert SECRET not in answer.text
    assert admin.get("/admin/email/recipients").json == {"recipients": []}


def test_an_unset_and_a_dead_mail_server_are_told_apart(app_with: Callable[..., Flask], admin: User) -> None:
    assert admin.post("/admin/email/test", json={}).json["code"] == "mail_not_configured"
    dead = app_with(smtp_host="127.0.0.1", smtp_port=9, smtp_from="l@example.org", smtp_tls="none").test_client()
    answer = dead.post("/admin/email/test", json={"to": "a@example.org"}, headers=admin.headers)
    assert (answer.status_code, answer.json["code"]) == (503, "mail_unavailable")


def test_a_test_notification_is_among_ones_own_notices(app: Flask, admin: User, user: User) -> None:
    sent = admin.post("/admin/test-notification", json={"type": "video_update"})
    assert sent.json["result"]["success"] is True
    assert sent.json["result"]["title"] in admin.get("/api/v1/notices").text
    assert sent.json["result"]["title"] not in user.get("/api/v1/notices").text
    assert admin.post("/admin/test-notification", json={"type": "other"}).status_code == 422
