"""Several processes that run jobs for one server; a killed one is replaced."""

from __future__ import annotations

import contextlib
import functools
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import psutil

from bench.environments import leftover_files, outage, remote_settings, stored_keys
from scripts import backends
from scripts.celery_worker import CeleryWorker
from scripts.server import Server


class Fleet(Protocol):
    name: str
    server: Server
    faults: Sequence[tuple[str, Callable[[], None]]]

    def kill_one(self, pick: Callable[[int], int]) -> None:
        """Kill one of the n processes that run jobs, chosen by `pick(n)`, with SIGKILL. It is replaced."""

    def leftovers(self) -> list[str]:
        """Return the names of objects and files that should not exist after all recordings are deleted."""


@dataclass
class ThreadFleet:
    """gunicorn with several workers, each with one thread for jobs; SQLite and a local folder."""

    server: Server
    name: str = "threads, SQLite, folder"
    faults: Sequence[tuple[str, Callable[[], None]]] = ()

    def kill_one(self, pick: Callable[[int], int]) -> None:
        assert self.server.process is not None
        deadline = time.monotonic() + 60
        while not (workers := psutil.Process(self.server.process.pid).children()) and time.monotonic() < deadline:
            time.sleep(0.1)
        with contextlib.suppress(psutil.NoSuchProcess):
            sorted(workers, key=lambda each: each.pid)[pick(len(workers))].kill()

    def leftovers(self) -> list[str]:
        return leftover_files(self.server.data_dir)


@contextlib.contextmanager
def thread_fleet(data: Path, processes: int, settings: dict[str, str]) -> Iterator[ThreadFleet]:
    with Server(data, settings, workers=processes) as server:
        yield ThreadFleet(server)


@dataclass
class CeleryFleet:
    """A server that runs no jobs, and Celery workers; PostgreSQL, S3 and Redis."""

    server: Server
    processes: int
    settings: dict[str, str]
    store: backends.S3Server
    bucket: str
    faults: Sequence[tuple[str, Callable[[], None]]]
    name: str = "Celery, PostgreSQL, S3, Redis"
    _workers: list[CeleryWorker] = field(default_factory=list)
    _started_workers: int = 0

    def start_workers(self) -> None:
        while len(self._workers) < self.processes:
            self._workers.append(self._start())

    def kill_one(self, pick: Callable[[int], int]) -> None:
        self._workers.pop(pick(len(self._workers))).kill()
        self.start_workers()

    def leftovers(self) -> list[str]:
        return stored_keys(self.store, self.bucket) + leftover_files(self.server.data_dir)

    def stop(self) -> None:
        for worker in self._workers:
            worker.stop()

    def _start(self) -> CeleryWorker:
        self._started_workers += 1
        worker = CeleryWorker(self.settings, self.server.data_dir / f"worker-{self._started_workers}.log", "-c", "1", "-l", "WARNING")
        worker.start()
        return worker


@contextlib.contextmanager
def celery_fleet(
    folder: Path, processes: int, settings: dict[str, str], *, outage_s: float = 0.0, broker_url: str = ""
) -> Iterator[CeleryFleet]:
    """Run the fleet; without `broker_url` start Redis.

    With `outage_s`, its faults are a restart of the database and an outage of the store of this length.
    """
    with contextlib.ExitStack() as stack:
        postgres = stack.enter_context(backends.postgres_server())
        store = stack.enter_context(backends.rclone_server(folder / "rclone"))
        broker_url = broker_url or stack.enter_context(backends.redis_server())
        bucket = store.make_bucket()
        data = folder / "celery-data"
        database_url = stack.enter_context(backends.fresh_database(postgres.url))
        celery_settings = {"DATA_DIR": str(data), "JOB_EXECUTOR": "celery", "CELERY_BROKER_URL": broker_url}
        all_settings = settings | remote_settings(database_url, store, bucket) | celery_settings
        server = stack.enter_context(Server(data, all_settings))
        store_outage = functools.partial(outage, store, outage_s)
        faults = (
            (("restart of the database", postgres.restart), (f"outage of the store, {outage_s:.0f} s", store_outage)) if outage_s else ()
        )
        fleet = CeleryFleet(server, processes, all_settings, store, bucket, faults)
        stack.callback(fleet.stop)
        fleet.start_workers()
        yield fleet
