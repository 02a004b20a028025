"""The limit of requests that compute at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from lib import concurrency_limit
from lib.concurrency_limit import ConcurrencyLimit
from lib.waiting import before_waiting

_PERMITS = concurrency_limit._MAX_COMPUTING
_REQUESTS = 3 * _PERMITS


class Program:
    """A WSGI program that counts how many requests run in it, and blocks each until `release` is set."""

    def __init__(self, begin: Callable[[], None] = lambda: None) -> None:
        self.begin, self.release = begin, threading.Event()
        self.max_running = self._running = 0
        self._change = threading.Condition()

    def __call__(self, environ: dict[str, object], start_response: object) -> list[bytes]:
        self.begin()
        with self._change:
            self._running += 1
            self.max_running = max(self.max_running, self._running)
            self._change.notify_all()
        assert self.release.wait(10)
        with self._change:
            self._running -= 1
        return [b"done"]

    def wait_for(self, count: int) -> bool:
        with self._change:
            return self._change.wait_for(lambda: self._running >= count, 10)


def _sender(environ: dict[str, object]) -> str:
    return str(environ.get("sender", ""))


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(_REQUESTS) as pool:
        yield pool


@pytest.fixture(autouse=True)
def long_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(concurrency_limit, "_WAIT_TIMEOUT_S", 20.0)


def test_a_few_requests_compute_and_the_others_follow(pool: ThreadPoolExecutor) -> None:
    program = Program()
    app = ConcurrencyLimit(program, _sender)
    requests = [pool.submit(app, {}, None) for _ in range(_REQUESTS)]
    assert program.wait_for(_PERMITS)
    program.release.set()
    assert [request.result(10) for request in requests] == [[b"done"]] * _REQUESTS
    assert program.max_running <= _PERMITS


def test_requests_that_wait_for_something_hold_no_permit(pool: ThreadPoolExecutor) -> None:
    program = Program(begin=before_waiting)
    app = ConcurrencyLimit(program, _sender)
    requests = [pool.submit(app, {}, None) for _ in range(_REQUESTS)]
    assert program.wait_for(_REQUESTS)
    program.release.set()
    assert [request.result(10) for request in requests] == [[b"done"]] * _REQUESTS


def test_failed_requests_release_their_permits() -> None:
    def fail(environ: dict[str, object], start_response: object) -> list[bytes]:
        raise ZeroDivisionError

    app = ConcurrencyLimit(fail, _sender)
    for _ in range(_REQUESTS):
        with pytest.raises(ZeroDivisionError):
            app({}, None)  # type: ignore[arg-type]
    assert app._semaphore.available == _PERMITS


def test_stuck_requests_do_not_stop_the_server(pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(concurrency_limit, "_WAIT_TIMEOUT_S", 0.01)
    program = Program()
    app = ConcurrencyLimit(program, _sender)
    requests = [pool.submit(app, {}, None) for _ in range(_REQUESTS)]
    assert program.wait_for(_REQUESTS)
    program.release.set()
    assert [request.result(10) for request in requests] == [[b"done"]] * _REQUESTS
    assert app._semaphore.available == _PERMITS


def test_permits_are_handed_over_as_long_as_requests_end(pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(concurrency_limit, "_WAIT_TIMEOUT_S", 0.2)
    running = most = 0
    lock = threading.Lock()

    def work(environ: dict[str, object], start_response: object) -> list[bytes]:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        threading.Event().wait(0.1)  # twelve requests in fours: the last ones wait longer than the timeout
        with lock:
            running -= 1
        return []

    app = ConcurrencyLimit(work, _sender)
    for request in [pool.submit(app, {}, None) for _ in range(_REQUESTS)]:
        request.result(10)
    assert most <= _PERMITS
