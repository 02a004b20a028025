"""Grants: where credits come from, in which order they are spent, how they expire and how they are taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from lib.clock import now
from lib.paging import count_rows
from models import CreditGrant, CreditTransaction
from services.credits.ledger import Account, Cause, by_grant, is_posted, lock_account, move, post


class Source(StrEnum):
    """The purpose of a grant. PRIORITIES says which is spent first."""

    PLAN = "plan"
    WELCOME = "welcome"
    ADJUSTMENT = "adjustment"
    BOUGHT = "bought"


PRIORITIES = {Source.PLAN: 10, Source.WELCOME: 20, Source.ADJUSTMENT: 30, Source.BOUGHT: 40}


@dataclass(frozen=True)
class NewGrant:
    """Credits to give. `key` makes the grant happen once; it starts now, and never expires, unless times are given."""

    key: str
    source: Source
    amount: int
    description: str
    reference: str = ""
    actor: str = ""
    starts_at: dt.datetime | None = None
    expires_at: dt.datetime | None = None


@dataclass(frozen=True)
class Spendable:
    """A grant with the credits of it that can be spent now."""

    grant: CreditGrant
    amount: int


def add(session: Session, user_id: str, new: NewGrant) -> bool:
    """Give credits. Return False if this grant was given before. Raises NotFound."""
    lock_account(session, user_id)
    if is_posted(session, f"grant:{new.key}"):
        return False
    starts_at = new.starts_at or now()
    grant = CreditGrant(
        user_id=user_id,
        source=new.source,
        reference=new.reference,
        amount=new.amount,
        priority=PRIORITIES[new.source],
        starts_at=starts_at,
        expires_at=new.expires_at,
    )
    session.add(grant)
    session.flush()
    cause = Cause(f"grant:{new.key}", "grant", new.description, new.actor)
    post(session, user_id, cause, move(Account.ISSUED, Account.AVAILABLE, [(grant.id, new.amount)]))
    return True


def spendable(session: Session, user_id: str) -> Sequence[Spendable]:
    """Return the grants that can be spent now, in the order in which they are spent."""
    at = now()
    is_live = (CreditGrant.starts_at <= at, or_(CreditGrant.expires_at.is_(None), CreditGrant.expires_at > at))
    order = (CreditGrant.priority, CreditGrant.expires_at.is_(None), CreditGrant.expires_at, CreditGrant.created_at, CreditGrant.id)
    amounts = by_grant(session, user_id, Account.AVAILABLE)
    live = session.execute(select(CreditGrant).where(CreditGrant.user_id == user_id, *is_live).order_by(*order)).scalars()
    return [Spendable(grant, amounts[grant.id]) for grant in live if amounts.get(grant.id, 0) > 0]


def take(session: Session, user_id: str, amount: int) -> list[tuple[str, int]] | None:
    """Return which credits to spend for an amount, by grant; None if there are too few. The account must be locked."""
    parts = list[tuple[str, int]]()
    for each in spendable(session, user_id):
        part = min(amount, each.amount)
        if part:
            parts.append((each.grant.id, part))
        amount -= part
    return None if amount > 0 else parts


def expire(session: Session, user_id: str) -> int:
    """Post what has expired of a user's grants; credits that a hold released later expire again. Return their number."""
    lock_account(session, user_id)
    amounts = by_grant(session, user_id, Account.AVAILABLE)
    query = select(CreditGrant.id).where(CreditGrant.user_id == user_id, CreditGrant.expires_at <= now()).order_by(CreditGrant.id)
    total = 0
    for grant_id in session.execute(query).scalars().all():
        if amount := amounts.get(grant_id, 0):
            prefix = f"expire:{grant_id}:"
            times = count_rows(CreditTransaction, CreditTransaction.key.startswith(prefix))
            cause = Cause(f"{prefix}{times + 1}", "expire", "Expired")
            post(session, user_id, cause, move(Account.AVAILABLE, Account.EXPIRED, [(grant_id, amount)]))
            total += amount
    return total


def revoke(session: Session, grant: CreditGrant, amount: int, cause: Cause) -> int:
    """Take back credits of a grant, at most those that are neither spent nor held. Return their number, 0 if the cause was posted."""
    lock_account(session, grant.user_id)
    if is_posted(session, cause.key):
        return 0
    credits = min(amount, by_grant(session, grant.user_id, Account.AVAILABLE).get(grant.id, 0))
    post(session, grant.user_id, cause, move(Account.AVAILABLE, Account.REVOKED, [(grant.id, credits)]))
    return credits


def collect(session: Session, user_id: str) -> None:
    """Take back what a user's grants owe, as far as it is available again. The account must be locked."""
    owing = select(CreditGrant).where(CreditGrant.user_id == user_id, CreditGrant.owed > 0).order_by(CreditGrant.id)
    for grant in session.execute(owing.execution_options(populate_existing=True)).scalars().all():
        prefix = collection_prefix(grant.id)
        times = count_rows(CreditTransaction, CreditTransaction.key.startswith(prefix))
        cause = Cause(f"{prefix}{times + 1}", "revoke", "Payment refunded")
        if by_grant(session, user_id, Account.AVAILABLE).get(grant.id, 0) > 0:
            grant.owed -= revoke(session, grant, grant.owed, cause)
            session.flush()


def collection_prefix(grant_id: str) -> str:
    """Return the beginning of the keys of transactions that take back what a grant owes."""
    return f"collect:{grant_id}:"
