"""Log lines: whole, in order, and written without a lock that other threads would wait for."""

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path

from lib.logs import UnlockedHandler


def record(message: str) -> logging.LogRecord:
    return logging.LogRecord("x", logging.INFO, "", 0, message, None, None)


def test_lines_of_many_threads_stay_whole(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with path.open("w", encoding="utf-8") as file:
        handler = UnlockedHandler(file)
        lines = [f"{number} {'é' * (10_000 if number % 5 == 0 else 20)}" for number in range(40)]
        threads = [
            threading.Thread(target=lambda part=lines[first::4]: [handler.handle(record(line)) for line in part]) for first in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(path.read_text().splitlines()) == sorted(lines)


def test_a_thread_that_waits_for_a_reader_does_not_stop_the_others() -> None:
    reader, writer = os.pipe()
    others, free = os.pipe()
    with os.fdopen(writer, "w") as full, os.fdopen(free, "w") as stream:
        handler = UnlockedHandler(full)
        thread = threading.Thread(target=handler.handle, args=(record("x" * 200_000),), daemon=True)
        thread.start()
        assert os.read(reader, 1) == b"x"  # it has begun, and waits for the rest to be read
        handler.stream = stream
        handler.handle(record("short"))
        assert os.read(others, 100) == b"short\n"
        received_bytes = 1
        while received_bytes < 200_001:
            received_bytes += len(os.read(reader, 65536))
        thread.join(10)
        assert not thread.is_alive()
    os.close(reader)
    os.close(others)
