"""Balances of users: settled, held and available credits. A running job reduces only the last."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import CreditEntry, CreditGrant
from services.credits import grants
from services.credits.ledger import Account


@dataclass(frozen=True)
class GrantBalance:
    """A grant: `amount` are its credits, `remaining` those that can still be spent."""

    source: str
    amount: int
    remaining: int
    starts_at: dt.datetime
    expires_at: dt.datetime | None


@dataclass(frozen=True)
class Balance:
    """`settled` is `available` and `held` together. `expires_at`: when the next of them expire. `grants`: in the order of spending."""

    available: int
    held: int
    grants: Sequence[GrantBalance] = ()

    @property
    def settled(self) -> int:
        return self.available + self.held

    @property
    def expires_at(self) -> dt.datetime | None:
        return min((each.expires_at for each in self.grants if each.expires_at), default=None)


def balance(session: Session, user_id: str) -> Balance:
    """Return a user's balance. Credits that have expired, or whose time has not come, do not count."""
    grant_balances = [_to_grant_balance(each.grant, each.amount) for each in grants.spendable(session, user_id)]
    query = select(func.coalesce(func.sum(CreditEntry.amount), 0)).where(
        CreditEntry.user_id == user_id, CreditEntry.account == Account.HELD
    )
    return Balance(sum(each.remaining for each in grant_balances), int(session.execute(query).scalar_one()), grant_balances)


def _to_grant_balance(grant: CreditGrant, amount: int) -> GrantBalance:
    return GrantBalance(grant.source, grant.amount, amount, grant.starts_at, grant.expires_at)
