"""The subscription of a user, as users see it."""

from __future__ import annotations

from dataclasses import dataclass

from database import end_read, session
from models import Subscription
from services.subscriptions import entitlements


@dataclass(frozen=True)
class Standing:
    """`current` is in effect; `newest` is the same, or the one that ended last."""

    current: Subscription | None
    newest: Subscription | None


def of(user_id: str) -> Standing:
    end_read()
    return Standing(entitlements.current(session(), user_id), entitlements.newest(session(), user_id))
