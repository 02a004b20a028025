"""Accounts on a server without e-mail."""

from __future__ import annotations

import pytest
from flask import Flask

from config import Settings
from tests.conftest import PASSWORD, User


def test_without_a_mail_server_the_hint_names_the_settings_and_set_password_works(app: Flask, user: User) -> None:
    for path in ("forgot-password", "resend-verification"):
        response = user.post(f"/api/v1/auth/{path}", json={"email": user.email})
        assert (response.status_code, response.json["code"]) == (503, "mail_not_configured")
        assert "SMTP_HOST" in response.json["hint"]
    runner = app.test_cli_runner()
    result = runner.invoke(args=["admin", "set-password", user.email, "--password", "another battery staple"])
    assert result.exit_code == 0, result.output
    http = app.test_client()
    assert http.post("/api/v1/auth/login", json={"email": user.email, "password": PASSWORD}).status_code == 401
    assert http.post("/api/v1/auth/login", json={"email": user.email, "password": "another battery staple"}).status_code == 200
    assert runner.invoke(args=["admin", "set-password", "nobody@example.org", "--password", "long enough"]).exit_code == 1


def test_verification_cannot_be_required_without_a_mail_server() -> None:
    with pytest.raises(ValueError, match="SMTP_HOST"):
        Settings(_env_file=None, email_verification="required")
