"""Sessions, password changes and login throttling."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from lib.clock import now
from models import LoginThrottle
from models import User as Row
from services import accounts
from services.accounts import Caller, ThrottleLimits
from tests.conftest import PASSWORD, User

NEW = "another battery staple"


def log_in(app: Flask, login: str, password: str = PASSWORD, **headers: str) -> Any:
    http = app.test_client(use_cookies=False)
    return http.post("/api/v1/auth/login", json={"email": login, "password": password}, headers=headers)


def get(app: Flask, path: str, token: str) -> int:
    return app.test_client(use_cookies=False).get(path, headers={"Authorization": f"Bearer {token}"}).status_code


def end_delays(app: Flask) -> None:
    """Move the end of every delay into the past."""
    from database import transaction

    with app.app_context(), transaction() as session:
        session.execute(update(LoginThrottle).values(blocked_until=now() - dt.timedelta(seconds=1)))


def test_sessions_can_be_listed_and_ended(app: Flask, user: User, stranger: User) -> None:
    other = log_in(app, user.email, **{"User-Agent": "Telephone/1.0"}).json
    sessions = user.get("/api/v1/auth/sessions").json["sessions"]
    assert [each["current"] for each in sessions].count(True) == 1
    phone = next(each for each in sessions if each["device"] == "Telephone/1.0")
    assert phone["address"] == "127.0.0.1" and phone["last_used_at"] and not phone["current"]
    assert stranger.delete(f"/api/v1/auth/sessions/{phone['id']}").status_code == 404
    assert get(app, "/list", other["access_token"]) == 200
    assert user.delete(f"/api/v1/auth/sessions/{phone['id']}").status_code == 200
    assert get(app, "/list", other["access_token"]) == 401
    assert user.get("/list").status_code == 200
    assert [each["id"] for each in user.get("/api/v1/auth/sessions").json["sessions"]] == [
        each["id"] for each in sessions if each["current"]
    ]


def test_logging_out_everywhere_ends_every_session(app: Flask, user: User) -> None:
    other = log_in(app, user.email).json
    assert user.post("/api/v1/auth/logout-everywhere").status_code == 200
    assert user.get("/list").status_code == 401
    assert get(app, "/list", other["access_token"]) == 401


def test_changing_the_password_ends_all_other_sessions(app: Flask, user: User) -> None:
    other = log_in(app, user.email).json
    wrong = user.post("/api/v1/auth/change-password", json={"current_password": "not it at all", "new_password": NEW})
    assert (wrong.status_code, wrong.json["code"]) == (401, "bad_credentials")
    assert user.post("/api/v1/auth/change-password", json={"current_password": PASSWORD, "new_password": NEW}).status_code == 200
    assert user.get("/list").status_code == 200
    assert get(app, "/list", other["access_token"]) == 401
    assert log_in(app, user.email).status_code == 401
    assert log_in(app, user.email, NEW).status_code == 200


def test_failed_logins_cause_growing_delays(app: Flask, user: User) -> None:
    for _ in range(5):
        assert log_in(app, user.email, "wrong password").status_code == 401
    response = log_in(app, user.email)
    assert (response.status_code, response.json["code"]) == (429, "too_many_attempts"), "even with the right password"
    assert 1 <= int(response.headers["Retry-After"]) <= 31
    end_delays(app)
    assert log_in(app, user.email, "wrong password").status_code == 401
    longer = int(log_in(app, user.email).headers["Retry-After"])
    assert 32 <= longer <= 61
    end_delays(app)
    assert log_in(app, user.email).status_code == 200
    assert log_in(app, user.email, "wrong password").status_code == 401, "a success resets the count"
    assert log_in(app, user.email).status_code == 200


def test_attempts_by_user_name_and_by_address_count_together(app: Flask, user: User) -> None:
    assert user.http.put("/api/v1/users/me", headers=user.headers, json={"username": "Ada"}).status_code == 200
    for login in (user.email, "ada", user.email, "ADA", user.email):
        assert log_in(app, login, "wrong password").status_code == 401
    assert [log_in(app, login).status_code for login in (user.email, "ada")] == [429, 429]


def test_login_responses_do_not_reveal_whether_an_account_exists(app: Flask, user: User) -> None:
    responses_by_login = {}
    for login in (user.email, "nobody@example.org"):
        responses = [log_in(app, login, "wrong password") for _ in range(6)]
        responses_by_login[login] = [(each.status_code, each.json["code"], each.json["hint"]) for each in responses]
    assert responses_by_login[user.email] == responses_by_login["nobody@example.org"]
    assert responses_by_login[user.email][-1][0] == 429


def test_attempts_from_one_address_are_throttled(app: Flask, user: User) -> None:
    codes = [log_in(app, f"person{number}@example.org", "wrong password").status_code for number in range(21)]
    assert codes == [401] * 20 + [429]
    assert log_in(app, user.email).status_code == 429


def test_attempts_are_counted_before_they_are_checked(app: Flask, user: User) -> None:
    """A hundred concurrent guesses must not pass before the first is counted."""
    from services.accounts import login_throttle

    with app.app_context():
        subject = login_throttle.account_subject(user.email)
        for _ in range(5):
            login_throttle.count_attempt([subject], ThrottleLimits(5, 30, 900))
        with pytest.raises(accounts.TooManyAttempts):
            login_throttle.count_attempt([subject], ThrottleLimits(5, 30, 900))


def test_ipv6_addresses_of_one_network_count_together() -> None:
    from services.accounts.login_throttle import network_subject

    assert network_subject("2001:db8:1:2::1") == network_subject("2001:db8:1:2:ffff::9") != network_subject("2001:db8:1:3::1")


def test_suspension_ends_sessions_and_cancels_jobs(app: Flask, user: User, admin: User) -> None:
    from database import session
    from models import Job
    from services.jobs import queue

    super_admin = Caller(admin.id, admin.email, "super_admin", "")
    app.extensions["lectern"].executor.shut_down(0)
    with app.app_context():
        job = queue.submit(user_id=user.id, pipeline="lecture_notes", options={})
        accounts.suspend(super_admin, user.id)
        assert session().execute(select(Job.state).where(Job.id == job.id)).scalar_one() == "cancelled"
    assert user.get("/list").status_code == 401
    assert log_in(app, user.email).status_code == 403
    with app.app_context():
        accounts.unsuspend(super_admin, user.id)
    assert user.get("/list").status_code == 401, "earlier sessions stay ended"
    assert log_in(app, user.email).status_code == 200


def test_role_changes_apply_from_the_next_request(app: Flask, user: User, admin: User) -> None:
    super_admin = Caller(admin.id, admin.email, "super_admin", "")
    assert user.get("/admin/videos").status_code == 403
    with app.app_context():
        accounts.set_role(super_admin, user.id, "admin")
    assert user.get("/admin/videos").status_code == 200
    with app.app_context():
        plain_admin = Caller(user.id, user.email, "admin", "")
        for forbidden in (lambda: accounts.set_role(plain_admin, user.id, "super_admin"), lambda: accounts.suspend(plain_admin, admin.id)):
            with pytest.raises(accounts_errors().Forbidden):
                forbidden()
        with pytest.raises(accounts_errors().Conflict, match="last super admin"):
            accounts.set_role(super_admin, admin.id, "user")
        accounts.set_role(super_admin, user.id, "user")
    assert user.get("/admin/videos").status_code == 403


def accounts_errors() -> Any:
    import errors

    return errors


def test_there_are_no_default_accounts(app: Flask) -> None:
    from database import session

    with app.app_context():
        assert session().execute(select(Row.id)).all() == []
    runner = app.test_cli_runner()
    result = runner.invoke(args=["admin", "create", "first@example.org", "--password", PASSWORD])
    assert result.exit_code == 0, result.output
    response = log_in(app, "first@example.org").json
    assert response["user"]["role"] == "super_admin"


def test_creating_an_admin_ends_the_access_of_an_earlier_registrant(app: Flask, user: User) -> None:
    key = user.post("/api/v1/api-keys", json={"name": "mine", "scopes": ["content:read"]}).json["key"]
    result = app.test_cli_runner().invoke(args=["admin", "create", user.email, "--password", "another password"])
    assert result.exit_code == 0, result.output
    assert user.get("/api/v1/auth/me").status_code == 401
    assert get(app, "/list", key) == 401
    assert log_in(app, user.email).status_code == 401
    response = app.test_client().post("/api/v1/auth/login", json={"email": user.email, "password": "another password"})
    assert response.json["user"]["role"] == "super_admin"


def test_simple_login_returns_one_token(app: Flask, user: User) -> None:
    http = app.test_client(use_cookies=False)
    wrong = http.post("/login", json={"username": user.email, "password": "wrong password"})
    assert wrong.status_code == 401 and wrong.json["msg"]
    response = http.post("/login", json={"username": user.email, "password": PASSWORD}).json
    assert response["is_admin"] is False
    assert get(app, "/list", response["access_token"]) == 200


def test_backend_login_accepts_credentials_and_access_tokens(app: Flask, user: User) -> None:
    http = app.test_client(use_cookies=False)
    by_password = http.post("/auth/login", json={"email": user.email, "password": PASSWORD})
    by_token = http.post("/auth/login", headers=user.headers)
    for response in (by_password, by_token):
        assert response.status_code == 200, response.text
        assert response.json["success"] and response.json["user"]["email"] == user.email
        assert get(app, "/list", response.json["backend_token"]) == 200
    assert by_password.json["expires_in_days"] == 3
    assert 0 < by_token.json["expires_in"] <= user.tokens["expires_in"]  # the new token does not live longer
    assert http.post("/auth/login").status_code == 401
    assert http.post("/auth/login", headers={"Authorization": "Bearer malformed"}).status_code == 401


def test_login_of_an_unknown_user_computes_as_many_hashes(app: Flask, user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """The slow part of a login runs for unknown users too; a bench measures the times."""
    from services.accounts import passwords

    class CountingHasher:
        def __init__(self) -> None:
            self.hash_lengths: list[int] = []
            self._real = passwords._hasher

        def verify(self, password_hash: str, password: str) -> bool:
            self.hash_lengths.append(len(password_hash))
            return self._real.verify(password_hash, password)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._real, name)

    passwords._dummy_hash()
    hasher = CountingHasher()
    monkeypatch.setattr(passwords, "_hasher", hasher)
    comparisons = []
    for login in (user.email, "nobody@example.org", "no-such-name", user.email.upper()):
        hasher.hash_lengths.clear()
        assert log_in(app, login, "wrong password").status_code == 401
        comparisons.append(list(hasher.hash_lengths))
    assert comparisons == [comparisons[0]] * 4 and len(comparisons[0]) == 1, "one comparison each, with hashes of the same length"
