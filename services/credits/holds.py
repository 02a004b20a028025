"""Holds: credits are reserved before the work, and what was used of them is settled after it, or all of them are released."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

import errors
from lib.clock import now
from models import CreditHold
from services.credits import grants
from services.credits.errors import HoldEnded, InsufficientCredits
from services.credits.ledger import Account, Cause, is_posted, legs_of, lock_account, move, post

HELD, SETTLED, RELEASED = "held", "settled", "released"


def hold(session: Session, user_id: str, amount: int, description: str, *, lifetime_s: float, job_id: str | None = None) -> CreditHold:
    """Reserve credits. Raises InsufficientCredits."""
    lock_account(session, user_id)
    grants.expire(session, user_id)
    parts = grants.take(session, user_id, amount)
    if parts is None:
        available = sum(each.amount for each in grants.spendable(session, user_id))
        raise InsufficientCredits(f"This costs {amount}, and {available} are available.")
    row = CreditHold(user_id=user_id, job_id=job_id, description=description, amount=amount)
    row.expires_at = now() + dt.timedelta(seconds=lifetime_s)
    session.add(row)
    session.flush()
    cause = Cause(f"reserve:{row.id}", "reserve", description, hold_id=row.id)
    post(session, user_id, cause, move(Account.AVAILABLE, Account.HELD, parts))
    return row


def settle(session: Session, hold_id: str, used: int) -> None:
    """Spend what was used of a hold, at most all of it, and release the rest. Raises HoldEnded if it was released, NotFound."""
    row = _lock(session, hold_id)
    if row.state == SETTLED:
        return
    if row.state != HELD:
        raise HoldEnded
    used = max(0, min(used, row.amount))
    spent, rest = _split(legs_of(session, f"reserve:{hold_id}", Account.HELD), used)
    legs = move(Account.HELD, Account.SPENT, spent) + move(Account.HELD, Account.AVAILABLE, rest)
    post(session, row.user_id, Cause(f"settle:{hold_id}", "settle", row.description, hold_id=hold_id), legs)
    row.state, row.settled, row.ended_at = SETTLED, used, now()
    session.flush()
    grants.collect(session, row.user_id)


def release(session: Session, hold_id: str) -> None:
    """Give back the credits of a hold. Raises HoldEnded if it was settled, NotFound."""
    row = _lock(session, hold_id)
    if row.state == RELEASED:
        return
    if row.state != HELD:
        raise HoldEnded
    parts = legs_of(session, f"reserve:{hold_id}", Account.HELD)
    cause = Cause(f"release:{hold_id}", "release", row.description, hold_id=hold_id)
    post(session, row.user_id, cause, move(Account.HELD, Account.AVAILABLE, parts))
    row.state, row.ended_at = RELEASED, now()
    session.flush()
    grants.collect(session, row.user_id)


def refund(session: Session, hold_id: str, amount: int, *, key: str, description: str, actor: str = "") -> int:
    """Give back credits that were spent, the last ones first, once for a key. Return their number. Raises HoldEnded, NotFound."""
    row = _lock(session, hold_id)
    if is_posted(session, f"refund:{key}"):
        return 0
    if row.state != SETTLED:
        raise HoldEnded("Only credits that were spent can be refunded.")
    amount = max(0, min(amount, row.settled - row.refunded))
    spent = legs_of(session, f"settle:{hold_id}", Account.SPENT)
    _, not_yet_refunded = _split(list(reversed(spent)), row.refunded)
    parts, _ = _split(not_yet_refunded, amount)
    cause = Cause(f"refund:{key}", "refund", description, actor, hold_id)
    post(session, row.user_id, cause, move(Account.SPENT, Account.AVAILABLE, parts))
    row.refunded += amount
    session.flush()
    grants.collect(session, row.user_id)
    return amount


def open_of_job(session: Session, job_id: str) -> CreditHold | None:
    """Return the hold of a job that has not ended."""
    query = select(CreditHold).where(CreditHold.job_id == job_id, CreditHold.state == HELD)
    return session.execute(query).scalars().first()


def _lock(session: Session, hold_id: str) -> CreditHold:
    user_id = session.execute(select(CreditHold.user_id).where(CreditHold.id == hold_id)).scalar_one_or_none()
    if user_id is None:
        raise errors.NotFound("hold")
    lock_account(session, user_id)
    return session.get_one(CreditHold, hold_id, populate_existing=True)


def _split(parts: Sequence[tuple[str, int]], amount: int) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """Divide amounts by grant into the first `amount` credits and the rest."""
    first, rest = list[tuple[str, int]](), list[tuple[str, int]]()
    for grant_id, available in parts:
        part = min(amount, available)
        amount -= part
        first.append((grant_id, part))
        rest.append((grant_id, available - part))
    return first, rest
