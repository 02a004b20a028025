"""Grants that are due without a payment. They are given when a user's credits are looked at or charged."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.credits import grants
from services.credits.grants import NewGrant, Source
from services.credits.ledger import is_posted
from services.credits.policy import CreditPolicy


def is_due(session: Session, user_id: str, policy: CreditPolicy) -> bool:
    """Return whether `give_due` would give something."""
    return any(not is_posted(session, f"grant:{each.key}") for each in _due(user_id, policy))


def give_due(session: Session, user_id: str, policy: CreditPolicy) -> None:
    """Give what is due."""
    for each in _due(user_id, policy):
        grants.add(session, user_id, each)


def _due(user_id: str, policy: CreditPolicy) -> list[NewGrant]:
    if not policy.welcome_credits:
        return []
    return [NewGrant(f"welcome:{user_id}", Source.WELCOME, policy.welcome_credits, "Welcome")]
