"""Quotes: what a job will cost at most, and how long it will take, before it is submitted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from services.credits.balances import balance
from services.credits.pricing import PriceTable
from services.jobs.scheduling import duration_model


@dataclass(frozen=True)
class Quote:
    """`credits` are held when the job is submitted; it costs less if it uses less. `expected_duration_s`: None if unknown."""

    credits: int
    available: int
    expected_duration_s: float | None

    @property
    def suffices(self) -> bool:
        return self.credits <= self.available


def quote(session: Session, user_id: str, kind: str, options: Mapping[str, Any], media_s: float, prices: PriceTable) -> Quote:
    """Return the price of a job for a user, and the expected duration of its run without waiting."""
    credits = prices.price(kind, options, media_s)
    return Quote(credits, balance(session, user_id).available, duration_model.expected_s(session, kind, media_s))
