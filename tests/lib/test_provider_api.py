"""Retries of the client for AI providers."""

from __future__ import annotations

import pytest

import errors
from lib import provider_api
from lib.provider_api import ProviderApi

_TIMEOUT_S = 120.0


class Clock:
    """Replaces the module `time`: `sleep` returns at once and advances the clock."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def monotonic(self) -> float:
        return self.now_s

    def sleep(self, duration_s: float) -> None:
        self.now_s += duration_s


@pytest.mark.parametrize(("duration_s", "attempts"), [(0.1, 4), (_TIMEOUT_S, 2)])
def test_failed_requests_are_retried_but_slow_ones_only_within_twice_the_timeout(
    monkeypatch: pytest.MonkeyPatch, duration_s: float, attempts: int
) -> None:
    clock, requests = Clock(), []

    def fail(*_: object) -> bytes:
        requests.append(clock.now_s)
        clock.sleep(duration_s)
        raise errors.ProviderDown("The model failed.")

    monkeypatch.setattr(provider_api, "time", clock)
    monkeypatch.setattr(ProviderApi, "_send", fail)
    with pytest.raises(errors.ProviderDown):
        ProviderApi("The model", "http://127.0.0.1", "", timeout_s=_TIMEOUT_S).post("/x", b"", bytes, max_bytes=10)
    assert len(requests) == attempts
