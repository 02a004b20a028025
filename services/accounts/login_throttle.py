"""Login throttling: growing delays after failed attempts, counted in the database for all processes.

An attempt is counted before the password is checked and uncounted on success, so that concurrent guesses all count
(OWASP Authentication Cheat Sheet, Login Throttling).
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete
from sqlalchemy.orm import Session

import errors
from database import insert_into, transaction
from lib.backoff import backoff_s
from lib.clock import now
from lib.hosts import client_network
from models import LoginThrottle

_FAILURES_EXPIRE_AFTER = dt.timedelta(hours=24)
_ADDRESS_FACTOR = 4  # many people may share one address


class TooManyAttempts(errors.LecternError):
    """Too many failed attempts."""

    code = "too_many_attempts"
    status = 429
    hint = "Wait for the time in `Retry-After`, then try again. You can reset a forgotten password by e-mail."

    def __init__(self, wait_s: int) -> None:
        self.retry_after_s = wait_s
        super().__init__(f"Try again in {wait_s} s.")


@dataclass(frozen=True)
class ThrottleLimits:
    """After `free_attempts` failures in a row a delay of `first_delay_s` applies, doubled by each further failure up to `max_delay_s`."""

    free_attempts: int = 5
    first_delay_s: float = 30
    max_delay_s: float = 900

    def delay_s(self, failures: int, factor: int) -> float:
        over = failures - self.free_attempts * factor
        return 0.0 if over < 0 else backoff_s(over + 1, self.first_delay_s, max_s=self.max_delay_s)


@dataclass(frozen=True)
class Subject:
    """An account or address whose attempts are counted. `factor` multiplies the number of free attempts."""

    key: str
    factor: int = 1


def account_subject(login: str) -> Subject:
    """Return the subject for a login name, whether there is such an account or not."""
    return Subject(f"account:{hashlib.sha256(login.encode()).hexdigest()}")


def network_subject(ip_address: str) -> Subject:
    """Return the subject for a client address; for IPv6 its /64 network."""
    try:
        return Subject(f"address:{client_network(ip_address)}", _ADDRESS_FACTOR)
    except ValueError:
        return Subject("address:unknown", _ADDRESS_FACTOR)


def known_network_subject(account: Subject, network: Subject) -> Subject:
    """Return the subject for attempts at an account from a network where its owner has logged in before."""
    return Subject(f"known:{hashlib.sha256(f'{account.key} {network.key}'.encode()).hexdigest()}")


def count_attempt(subjects: Sequence[Subject], limits: ThrottleLimits) -> None:
    """Count an attempt as failed until it succeeds. Raise TooManyAttempts, and count nothing, while a subject is blocked."""
    with transaction() as session:
        rows = [(subject, _lock_row(session, subject.key)) for subject in sorted(subjects, key=_lock_order)]
        block_ends = [row.blocked_until for _, row in rows if row.blocked_until is not None and row.blocked_until > now()]
        if block_ends:
            raise TooManyAttempts(max(1, int((max(block_ends) - now()).total_seconds()) + 1))
        for subject, row in rows:
            row.failures = 1 if row.last_failure_at < now() - _FAILURES_EXPIRE_AFTER else row.failures + 1
            row.last_failure_at = now()
            delay_s = limits.delay_s(row.failures, subject.factor)
            row.blocked_until = now() + dt.timedelta(seconds=delay_s) if delay_s else None


def record_success(account: Subject, *other_subjects: Subject) -> None:
    """Reset the count of the account and take back the attempt of the others, such as its address."""
    with transaction() as session:
        _take_back(session, other_subjects)  # before the account: same lock order as count_attempt
        session.execute(delete(LoginThrottle).where(LoginThrottle.subject == account.key))


def unblock(login: str, ip_address: str) -> None:
    """Reset the counts of an account whose owner has set a new password by e-mail, for their network too. That of the address stays."""
    account = account_subject(login)
    subjects = (account.key, known_network_subject(account, network_subject(ip_address)).key)
    with transaction() as session:
        session.execute(delete(LoginThrottle).where(LoginThrottle.subject.in_(subjects)))


def take_back(subjects: Sequence[Subject]) -> None:
    """Uncount an attempt whose password was not checked."""
    with transaction() as session:
        _take_back(session, subjects)


def _take_back(session: Session, subjects: Sequence[Subject]) -> None:
    """Uncount an attempt. It was let in, so no subject was blocked before it."""
    for subject in sorted(subjects, key=_lock_order):
        row = _lock_row(session, subject.key)
        row.failures, row.blocked_until = max(0, row.failures - 1), None


def _lock_order(subject: Subject) -> tuple[bool, str]:
    """Sort addresses before accounts: one order for all transactions, so that none waits for another in a circle."""
    return not subject.key.startswith("address:"), subject.key


def delete_expired() -> None:
    with transaction() as session:
        session.execute(delete(LoginThrottle).where(LoginThrottle.last_failure_at < now() - _FAILURES_EXPIRE_AFTER))


def _lock_row(session: Session, key: str) -> LoginThrottle:
    """Return the row, created if missing, and lock it until the transaction ends. SQLite locks the database for each write."""
    new_row = insert_into(LoginThrottle, session).values(subject=key, failures=0, last_failure_at=now())
    session.execute(new_row.on_conflict_do_nothing(index_elements=["subject"]))
    return session.get_one(LoginThrottle, key, with_for_update=True, populate_existing=True)
