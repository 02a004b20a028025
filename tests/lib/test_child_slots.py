"""Slots for children that requests wait for."""

from __future__ import annotations

import threading

import pytest

from lib.child_slots import ChildSlots, TooManyPreviews


def test_one_user_gets_a_share_and_the_rest_waits_or_is_refused() -> None:
    slots = ChildSlots(total=2, per_user=1, max_waiting=1, wait_s=5)
    order: list[str] = []
    started = threading.Event()

    def wait() -> None:
        started.set()
        with slots.hold("ada"):
            order.append("waited")

    with slots.hold("ada"):
        thread = threading.Thread(target=wait)
        thread.start()
        started.wait(5)
        while not slots._waiting["ada"]:
            pass
        with pytest.raises(TooManyPreviews):
            slots.hold("ada").__enter__()
        with slots.hold("grace"):
            order.append("grace")
        order.append("ended")
    thread.join(5)
    assert order == ["grace", "ended", "waited"]
    assert not slots._running and not slots._waiting


def test_a_wait_ends() -> None:
    slots = ChildSlots(total=1, per_user=1, max_waiting=5, wait_s=0.01)
    with slots.hold("ada"), pytest.raises(TooManyPreviews):
        slots.hold("grace").__enter__()
    with slots.hold("grace"):
        pass
