"""Concurrent work in tests: each piece has its own thread and database connection."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from flask import Flask

import errors


def run_concurrently(app: Flask, work: Callable[[int], Any], count: int = 8) -> list[Any]:
    """Run `work` in concurrent threads and return the results, or LecternErrors, in order."""
    barrier, results = threading.Barrier(count), [None] * count

    def run(number: int) -> None:
        with app.app_context():
            barrier.wait(60)
            try:
                results[number] = work(number)
            except errors.LecternError as error:
                results[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results
