"""lib/backoff.py and the schedules that are built on it."""

from __future__ import annotations

import pytest

from lib.backoff import backoff_s
from services.jobs.queue import retry_pause_s
from services.outbox.deliverer import _BACKOFF_FACTOR, _MAX_ATTEMPTS, _MAX_BACKOFF_S


@pytest.mark.parametrize(("attempt", "expected_s"), [(1, 2), (2, 4), (3, 8), (4, 10), (5000, 10)])
def test_delay_doubles_up_to_the_maximum(attempt: int, expected_s: float) -> None:
    assert backoff_s(attempt, 2.0, max_s=10.0) == expected_s


def test_jitter_spreads_the_delay() -> None:
    delays = {backoff_s(1, 100.0, jitter=0.1) for _ in range(50)}
    assert len(delays) > 1
    assert all(90 <= delay_s <= 110 for delay_s in delays)


def test_deliveries_are_retried_after_seconds_at_first_and_after_hours_at_last() -> None:
    delays = [backoff_s(attempt, 5.0, factor=_BACKOFF_FACTOR, max_s=_MAX_BACKOFF_S) for attempt in range(1, _MAX_ATTEMPTS)]
    assert delays == sorted(delays)
    assert delays[0] == 5 and 5 * 3600 < delays[-1] <= 6 * 3600


def test_failed_jobs_are_retried_within_ten_minutes() -> None:
    assert [retry_pause_s(attempt) for attempt in (1, 2, 3, 9)] == [5, 15, 45, 600]
