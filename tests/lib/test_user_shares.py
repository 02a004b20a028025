"""Places that users share."""

from __future__ import annotations

import pytest

from errors import TooManyRequests, TransientError
from lib.user_shares import UserShares


def take(shares: UserShares, user_id: str) -> str | None:
    """Take a place; return which error was raised, or None."""
    try:
        shares.take(user_id, TransientError, TooManyRequests)
    except TransientError:
        return "all_taken"
    except TooManyRequests as error:
        assert str(shares.per_user) in str(error)
        return "own_taken"
    return None


def test_few_accounts_cannot_take_all_places() -> None:
    shares = UserShares(total=8, per_user=100)
    places_in_use = [next(count for count in range(10) if take(shares, user) == "all_taken") for user in ("a", "b", "c")]
    assert places_in_use == [4, 2, 1] and take(shares, "d") is None


def test_a_user_has_a_limit_and_gets_places_back() -> None:
    shares = UserShares(total=100, per_user=2)
    assert [take(shares, "a") for _ in range(3)] == [None, None, "own_taken"]
    shares.release("a")
    assert take(shares, "a") is None and shares.places_in_use == 2


@pytest.mark.parametrize("total", [1, 2])
def test_the_last_place_is_for_somebody_new(total: int) -> None:
    shares = UserShares(total, per_user=2)
    assert take(shares, "a") is None
    assert take(shares, "a") == "all_taken" and (take(shares, "b") is None) == (total == 2)
