"""Releases resources that other threads need before this thread waits for a client, a child process, another server or a lock."""

from __future__ import annotations

from collections.abc import Callable

_callbacks: list[Callable[[], None]] = []


def on_wait(callback: Callable[[], None]) -> None:
    """Call `callback` in each thread that is about to wait. It releases a shared resource, and must be quick and not raise."""
    _callbacks.append(callback)


def before_waiting() -> None:
    """Release the shared resources of this thread. Call it before a wait whose length depends on another program."""
    for callback in _callbacks:
        callback()
