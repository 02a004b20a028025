"""Prices of jobs: by kind, by minutes of media and by options."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lib.media_time import parse_time

START = "start"


@dataclass(frozen=True)
class PriceTable:
    """Prices in credits; see the setting CREDIT_PRICES."""

    prices: Mapping[str, Decimal]

    def price(self, kind: str, options: Mapping[str, Any], media_s: float) -> int:
        """Return the price of a job in whole credits, rounded up."""
        minutes = Decimal(str(round(billable_s(options, media_s), 3))) / 60
        return math.ceil(self.prices.get(f"{kind}.{START}", Decimal(0)) + self.per_minute(kind, options) * minutes)

    def per_minute(self, kind: str, options: Mapping[str, Any]) -> Decimal:
        """Return the price of a minute of media with these options."""
        surcharges = (self.prices[name] for name in self.surcharges(kind) if options.get(name.partition(".")[2]))
        return sum(surcharges, self.prices.get(kind, Decimal(0)))

    def surcharges(self, kind: str) -> list[str]:
        """Return the names of the prices of options of a kind."""
        return sorted(name for name in self.prices if name.startswith(f"{kind}.") and name != f"{kind}.{START}")


def billable_s(options: Mapping[str, Any], media_s: float) -> float:
    """Return the seconds of media that a job is paid for: those between its start and end time, if it has them."""
    try:
        start_s, end_s = (parse_time(str(options.get(name) or "0")) for name in ("start_time", "end_time"))
    except ValueError:
        return media_s
    end_s = min(end_s or media_s, media_s)
    return max(0.0, end_s - min(start_s, end_s))
