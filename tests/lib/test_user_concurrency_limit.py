"""The limit of concurrent operations, in total and per user."""

from __future__ import annotations

import pytest

from errors import TooManyRequests, TransientError
from lib.user_concurrency_limit import UserConcurrencyLimit


def acquire(limit: UserConcurrencyLimit, user_id: str) -> str | None:
    """Begin an operation; return which limit was reached, or None."""
    try:
        limit.acquire(user_id, TransientError, TooManyRequests)
    except TransientError:
        return "total"
    except TooManyRequests as error:
        assert str(limit.per_user) in str(error)
        return "own"
    return None


def test_few_accounts_cannot_occupy_all() -> None:
    limit = UserConcurrencyLimit(total=8, per_user=100)
    counts = [next(count for count in range(10) if acquire(limit, user) == "total") for user in ("a", "b", "c")]
    assert counts == [4, 2, 1] and acquire(limit, "d") is None


def test_a_user_has_a_limit_and_can_begin_again_after_an_end() -> None:
    limit = UserConcurrencyLimit(total=100, per_user=2)
    assert [acquire(limit, "a") for _ in range(3)] == [None, None, "own"]
    limit.release("a")
    assert acquire(limit, "a") is None and limit.in_use == 2


@pytest.mark.parametrize("total", [1, 2])
def test_the_last_one_is_for_another_user(total: int) -> None:
    limit = UserConcurrencyLimit(total, per_user=2)
    assert acquire(limit, "a") is None
    assert acquire(limit, "a") == "total" and (acquire(limit, "b") is None) == (total == 2)
