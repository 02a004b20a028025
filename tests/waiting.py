"""Waits for conditions instead of sleeping."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_for(condition: Callable[[], T], timeout_s: float = 120) -> T:
    """Call `condition` until its value is true, and return that value. The bound is generous: a busy machine is slow."""
    deadline, pause_s = time.monotonic() + timeout_s, 0.02
    while not (value := condition()):
        assert time.monotonic() < deadline, f"the condition was still false after {timeout_s} s"
        time.sleep(pause_s)
        pause_s = min(pause_s * 1.5, 0.3)
    return value
