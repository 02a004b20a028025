"""lib/background_loop.py: the times of the steps, logging, and the end of the loop."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Iterator

import pytest
import structlog

import errors
from lib.background_loop import BackgroundLoop

Start = Callable[..., BackgroundLoop]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a loop that ends with the test."""
    with contextlib.ExitStack() as ending:

        def start_loop(step: Callable[[], object], every_s: float | None = None, **more: Callable[[], object]) -> BackgroundLoop:
            loop = BackgroundLoop("test", step, context=contextlib.nullcontext, every_s=every_s, **more)
            ending.callback(loop.stop)
            loop.start()
            return loop

        yield start_loop


def test_step_runs_after_each_wake(start: Start) -> None:
    runs: queue.Queue[int] = queue.Queue()
    loop = start(lambda: runs.put(1))
    with pytest.raises(queue.Empty):
        runs.get(timeout=0.1)
    for _ in range(2):
        loop.wake()
        assert runs.get(timeout=10)


def test_step_repeats_until_it_idles(start: Start) -> None:
    runs: list[int] = []
    third = threading.Event()

    def step() -> None:
        runs.append(1)
        if len(runs) == 3:
            loop.idle()
            third.set()

    loop = start(step, every_s=0.01)
    loop.wake()
    assert third.wait(10)
    assert not threading.Event().wait(0.1)
    assert len(runs) == 3


def test_failing_step_is_logged_and_runs_again(start: Start) -> None:
    errors_to_raise = [errors.TransientError("away"), errors.TransientError("away"), ValueError("a defect")]
    done = threading.Event()

    def step() -> None:
        if errors_to_raise:
            raise errors_to_raise.pop(0)
        done.set()

    with structlog.testing.capture_logs() as entries:
        start(step, every_s=0.01).wake()
        assert done.wait(10)
    assert [(entry["event"], entry["log_level"]) for entry in entries] == [
        ("background_loop_waits", "warning"),
        ("background_loop_failed", "error"),
    ]


def test_stop_waits_for_the_running_step_and_ends_the_loop(start: Start) -> None:
    running, release, ended = threading.Event(), threading.Event(), threading.Event()

    def step() -> None:
        running.set()
        release.wait(10)

    loop = start(step, every_s=0.01, on_stop=ended.set)
    loop.wake()
    assert running.wait(10)
    threading.Timer(0.1, release.set).start()
    loop.stop()
    assert ended.is_set()
    loop.start()
    loop.wake()
    running.clear()
    assert not running.wait(0.1)


def test_stop_soon_ends_the_loop_before_the_next_step(start: Start) -> None:
    ended = threading.Event()
    loop = start(lambda: loop.stop_soon(), every_s=0.01, on_stop=ended.set)
    loop.wake()
    assert ended.wait(10)
