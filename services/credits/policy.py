"""The settings that credits depend on, as admins have changed them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.groups.plans import Plan
from services.credits.pricing import PriceTable

if TYPE_CHECKING:
    from config import Settings


@dataclass(frozen=True)
class CreditPolicy:
    """`welcome_credits`: what each user gets once; `hold_s`: how long credits stay held at least."""

    is_enabled: bool
    prices: PriceTable
    welcome_credits: int
    hold_s: float
    low_balance: int
    plans: tuple[Plan, ...]

    @classmethod
    def from_settings(cls, settings: Settings) -> CreditPolicy:
        return cls(
            settings.credits_enabled,
            PriceTable(settings.credit_prices),
            settings.credits_default_balance,
            settings.credit_hold_s,
            settings.credits_low_balance,
            settings.all_plans,
        )

    def price_table(self) -> PriceTable:
        """Return the prices; everything is free while credits are off."""
        return self.prices if self.is_enabled else PriceTable({})
