"""Settings of credits: prices and holds."""

from __future__ import annotations

from decimal import Decimal

from pydantic import BaseModel, Field

from config.types import PriceByName

_PRICES = {
    "lecture_notes": Decimal(1),
    "lecture_notes.proofread": Decimal("0.5"),
    "lesson": Decimal(3),
    "podcast_video": Decimal(1),
    "voice_over": Decimal(1),
    "script_writing.start": Decimal(1),
}


class CreditSettings(BaseModel):
    """Credits"""

    credits_enabled: bool = Field(False, description="Whether jobs cost credits. Balances can be read in any case.")
    credit_prices: PriceByName = Field(
        _PRICES,
        description="Prices in credits: `KIND` for a minute of media of this kind of job, `KIND.start` for each job, `KIND.OPTION` more for"
        " a minute with this option. Kinds that are not listed are free; a job costs whole credits, rounded up.",
    )
    credits_default_balance: int = Field(0, ge=0, le=1_000_000_000, description="Credits that each user gets once; they do not expire.")
    credits_low_balance: int = Field(5, ge=0, description="Available credits below which a balance is shown as low.")
    credit_hold_s: float = Field(
        86400.0, ge=60, description="Seconds after which held credits are given back if their job has ended without settling them."
    )
    bought_credits_expiry_days: int = Field(365, ge=1, le=36500, description="Days for which bought credits are valid.")
