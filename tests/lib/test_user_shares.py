"""Places that users share."""

from __future__ import annotations

import pytest

from lib.user_shares import UserShares


def test_few_accounts_cannot_take_all_places() -> None:
    shares = UserShares(total=8, per_user=100)
    taken = [next(count for count in range(10) if shares.take(user) == "all_taken") for user in ("a", "b", "c")]
    assert taken == [4, 2, 1] and shares.take("d") is None


def test_a_user_has_a_limit_and_gets_places_back() -> None:
    shares = UserShares(total=100, per_user=2)
    assert [shares.take("a") for _ in range(3)] == [None, None, "own_taken"]
    shares.release("a")
    assert shares.take("a") is None and shares.taken == 2


@pytest.mark.parametrize("total", [1, 2])
def test_the_last_place_is_for_somebody_new(total: int) -> None:
    shares = UserShares(total, per_user=2)
    assert shares.take("a") is None
    assert shares.take("a") == "all_taken" and (shares.take("b") is None) == (total == 2)
