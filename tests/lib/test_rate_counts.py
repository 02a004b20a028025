"""lib/rate_counts.py: fixed windows in memory, without a thread."""

from __future__ import annotations

import threading

import pytest
from limits import RateLimitItemPerMinute
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from lib import rate_counts


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1_000_000.0]
    monkeypatch.setattr(rate_counts.time, "time", lambda: now[0])
    return now


def test_a_window_ends_and_another_begins(clock: list[float]) -> None:
    counts = storage_from_string("lectern-memory://")
    limiter, limit = FixedWindowRateLimiter(counts), RateLimitItemPerMinute(2)
    assert [limiter.hit(limit, "ada") for _ in range(3)] == [True, True, False]
    assert limiter.hit(limit, "bob")
    assert counts.get_expiry(limit.key_for("ada")) == clock[0] + 60
    clock[0] += 61
    assert limiter.hit(limit, "ada")


def test_ended_windows_are_forgotten(clock: list[float]) -> None:
    counts = rate_counts.MemoryCounts()
    for number in range(100):
        counts.incr(f"key {number}", 30)
    clock[0] += 100
    counts.incr("another key", 30)
    assert counts.reset() == 1


def test_threads_count_exactly_and_none_is_started() -> None:
    counts, before = rate_counts.MemoryCounts(), threading.active_count()
    threads = [threading.Thread(target=lambda: [counts.incr("key", 60) for _ in range(1000)]) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert counts.get("key") == 8000
    assert threading.active_count() == before
