"""Concurrent requests: guesses, refreshes, uses of one e-mail token. Each has its own thread and connection."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import delete, select

import errors
from database import transaction
from models import EmailToken
from models import User as Row
from services.accounts import ThrottleLimits, TooManyAttempts, account_emails, login_throttle, users
from tests.concurrency import run_concurrently
from tests.conftest import PASSWORD, User


def test_concurrent_guesses_all_count(app: Flask) -> None:
    subjects = (login_throttle.account_subject("ada@example.org"), login_throttle.network_subject("192.0.2.1"))
    results = run_concurrently(app, lambda _: login_throttle.count_attempt(subjects, ThrottleLimits(free_attempts=5)))
    assert [each for each in results if each is None] == [None] * 5
    assert sum(isinstance(each, TooManyAttempts) for each in results) == 3


def test_concurrent_successes_and_failures_do_not_deadlock(app: Flask) -> None:
    address = login_throttle.network_subject("192.0.2.1")

    def log_in(number: int) -> None:
        subject = login_throttle.account_subject(f"user{number % 2}@example.org")
        login_throttle.count_attempt((subject, address), ThrottleLimits(free_attempts=100))
        login_throttle.record_success(subject, address)

    assert run_concurrently(app, log_in) == [None] * 8


def test_concurrent_refreshes_of_one_token_all_succeed(app: Flask, user: User) -> None:
    def refresh(_: int) -> int:
        http = app.test_client(use_cookies=False)
        return http.post("/api/v1/auth/refresh", json={"refresh_token": user.tokens["refresh_token"]}).status_code

    assert run_concurrently(app, refresh, 4) == [200] * 4
    assert user.get("/list").status_code == 200


def test_concurrent_requests_for_one_name_succeed_once(app: Flask, user: User) -> None:
    """The others get AlreadyRegistered, whether the first committed before or after their check."""
    others = [User(app, f"user{number}@example.org") for number in range(4)]
    for _ in range(3):
        results = run_concurrently(
            app, lambda _: users.register(email="grace@example.org", password="seven unrelated herons", username="grace"), 4
        )
        assert sum(isinstance(each, Row) for each in results) == 1
        assert sum(isinstance(each, errors.AlreadyRegistered) for each in results) == 3
        with app.app_context(), transaction() as session:
            session.execute(delete(Row).where(Row.email == "grace@example.org"))

    def rename(number: int) -> int:
        other = others[number]
        return other.http.put("/api/v1/users/me", json={"username": "the-one"}, headers=other.headers).status_code

    assert sorted(run_concurrently(app, rename, 4)) == [200, 409, 409, 409]


def test_concurrent_uses_of_the_static_token_create_one_account(app: Flask) -> None:
    results = run_concurrently(app, lambda _: users.static_caller("fixed@example.org", is_admin=False).user_id, 4)
    assert len(set(results)) == 1


def test_the_static_token_ignores_a_user_name_equal_to_its_address(app: Flask, user: User) -> None:
    assert user.http.put("/api/v1/users/me", json={"username": "static"}, headers=user.headers).status_code == 200
    with app.app_context():
        assert users.static_caller("static", is_admin=True).user_id != user.id


def test_an_email_token_works_once_for_concurrent_requests(app: Flask, user: User) -> None:
    from database import session

    with app.app_context():
        email = account_emails.verification_email(user.email, "https://example.org/#verify=")
        assert email is not None
        token = email.text.partition("#verify=")[2].split()[0]
        assert session().execute(select(EmailToken.user_id)).scalar_one() == user.id
    results = run_concurrently(app, lambda _: account_emails.verify(account_emails.hash_token(token)))
    assert results.count(None) == 1
    assert sum(isinstance(each, account_emails.LinkExpired) for each in results) == 7
    with app.app_context():
        assert session().get_one(Row, user.id).email_verified


def test_concurrent_password_changes_with_one_password_succeed_once(app: Flask, user: User) -> None:
    def change(number: int) -> int:
        body = {"current_password": PASSWORD, "new_password": f"another correct horse {number}"}
        http = app.test_client(use_cookies=False)
        return http.post("/api/v1/auth/change-password", json=body, headers=user.headers).status_code

    assert sorted(run_concurrently(app, change, count=4)) == [200, 401, 401, 401]
