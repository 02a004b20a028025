"""E-mail settings: admins see and test them, super admins change them at run time, and the password is never shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from pydantic import SecretStr

from tests.conftest import User
from tests.mail_server import MailServer
from tests.waiting import wait_for

SECRET = "smtp-password-nobody-sees"
CONFIG = "/admin/email/config"


def configure(user: User, **values: Any) -> Any:
    return user.post(CONFIG, json=values)


def test_the_configuration_is_shown_without_the_password(app_with: Callable[..., Flask], admin: User) -> None:
    other_app = app_with(
        smtp_host="mail.example.org", smtp_from="l@example.org", smtp_password=SecretStr(SECRET), notification_emails=("x@example.org",)
    )
    response = other_app.test_client().get(CONFIG, headers=admin.headers)
    assert (response.json["configured"], response.json["password_set"], response.json["recipients"]) == (True, True, ["x@example.org"])
    assert response.json["source"] == "environment"
    assert SECRET not in response.text
    assert admin.get("/admin/email/recipients").json["recipients"] == []


def test_a_missing_and_a_failing_mail_server_give_different_errors(app_with: Callable[..., Flask], admin: User) -> None:
    assert admin.post("/admin/email/test", json={}).json["code"] == "mail_not_configured"
    client = app_with(smtp_host="127.0.0.1", smtp_port=9, smtp_from="l@example.org", smtp_tls="none").test_client()
    response = client.post("/admin/email/test", json={"to": "a@example.org"}, headers=admin.headers)
    assert (response.status_code, response.json["code"]) == (503, "mail_unavailable")


def test_the_mail_server_can_be_configured_at_run_time(app: Flask, admin: User, user: User) -> None:
    assert user.post("/api/v1/auth/forgot-password", json={"email": user.email}).json["code"] == "mail_not_configured"
    with MailServer() as server:
        response = configure(admin, smtp_server="127.0.0.1", smtp_port=server.port, from_email="l@lectern.test", encryption="none")
        assert response.status_code == 200, response.text
        assert (response.json["configured"], response.json["source"], response.json["changed_by"]) == (True, "database", admin.email)
        response = admin.post("/admin/email/test", json={})
        assert (response.status_code, response.json["to"]) == (200, admin.email)
        assert user.post("/api/v1/auth/forgot-password", json={"email": user.email}).status_code == 200
        wait_for(lambda: [to for to, _ in server.messages] == [[admin.email], [user.email]])
    response = admin.delete(CONFIG)
    assert (response.json["configured"], response.json["source"]) == (False, "environment")
    actions = [entry["action"] for entry in admin.get("/admin/audit?action=mail.").json]
    assert actions == ["mail.reset", "mail.test", "mail.change"]


def test_the_password_is_stored_encrypted_and_never_shown(
    app: Flask, app_with: Callable[..., Flask], admin: User, caplog: pytest.LogCaptureFixture
) -> None:
    from database import db
    from models import AuditEntry, SettingOverride

    valid = {"smtp_host": "mail.example.org", "smtp_user": "lectern", "from_email": "l@example.org"}
    responses = [
        configure(admin, **valid, smtp_password=SECRET),
        configure(admin, smtp_password=[SECRET]),
        configure(admin, smtp_password=SECRET + "\n"),
        configure(admin, smtp_host="elsewhere.example.org"),
        admin.get(CONFIG),
        admin.get("/admin/settings"),
        admin.get("/admin/audit"),
    ]
    assert [response.status_code for response in responses] == [200, 422, 422, 422, 200, 200, 200]
    assert not any(SECRET in response.text for response in responses)
    assert SECRET not in caplog.text
    with app.app_context(), db.engine.connect() as connection:
        for table in (SettingOverride, AuditEntry):
            assert SECRET not in repr(connection.execute(table.__table__.select()).all())
    assert responses[-1].json[0]["after"]["smtp_password"] == "changed"
    other_app = app_with()
    other_app.test_client().get(CONFIG, headers=admin.headers)
    assert other_app.extensions["lectern"].settings.smtp_password.get_secret_value() == SECRET, "other processes can read it"


def test_a_stored_password_is_not_sent_to_another_server(app: Flask, app_with: Callable[..., Flask], admin: User) -> None:
    """Nor is the password of the environment: an admin who sets another server must not receive it."""
    other_app = app_with(smtp_host="mail.example.org", smtp_from="l@example.org", smtp_password=SecretStr(SECRET)).test_client()
    for change in ({"smtp_host": "evil.example.org"}, {"smtp_port": 2525}, {"encryption": "none"}, {"smtp_user": "other"}):
        response = other_app.post(CONFIG, json=change, headers=admin.headers)
        assert (response.status_code, response.json["code"]) == (422, "validation_failed"), change
        assert "enter it again" in response.json["error"]
    assert other_app.post(CONFIG, json={"from_name": "Notes"}, headers=admin.headers).json["password_set"] is True
    response = other_app.post(CONFIG, json={"smtp_host": "new.example.org", "smtp_password": ""}, headers=admin.headers)
    assert (response.json["smtp_host"], response.json["password_set"]) == ("new.example.org", False)


def test_only_super_admins_may_change_the_server_and_values_are_validated(app: Flask, admin: User, user: User) -> None:
    from database import transaction
    from models import User as Row

    with app.app_context(), transaction() as session:
        session.get_one(Row, user.id).role = "admin"
    for response in (configure(user, smtp_host="mail.example.org", from_email="l@example.org"), user.delete(CONFIG)):
        assert response.status_code == 403
    assert user.get(CONFIG).status_code == 200
    for wrong in (
        {"smtp_host": "mail.example.org"},
        {"smtp_host": "mail example"},
        {"smtp_port": 0},
        {"encryption": "rot13"},
        {"from_email": "nobody"},
        {"smtp_user": "gr\u00fcn"},
    ):
        assert configure(admin, **wrong).status_code == 422, wrong


def test_recipients_can_be_added_and_removed(app: Flask, admin: User) -> None:
    path = "/admin/email/recipients"
    assert admin.post(path, json={"recipients": ["a@example.org", "A@example.org"]}).json["recipients"] == ["A@example.org"]
    assert admin.post(f"{path}/add", json={"email": "b@example.org"}).json["recipients"] == ["A@example.org", "b@example.org"]
    assert admin.post(f"{path}/remove", json={"email": "a@example.org"}).json["recipients"] == ["b@example.org"]
    assert admin.post(f"{path}/remove", json={"email": "a@example.org"}).status_code == 404
    assert admin.post(f"{path}/add", json={"email": "no address"}).status_code == 422
    assert admin.get(CONFIG).json["recipients"] == ["b@example.org"]


def test_a_test_notification_appears_in_the_callers_notices(app: Flask, admin: User, user: User) -> None:
    response = admin.post("/admin/test-notification", json={"type": "video_update"})
    assert response.json["result"]["success"] is True
    assert response.json["result"]["title"] in admin.get("/api/v1/notices").text
    assert response.json["result"]["title"] not in user.get("/api/v1/notices").text
    assert admin.post("/admin/test-notification", json={"type": "other"}).status_code == 422
