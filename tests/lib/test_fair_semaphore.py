"""A semaphore whose permits go from owner to owner."""

from __future__ import annotations

import threading

from lib.fair_semaphore import FairSemaphore
from tests.waiting import wait_for


def _waiting(semaphore: FairSemaphore) -> int:
    return sum(len(waiters) for waiters in semaphore._waiting.values())


def _order(owners: list[str]) -> list[str]:
    """Let threads wait for the only permit in this order, and return the order in which they get it."""
    semaphore, order = FairSemaphore(1), []
    assert semaphore.acquire("first", 10)

    def use(owner: str) -> None:
        assert semaphore.acquire(owner, 10)
        order.append(owner)
        semaphore.release()

    threads = []
    for count, owner in enumerate(owners, 1):
        threads.append(threading.Thread(target=use, args=(owner,)))
        threads[-1].start()
        wait_for(lambda count=count: _waiting(semaphore) == count)  # type: ignore[misc]
    semaphore.release()
    for thread in threads:
        thread.join(10)
    assert semaphore.available == 1
    return order


def test_an_owner_of_many_requests_waits_for_them_alone() -> None:
    assert _order(["poller"] * 5 + ["ada", "bob"]) == ["poller", "ada", "bob"] + ["poller"] * 4


def test_requests_of_one_owner_keep_their_order() -> None:
    assert _order(["ada", "bob", "ada", "bob"]) == ["ada", "bob", "ada", "bob"]


def test_an_owner_that_gives_up_leaves_the_others_in_turn() -> None:
    semaphore = FairSemaphore(1)
    assert semaphore.acquire("ada", 10)
    assert not semaphore.acquire("bob", 0.01)
    semaphore.release()
    assert semaphore.available == 1
    assert semaphore.acquire("bob", 10)
