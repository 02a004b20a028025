"""Growing pauses after failed attempts, counted in the database, so that all processes count together.

An attempt is counted before it is looked at and forgotten when it was right: guesses that come at the same moment all count
(OWASP Authentication Cheat Sheet, Login Throttling).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

import errors
from database import db, transaction
from lib.backoff import backoff_s
from lib.clock import now
from models import LoginThrottle

_FAILURES_EXPIRE_AFTER = dt.timedelta(hours=24)
_ADDRESS_FACTOR = 4  # many people may share one address


class TooManyAttempts(errors.LecternError):
    """Too many failed attempts."""

    code = "too_many_attempts"
    status = 429
    hint = "Wait as long as `Retry-After` says, then try again. A forgotten password can be reset by e-mail."

    def __init__(self, wait_s: int) -> None:
        self.retry_after_s = wait_s
        super().__init__(f"Try again in {wait_s} s.")


@dataclass(frozen=True)
class ThrottleLimits:
    """After `free` failures in a row comes a pause of `first_s` seconds; each further one doubles it, up to `most_s`."""

    free_attempts: int = 5
    first_delay_s: float = 30
    max_delay_s: float = 900

    def delay_s(self, failures: int, factor: int) -> float:
        over = failures - self.free_attempts * factor
        return 0.0 if over < 0 else backoff_s(over + 1, self.first_delay_s, max_s=self.max_delay_s)


@dataclass(frozen=True)
class Subject:
    """What attempts are counted of, as it stands in the table. `factor`: how many times as many failures are free."""

    key: str
    factor: int = 1


def account_subject(login: str) -> Subject:
    """An account by what was typed; whether there is such an account makes no difference."""
    return Subject(f"account:{hashlib.sha256(login.encode()).hexdigest()}")


def address_subject(address: str) -> Subject:
    """An address; of IPv6 the network that one customer has (RFC 6177)."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return Subject("address:unknown", _ADDRESS_FACTOR)
    shown = ip if isinstance(ip, ipaddress.IPv4Address) else ipaddress.ip_network((ip, 64), strict=False).network_address
    return Subject(f"address:{shown}", _ADDRESS_FACTOR)


def count_attempt(subjects: Sequence[Subject], limits: ThrottleLimits) -> None:
    """Count an attempt as failed for now. Raises TooManyAttempts, and counts nothing, while one of them has to pause."""
    with transaction() as writing:
        ordered = sorted(subjects, key=lambda each: (not each.key.startswith("address:"), each.key))  # one order: nobody waits in a ring
        rows = [(subject, _lock_row(writing, subject.key)) for subject in ordered]
        blocked = [row.blocked_until for _, row in rows if row.blocked_until is not None and row.blocked_until > now()]
        if blocked:
            raise TooManyAttempts(max(1, int((max(blocked) - now()).total_seconds()) + 1))
        for subject, row in rows:
            row.failures = 1 if row.last_failure_at < now() - _FAILURES_EXPIRE_AFTER else row.failures + 1
            row.last_failure_at = now()
            pause_s = limits.delay_s(row.failures, subject.factor)
            row.blocked_until = now() + dt.timedelta(seconds=pause_s) if pause_s else None


def record_success(account: Subject, address: Subject | None = None) -> None:
    """The attempt was right: the account's count begins anew, the address's is as it was before."""
    with transaction() as writing:
        if address is not None:  # first, as `count_attempt` locks it first
            row = _lock_row(writing, address.key)
            row.failures, row.blocked_until = max(0, row.failures - 1), None
        writing.execute(delete(LoginThrottle).where(LoginThrottle.subject == account.key))


def delete_expired() -> None:
    with transaction() as writing:
        writing.execute(delete(LoginThrottle).where(LoginThrottle.last_failure_at < now() - _FAILURES_EXPIRE_AFTER))


def _lock_row(writing: Session, key: str) -> LoginThrottle:
    """The row, made if there is none; on PostgreSQL locked until the transaction ends, on SQLite all writes wait for it anyhow."""
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    fresh = dialect.insert(LoginThrottle).values(subject=key, failures=0, last_failure_at=now())
    writing.execute(fresh.on_conflict_do_nothing(index_elements=["subject"]))
    return writing.get_one(LoginThrottle, key, with_for_update=True, populate_existing=True)
