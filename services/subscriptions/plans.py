"""The plans of the settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

import errors
from config.groups.plans import Plan
from services.subscriptions import entitlements

if TYPE_CHECKING:
    from config import Settings


@dataclass(frozen=True)
class PlanTable:
    """`plans`: the smallest first, which is that of users without a subscription. `packs`: credits by the price that buys them once."""

    plans: tuple[Plan, ...]
    packs: Mapping[str, int]
    grace_days: int
    bought_credits_days: int

    @classmethod
    def from_settings(cls, settings: Settings) -> PlanTable:
        return cls(settings.all_plans, settings.credit_packs, settings.billing_grace_days, settings.bought_credits_expiry_days)

    @property
    def default(self) -> Plan:
        return self.plans[0]

    def get(self, name: str) -> Plan:
        """Raise NotFound for an unknown plan."""
        plan = next((each for each in self.plans if each.name == name), None)
        if plan is None:
            raise errors.NotFound("plan")
        return plan

    def of_price(self, price_id: str) -> Plan | None:
        return next((each for each in self.plans if price_id and price_id in each.price_ids), None)

    def current(self, session: Session, user_id: str) -> Plan | None:
        """Return the plan that a user has now, the default one without a subscription; None for a plan that is not listed any more."""
        subscription = entitlements.current(session, user_id)
        if subscription is None:
            return self.default
        return next((each for each in self.plans if each.name == subscription.plan), None)

    def title(self, name: str) -> str:
        """Return the title of a plan; the name of one that is not listed any more."""
        return next((each.title for each in self.plans if each.name == name and each.title), name)

    def rank(self, name: str) -> int:
        """Return the place of a plan, from 0; -1 for a plan that is not listed any more."""
        return next((place for place, each in enumerate(self.plans) if each.name == name), -1)
