"""Grants that are due without a payment. They are given when a user's credits are looked at or charged."""

from __future__ import annotations

from sqlalchemy.orm import Session

from lib.clock import now
from services.credits import grants
from services.credits.grants import NewGrant, Source
from services.credits.ledger import is_posted
from services.credits.policy import CreditPolicy
from services.credits.statements import month_bounds
from services.subscriptions import entitlements


def is_due(session: Session, user_id: str, policy: CreditPolicy) -> bool:
    """Return whether `give_due` would give something."""
    return any(not is_posted(session, f"grant:{each.key}") for each in _due(session, user_id, policy))


def give_due(session: Session, user_id: str, policy: CreditPolicy) -> None:
    """Grant the credits that are due: those of a new user, and those of the calendar month of a plan without payment."""
    for each in _due(session, user_id, policy):
        grants.add(session, user_id, each)


def _due(session: Session, user_id: str, policy: CreditPolicy) -> list[NewGrant]:
    new_grants = list[NewGrant]()
    if policy.welcome_credits:
        new_grants.append(NewGrant(f"welcome:{user_id}", Source.WELCOME, policy.welcome_credits, "Welcome"))
    subscription = entitlements.current(session, user_id)
    if subscription is not None and subscription.status != entitlements.MANUAL:
        return new_grants  # its invoices give them
    plan = next((each for each in policy.plans if subscription is not None and each.name == subscription.plan), policy.plans[0])
    if plan.monthly_credits:
        month = f"{now():%Y-%m}"
        start, end = month_bounds(month)
        text = f"Plan {plan.title or plan.name}, {month}"
        key = f"month:{user_id}:{month}:{plan.name}"
        new_grants.append(NewGrant(key, Source.PLAN, plan.monthly_credits, text, starts_at=start, expires_at=end))
    return new_grants
