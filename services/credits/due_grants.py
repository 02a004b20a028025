"""Grants that are due without a payment. They are given when a user's credits are looked at or charged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from services.credits import grants
from services.credits.grants import NewGrant, Source
from services.credits.ledger import is_posted

if TYPE_CHECKING:
    from config import Settings


def is_due(session: Session, user_id: str, settings: Settings) -> bool:
    """Return whether `give_due` would give something."""
    return any(not is_posted(session, f"grant:{each.key}") for each in _due(user_id, settings))


def give_due(session: Session, user_id: str, settings: Settings) -> None:
    """Give what is due."""
    for each in _due(user_id, settings):
        grants.add(session, user_id, each)


def _due(user_id: str, settings: Settings) -> list[NewGrant]:
    if not settings.credits_default_balance:
        return []
    return [NewGrant(f"welcome:{user_id}", Source.WELCOME, settings.credits_default_balance, "Welcome")]
