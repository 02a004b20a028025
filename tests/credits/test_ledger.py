"""The ledger: it balances after any operations and crashes, and no credit is spent twice."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

import errors
from bench.credits.ledger_run import LedgerRun
from database import end_read, session, transaction
from lib.clock import now
from models import CreditHold
from services import accounts
from services.accounts import deletion
from services.credits import grants, holds
from services.credits.balances import balance
from services.credits.errors import InsufficientCredits
from services.credits.grants import NewGrant, Source
from services.credits.statements import as_csv, statement
from tests.applications import end_test

_OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(["grant", "hold", "hold", "settle", "release", "refund", "revoke", "expire"]),
        st.integers(0, 20),
        st.integers(1, 30),
        st.sampled_from(["", "", "before", "after"]),
    ),
    min_size=8,
    max_size=40,
)


@pytest.fixture
def idle(app: Flask) -> Iterator[Flask]:
    end_test(app)
    with app.app_context():
        yield app


def new_user(name: str = "ada") -> str:
    return accounts.register(email=f"{name}@example.org", password="long enough").id


def give(user_id: str, amount: int, key: str = "first", **fields: object) -> None:
    with transaction() as write_session:
        assert grants.add(write_session, user_id, NewGrant(f"{user_id}:{key}", Source.BOUGHT, amount, "Bought", **fields))


def test_the_books_balance_after_any_operations_and_crashes(idle: Flask) -> None:
    numbers = iter(range(10_000))

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
    @given(_OPERATIONS)
    def check(operations: list[tuple[str, int, int, str]]) -> None:
        run = LedgerRun(new_user(f"user{next(numbers)}"))
        run.apply("grant", 0, 100, "")
        for operation in operations:
            run.apply(*operation)
        run.check_books()

    check()


def test_fifty_threads_cannot_spend_more_than_there_is(idle: Flask) -> None:
    user_id = new_user()
    give(user_id, 30)
    results: list[str] = []
    barrier = threading.Barrier(50)

    def spend(number: int) -> None:
        barrier.wait()
        with idle.app_context():
            try:
                with transaction() as write_session:
                    hold = holds.hold(write_session, user_id, 3, "lesson", lifetime_s=60)
                    hold_id = hold.id
                with transaction() as write_session:
                    if number % 2:
                        holds.settle(write_session, hold_id, 3)
                results.append("held")
            except InsufficientCredits:
                results.append("refused")

    threads = [threading.Thread(target=spend, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (results.count("held"), results.count("refused")) == (10, 40)
    end_read()
    present_balance = balance(session(), user_id)
    settled_count = session().query(CreditHold).filter_by(state="settled").count()
    assert (present_balance.available, present_balance.held) == (0, 3 * (10 - settled_count))


def test_credits_that_expire_are_spent_before_bought_ones(idle: Flask) -> None:
    user_id = new_user()
    give(user_id, 10, "bought")
    with transaction() as write_session:
        month = now() + dt.timedelta(days=30)
        grants.add(write_session, user_id, NewGrant("plan", Source.PLAN, 5, "November", expires_at=month))
        later = now() + dt.timedelta(days=1)
        grants.add(write_session, user_id, NewGrant("next", Source.PLAN, 50, "December", starts_at=later))
    with transaction() as write_session:
        hold_id = holds.hold(write_session, user_id, 7, "lesson", lifetime_s=60).id
    present_balance = balance(session(), user_id)
    assert (present_balance.settled, present_balance.held, present_balance.available) == (15, 7, 8)
    assert [(each.source, each.remaining) for each in present_balance.grants] == [("bought", 8)]
    with transaction() as write_session:
        holds.settle(write_session, hold_id, 6)
    assert [(each.source, each.remaining) for each in balance(session(), user_id).grants] == [("bought", 9)]
    with pytest.raises(InsufficientCredits, match="10, and 9 are available"), transaction() as write_session:
        holds.hold(write_session, user_id, 10, "lesson", lifetime_s=60)


def test_the_statement_shows_what_changed_the_settled_balance(idle: Flask) -> None:
    user_id = new_user()
    give(user_id, 10)
    with transaction() as write_session:
        used_id, released_id = (holds.hold(write_session, user_id, 4, "=cmd()", lifetime_s=60).id for _ in range(2))
        holds.settle(write_session, used_id, 3)
        holds.release(write_session, released_id)
        holds.refund(write_session, used_id, 1, key="once", description="An apology", actor="boss@example.org")
    account_statement = statement(session(), user_id, f"{now():%Y-%m}")
    assert [(line.kind, line.amount, line.balance) for line in account_statement.lines] == [
        ("grant", 10, 10),
        ("settle", -3, 7),
        ("refund", 1, 8),
    ]
    assert (account_statement.opening, account_statement.closing) == (0, 8)
    assert statement(session(), user_id, "2001-02").lines == []
    assert "'=cmd()" in as_csv(account_statement)
    with pytest.raises(errors.ValidationFailed):
        statement(session(), user_id, "2026-13")


def test_the_ledger_cannot_be_changed_but_goes_with_its_user(idle: Flask) -> None:
    user_id = new_user()
    give(user_id, 10)
    for table in ("credit_entries", "credit_transactions"):
        with pytest.raises(DBAPIError, match="append-only"), transaction() as write_session:
            write_session.execute(text(f"UPDATE {table} SET user_id = user_id"))
    deletion.delete_user(user_id, idle.extensions["lectern"].store)
    assert session().execute(text("SELECT count(*) FROM credit_entries")).scalar_one() == 0
