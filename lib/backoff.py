"""Exponential backoff for retries, polling and throttling."""

from __future__ import annotations

import math
import random


def backoff_s(attempt: int, first_s: float, *, factor: float = 2.0, max_s: float = math.inf, jitter: float = 0.0) -> float:
    """Return the seconds to wait after failed attempt number `attempt` (from 1).

    `first_s` is multiplied by `factor` with each further attempt, up to `max_s`. A `jitter` of 0.1 spreads the result by up to
    10 % both ways, so that clients that failed together do not retry together.
    """
    try:
        delay_s = min(max_s, first_s * factor ** (attempt - 1))
    except OverflowError:
        delay_s = max_s
    return delay_s * random.uniform(1 - jitter, 1 + jitter) if jitter else delay_s  # noqa: S311 (spreads load, protects nothing)
