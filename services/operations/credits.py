"""Credits and plans of users, changed by admins. Every change has a reason and stands in the audit log."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import func, select

import errors
from database import session, transaction
from models import CreditEntry, CreditHold, PaymentEvent, Subscription, User
from services.accounts import Caller
from services.credits import grants, holds
from services.credits.errors import TooFewCredits
from services.credits.grants import NewGrant, Source
from services.credits.ledger import Account, Cause, lock_account, move, post
from services.operations import audit
from services.subscriptions import entitlements
from services.subscriptions.plans import PlanTable
from tables.columns import new_id


@dataclass(frozen=True)
class Totals:
    """Sums of the whole ledger, in credits; together they are 0. `issued` is negative."""

    issued: int
    available: int
    held: int
    spent: int
    expired: int
    revoked: int


@dataclass(frozen=True)
class BillingStatus:
    """The ledger, the number of subscriptions in effect by plan, and events of payments that could not be handled yet."""

    totals: Totals
    subscriptions: dict[str, int]
    waiting_events: int
    last_event_error: str


def adjust(caller: Caller, user_id: str, amount: int, reason: str, *, expires_at: dt.datetime | None = None) -> None:
    """Give credits to a user, or take them away if `amount` is negative. Raises NotFound and TooFewCredits."""
    with transaction() as write_session:
        _find_user(user_id)
        key, actor = new_id(), caller.email
        if amount >= 0:
            grants.add(write_session, user_id, NewGrant(key, Source.ADJUSTMENT, amount, reason, actor=actor, expires_at=expires_at))
        else:
            lock_account(write_session, user_id)
            parts = grants.take(write_session, user_id, -amount)
            if parts is None:
                raise TooFewCredits
            cause = Cause(f"adjust:{key}", "adjustment", reason, actor)
            post(write_session, user_id, cause, move(Account.AVAILABLE, Account.REVOKED, parts))
        audit.record(write_session, caller, "credits.adjust", ("user", user_id), after={"amount": amount, "reason": reason})


def refund(caller: Caller, hold_id: str, amount: int | None, reason: str) -> int:
    """Give back credits that a job has used, by default all of them. Return their number. Raises NotFound and HoldEnded."""
    with transaction() as write_session:
        hold = write_session.get(CreditHold, hold_id)
        if hold is None:
            raise errors.NotFound("hold")
        refund_amount = hold.settled if amount is None else amount
        refund_credits = holds.refund(write_session, hold_id, refund_amount, key=new_id(), description=reason, actor=caller.email)
        after = {"amount": refund_credits, "reason": reason, "job_id": hold.job_id}
        audit.record(write_session, caller, "credits.refund", ("user", hold.user_id), after=after)
        return refund_credits


def set_plan(caller: Caller, user_id: str, plan: str | None, until: dt.datetime | None, plans: PlanTable) -> None:
    """Give a user a plan without payment, or take it away (None). A paid subscription stays. Raises NotFound."""
    new_plan = plans.get(plan) if plan else None
    with transaction() as write_session:
        _find_user(user_id)
        row = write_session.get(Subscription, f"{entitlements.MANUAL}:{user_id}", with_for_update=True)
        before = {"plan": row.plan if row else None}
        if new_plan is None:
            if row is not None:
                write_session.delete(row)
        else:
            row = row or Subscription(id=f"{entitlements.MANUAL}:{user_id}", user_id=user_id, status=entitlements.MANUAL)
            row.plan, row.plan_rank, row.priority, row.entitled_until = new_plan.name, plans.rank(new_plan.name), new_plan.priority, until
            row.quota_bytes, row.quota_jobs, row.quota_uploads = new_plan.quota_bytes, new_plan.quota_jobs, new_plan.quota_uploads
            write_session.add(row)
        audit.record(write_session, caller, "plan.set", ("user", user_id), before, {"plan": plan})


def manual_plan(user_id: str) -> str | None:
    """Return the plan that an admin gave a user, while it is in effect."""
    query = select(Subscription.plan).where(Subscription.id == f"{entitlements.MANUAL}:{user_id}", entitlements.is_entitled())
    return session().execute(query).scalar_one_or_none()


def holds_of(user_id: str, limit: int = 50) -> list[CreditHold]:
    """Return the newest holds of a user. Raises NotFound."""
    _find_user(user_id)
    query = select(CreditHold).where(CreditHold.user_id == user_id).order_by(CreditHold.created_at.desc(), CreditHold.id).limit(limit)
    return list(session().execute(query).scalars())


def status() -> BillingStatus:
    """Return the state of credits and payments of the whole server."""
    total = func.sum(CreditEntry.amount)
    sums = {account: int(amount) for account, amount in session().execute(select(CreditEntry.account, total).group_by(CreditEntry.account))}
    by_plan = select(Subscription.plan, func.count()).where(entitlements.is_entitled()).group_by(Subscription.plan)
    query = select(func.count(), func.max(PaymentEvent.error)).where(PaymentEvent.due_at.is_not(None))
    events, error = session().execute(query).one()
    totals = Totals(**{account.value: sums.get(account, 0) for account in Account})
    return BillingStatus(totals, {row[0]: row[1] for row in session().execute(by_plan)}, events, error or "")


def _find_user(user_id: str) -> User:
    user = session().get(User, user_id)
    if user is None:
        raise errors.NotFound("user")
    return user
