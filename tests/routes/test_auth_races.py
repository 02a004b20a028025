"""Many at the same moment: guesses, refreshes, readers of one mail. Each on a thread and a connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy import delete, select

import errors
from database import transaction
from models import EmailToken
from models import User as Row
from services.accounts import ThrottleLimits, TooManyAttempts, account_emails, login_throttle, users
from tests.conftest import User


def at_once(app: Flask, work: Callable[[int], Any], many: int = 8) -> list[Any]:
    """What each of them got, an error of ours included."""
    start, results = threading.Barrier(many), [None] * many

    def one(number: int) -> None:
        with app.app_context():
            start.wait(60)
            try:
                results[number] = work(number)
            except errors.LecternError as error:
                results[number] = error

    threads = [threading.Thread(target=one, args=(number,)) for number in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def test_guesses_at_the_same_moment_all_count(app: Flask) -> None:
    subjects = (login_throttle.account_subject("ada@example.org"), login_throttle.address_subject("192.0.2.1"))
    got = at_once(app, lambda _: login_throttle.count_attempt(subjects, ThrottleLimits(free_attempts=5)))
    assert [each for each in got if each is None] == [None] * 5
    assert sum(isinstance(each, TooManyAttempts) for each in got) == 3


def test_successes_and_failures_do_not_wait_in_a_ring(app: Flask) -> None:
    address = login_throttle.address_subject("192.0.2.1")

    def log_in(number: int) -> None:
        subject = login_throttle.account_subject(f"user{number % 2}@example.org")
        login_throttle.count_attempt((subject, address), ThrottleLimits(free_attempts=100))
        login_throttle.record_success(subject, address)

    assert at_once(app, log_in) == [None] * 8


def test_tabs_that_refresh_at_the_same_moment_all_stay_in(app: Flask, user: User) -> None:
    def refresh(_: int) -> int:
        http = app.test_client(use_cookies=False)
        return http.post("/api/v1/auth/refresh", json={"refresh_token": user.tokens["refresh_token"]}).status_code

    assert at_once(app, refresh, 4) == [200] * 4
    assert user.get("/list").status_code == 200


def test_a_name_is_given_once_to_all_who_ask_for_it_at_the_same_moment(app: Flask, user: User) -> None:
    """Whoever comes second is told that it is taken, whether the first was there before or is there since."""
    others = [User(app, f"user{number}@example.org") for number in range(4)]
    for _ in range(3):
        got = at_once(app, lambda _: users.register(email="grace@example.org", password="seven unrelated herons", username="grace"), 4)
        assert sum(isinstance(each, Row) for each in got) == 1
        assert sum(isinstance(each, errors.AlreadyRegistered) for each in got) == 3
        with app.app_context(), transaction() as writing:
            writing.execute(delete(Row).where(Row.email == "grace@example.org"))

    def rename(number: int) -> int:
        other = others[number]
        return other.http.put("/api/v1/users/me", json={"username": "the-one"}, headers=other.headers).status_code

    assert sorted(at_once(app, rename, 4)) == [200, 409, 409, 409]


def test_a_fixed_token_makes_its_account_once(app: Flask) -> None:
    got = at_once(app, lambda _: users.static_caller("fixed@example.org", is_admin=False).user_id, 4)
    assert len(set(got)) == 1


def test_a_fixed_token_is_nobody_who_has_its_address_for_a_user_name(app: Flask, user: User) -> None:
    assert user.http.put("/api/v1/users/me", json={"username": "static"}, headers=user.headers).status_code == 200
    with app.app_context():
        assert users.static_caller("static", is_admin=True).user_id != user.id


def test_of_all_who_read_a_mail_one_spends_it(app: Flask, user: User) -> None:
    from database import session

    with app.app_context():
        letter = account_emails.verification_email(user.email, "https://example.org/#verify=")
        assert letter is not None
        token = letter.text.partition("#verify=")[2].split()[0]
        assert session().execute(select(EmailToken.user_id)).scalar_one() == user.id
    got = at_once(app, lambda _: account_emails.verify(account_emails.hash_token(token)))
    assert got.count(None) == 1
    assert sum(isinstance(each, account_emails.LinkExpired) for each in got) == 7
    with app.app_context():
        assert session().get_one(Row, user.id).email_verified
