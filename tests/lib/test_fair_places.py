"""Places that are passed on from owner to owner."""

from __future__ import annotations

import threading

from lib.fair_places import FairPlaces
from tests.waiting import wait_for


def _waiting(places: FairPlaces) -> int:
    return sum(len(turns) for turns in places._waiting.values())


def _order(owners: list[str]) -> list[str]:
    """Let threads wait for the only place in this order, and return the order in which they get it."""
    places, order = FairPlaces(1), []
    assert places.take("first", 10)

    def use(owner: str) -> None:
        assert places.take(owner, 10)
        order.append(owner)
        places.give_back()

    threads = []
    for count, owner in enumerate(owners, 1):
        threads.append(threading.Thread(target=use, args=(owner,)))
        threads[-1].start()
        wait_for(lambda count=count: _waiting(places) == count)  # type: ignore[misc]
    places.give_back()
    for thread in threads:
        thread.join(10)
    assert places.free == 1
    return order


def test_an_owner_of_many_requests_waits_for_them_alone() -> None:
    assert _order(["poller"] * 5 + ["ada", "bob"]) == ["poller", "ada", "bob"] + ["poller"] * 4


def test_requests_of_one_owner_keep_their_order() -> None:
    assert _order(["ada", "bob", "ada", "bob"]) == ["ada", "bob", "ada", "bob"]


def test_who_gives_up_leaves_the_others_in_turn() -> None:
    places = FairPlaces(1)
    assert places.take("ada", 10)
    assert not places.take("bob", 0.01)
    places.give_back()
    assert places.free == 1
    assert places.take("bob", 10)
