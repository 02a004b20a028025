"""The ledger: transactions whose entries sum to zero. Balances are sums of entries; nothing else stores them.

Every transaction belongs to one user, whose account is locked first, so that two of them never see the same credits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

import errors
from database import insert_into
from models import CreditAccount, CreditEntry, CreditTransaction
from tables.columns import new_id


class Account(StrEnum):
    """The accounts of the ledger. A user's credits are on the first two."""

    AVAILABLE = "available"
    HELD = "held"
    ISSUED = "issued"  # where grants come from; its balance is negative
    SPENT = "spent"
    EXPIRED = "expired"
    REVOKED = "revoked"  # taken back: refunded payments, adjustments


OF_USER = (Account.AVAILABLE, Account.HELD)


@dataclass(frozen=True)
class Leg:
    """An amount on an account; a leg of a transaction. Credits keep the grant that they came from."""

    account: Account
    grant_id: str
    amount: int


@dataclass(frozen=True)
class Cause:
    """The reason of a transaction. `key` is unique: the same thing is never posted twice."""

    key: str
    kind: str
    description: str = ""
    actor: str = ""
    hold_id: str | None = None


def lock_account(session: Session, user_id: str) -> None:
    """Lock the credits of a user until the transaction ends. Call it after locks of recordings and jobs. Raises NotFound."""
    query = select(CreditAccount.user_id).where(CreditAccount.user_id == user_id).with_for_update()
    if session.execute(query).first() is None:
        session.execute(insert_into(CreditAccount, session).values(user_id=user_id).on_conflict_do_nothing())
        if session.execute(query).first() is None:
            raise errors.NotFound("user")


def move(source: Account, target: Account, parts: Sequence[tuple[str, int]]) -> list[Leg]:
    """Return the legs that move amounts between two accounts, by grant."""
    amounts = [(grant_id, amount) for grant_id, amount in parts if amount]
    return [leg for grant_id, amount in amounts for leg in (Leg(source, grant_id, -amount), Leg(target, grant_id, amount))]


def post(session: Session, user_id: str, cause: Cause, legs: Sequence[Leg]) -> None:
    """Write a transaction. The user's account must be locked. Raises ValueError unless the legs sum to zero."""
    if sum(leg.amount for leg in legs) != 0:
        raise ValueError(f"{cause.key}: the entries do not sum to zero")
    transaction_id = new_id()
    fields = {"key": cause.key, "kind": cause.kind, "description": cause.description[:500], "actor": cause.actor, "hold_id": cause.hold_id}
    session.add(CreditTransaction(id=transaction_id, user_id=user_id, **fields))
    session.flush()
    rows: list[dict[str, Any]] = [
        {"transaction_id": transaction_id, "user_id": user_id, "account": leg.account, "grant_id": leg.grant_id, "amount": leg.amount}
        for leg in legs
    ]
    if rows:
        session.execute(insert(CreditEntry), rows)


def is_posted(session: Session, key: str) -> bool:
    """Return whether the transaction with this key exists. Only under the lock of its account is the answer final."""
    return session.execute(select(CreditTransaction.id).where(CreditTransaction.key == key)).first() is not None


def by_grant(session: Session, user_id: str, account: Account) -> Mapping[str, int]:
    """Return a user's balance on an account by grant, without zeros."""
    total = func.sum(CreditEntry.amount)
    query = select(CreditEntry.grant_id, total).where(CreditEntry.user_id == user_id, CreditEntry.account == account)
    return {grant_id: int(amount) for grant_id, amount in session.execute(query.group_by(CreditEntry.grant_id).having(total != 0))}


def legs_of(session: Session, key: str, account: Account) -> list[tuple[str, int]]:
    """Return the amounts that a transaction posted on an account, by grant, in the order of its entries."""
    query = select(CreditEntry.grant_id, CreditEntry.amount).join(CreditTransaction, CreditTransaction.id == CreditEntry.transaction_id)
    rows = session.execute(query.where(CreditTransaction.key == key, CreditEntry.account == account).order_by(CreditEntry.id))
    return [(grant_id, amount) for grant_id, amount in rows]
