"""Overviews of credits for users and admins."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from database import end_read, session, transaction
from models import CreditEntry, CreditTransaction
from services.credits.balances import Balance, balance
from services.credits.due_grants import give_due, is_due
from services.credits.ledger import OF_USER
from services.credits.policy import CreditPolicy
from services.subscriptions import entitlements

_MAX_RECENT = 20


@dataclass(frozen=True)
class Movement:
    """A change of the settled balance."""

    at: dt.datetime
    kind: str
    description: str
    amount: int


@dataclass(frozen=True)
class CreditOverview:
    """A user's plan, balance and newest movements. Without CREDITS_ENABLED everything is 0 unless credits were used before."""

    is_enabled: bool
    plan: str
    balance: Balance
    is_low: bool
    movements: Sequence[Movement]


def show(user_id: str, policy: CreditPolicy) -> CreditOverview:
    """Return the overview of a user; credits that are due are given first."""
    if policy.is_enabled and is_due(session(), user_id, policy):
        end_read()
        with transaction() as write_session:
            give_due(write_session, user_id, policy)
    current_balance = balance(session(), user_id)
    is_low = policy.is_enabled and current_balance.available < policy.low_balance
    return CreditOverview(policy.is_enabled, plan_name(session(), user_id, policy), current_balance, is_low, _newest(session(), user_id))


def standing(user_id: str, policy: CreditPolicy) -> tuple[int, str]:
    """Return a user's settled credits (0 while credits are off) and plan, for the account in responses."""
    credit_balance = show(user_id, policy).balance.settled if policy.is_enabled else 0
    return credit_balance, plan_name(session(), user_id, policy)


def plan_name(session: Session, user_id: str, policy: CreditPolicy) -> str:
    """Return the name of the plan that a user has now."""
    subscription = entitlements.current(session, user_id)
    return subscription.plan if subscription else policy.plans[0].name


def _newest(session: Session, user_id: str) -> list[Movement]:
    net = func.sum(CreditEntry.amount)
    columns = (CreditTransaction.created_at, CreditTransaction.kind, CreditTransaction.description)
    query = (
        select(*columns, net)
        .join(CreditEntry, CreditEntry.transaction_id == CreditTransaction.id)
        .where(CreditTransaction.user_id == user_id, CreditEntry.account.in_(OF_USER))
        .group_by(CreditTransaction.id, *columns)
        .having(net != 0)
        .order_by(CreditTransaction.created_at.desc(), func.min(CreditEntry.id).desc())
    )
    return [Movement(at, kind, description, int(amount)) for at, kind, description, amount in session.execute(query.limit(_MAX_RECENT))]
