"""Overhead per job: 10,000 no-op jobs, run by each executor, by a thread pool alone and by Celery alone.

`python -m bench.jobs.throughput 500 [plain-threads sqlite postgres plain-celery celery]` runs 500 jobs with these executors only.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis
from flask import Flask
from sqlalchemy import func, insert, select, text

from app import create_app
from bench.context import Context, markdown_table
from bench.jobs.noop import claim_and_finish
from config import Settings
from database import dispose_connections, end_read, session, transaction
from domain import JobState
from migrations.upgrade import migrate
from models import Job, User
from scripts import backends
from scripts.celery_worker import CeleryWorker
from services.jobs.executors.threads import ThreadExecutor

USERS = 10
WORKERS = 4
_TIMEOUT_S = 1800.0


@dataclass(frozen=True)
class Durations:
    """Seconds until the first job was finished, and from then to the last."""

    first_s: float
    rest_s: float


def run(context: Context, jobs: int = 10_000, only: Sequence[str] = ()) -> str:
    with contextlib.ExitStack() as stack:
        postgres = stack.enter_context(backends.postgres_server())
        broker = stack.enter_context(backends.RedisServer())

        def database() -> str:
            return stack.enter_context(backends.fresh_database(postgres.url))

        executors: dict[str, tuple[str, Callable[[], Durations]]] = {
            "plain-threads": ("`ThreadPoolExecutor` alone", lambda: _plain_threads(jobs)),
            "sqlite": ("threads, SQLite", lambda: _threads(jobs, _settings(context.folder / "threads"))),
            "postgres": ("threads, PostgreSQL", lambda: _threads(jobs, _settings(context.folder / "postgres", DATABASE_URL=database()))),
            "plain-celery": ("Celery alone, Redis", lambda: _plain_celery(jobs, context.folder, broker.url)),
            "celery": ("Celery, PostgreSQL, Redis", lambda: _celery(jobs, context.folder, database(), broker.url)),
        }
        rows = []
        for key, (name, measure) in executors.items():
            if not only or key in only:
                rows.append(_row(name, jobs, measure()))
                print(*rows[-1], sep=" | ", flush=True)
    summary = f"{jobs} jobs of {USERS} users, all queued before the start, {WORKERS} at once."
    headers = ["executor", "time to first job, s", "time for the rest, s", "jobs per second", "ms per job"]
    return f"{markdown_table(headers, rows)}\n\n{summary} The last two columns exclude the first job."


def _row(name: str, jobs: int, durations: Durations) -> list[str]:
    per_job_s = durations.rest_s / (jobs - 1)
    return [name, f"{durations.first_s:.2f}", f"{durations.rest_s:.2f}", f"{1 / per_job_s:.0f}", f"{1000 * per_job_s:.3g}"]


def _settings(data: Path, **variables: str) -> dict[str, str]:
    return {"DATA_DIR": str(data), "DB_POOL_SIZE": str(WORKERS), **variables}


def _plain_threads(jobs: int) -> Durations:
    finished_at: list[float] = []
    start_s = time.perf_counter()
    with ThreadPoolExecutor(WORKERS) as pool:
        for _ in range(jobs):
            pool.submit(lambda: finished_at.append(time.perf_counter()))
    return Durations(min(finished_at) - start_s, max(finished_at) - min(finished_at))


def _threads(jobs: int, settings: dict[str, str]) -> Durations:
    app = _app_with(jobs, settings)  # `create_app` starts no janitor, which would run the pipelines of the jobs
    try:
        executor = ThreadExecutor(app, WORKERS, claim_and_finish)
        start_s = time.perf_counter()
        for _ in range(WORKERS):
            executor.wake()
        durations = _wait_until_finished(app, jobs, start_s)
        executor.shut_down(30)
        return durations
    finally:
        with app.app_context():
            dispose_connections()


def _plain_celery(jobs: int, folder: Path, broker: str) -> Durations:
    counter = redis.Redis.from_url(broker)
    counter.delete("bench:finished")
    from bench.jobs.plain_celery import celery, count

    celery.conf.broker_url = broker
    for _ in range(jobs):
        count.delay()
    start_s = time.perf_counter()
    with _worker("bench.jobs.plain_celery.celery", {"CELERY_BROKER_URL": broker}, folder / "plain.log"):
        return _wait_for_all(lambda: int(counter.get("bench:finished") or 0), jobs, start_s)


def _celery(jobs: int, folder: Path, database: str, broker: str) -> Durations:
    settings = _settings(
        folder / "celery", JOB_EXECUTOR="celery", CELERY_BROKER_URL=broker, DATABASE_URL=database, JOB_THREADS=str(WORKERS)
    )
    app = _app_with(jobs, settings)
    try:
        start_s = time.perf_counter()
        app.extensions["lectern"].executor.wake()
        with _worker("bench.jobs.noop.celery", settings, folder / "celery.log"):
            return _wait_until_finished(app, jobs, start_s)
    finally:
        app.extensions["lectern"].shut_down(10)


def _app_with(jobs: int, settings: dict[str, str]) -> Flask:
    app_settings = Settings(_env_file=None, **{name.lower(): value for name, value in settings.items()})
    app = create_app(app_settings)
    migrate(app, app_settings)
    with app.app_context(), transaction() as session:
        users = [User(email=f"user{number}@example.org") for number in range(USERS)]
        session.add_all(users)
        session.flush()
        rows: list[dict[str, Any]] = [{"user_id": users[at % USERS].id, "pipeline": "lecture_notes", "options": {}} for at in range(jobs)]
        session.execute(insert(Job), rows)
        if not app_settings.is_sqlite:
            session.execute(text("ANALYZE"))  # autovacuum would do so within a minute, in the middle of the measurement
    return app


def _wait_until_finished(app: Flask, jobs: int, start_s: float) -> Durations:
    def count_finished() -> int:
        with app.app_context():
            end_read()
            count = session().execute(select(func.count()).select_from(Job).where(Job.state == JobState.SUCCEEDED)).scalar_one()
            end_read()
            return count

    return _wait_for_all(count_finished, jobs, start_s)


def _wait_for_all(count_finished: Callable[[], int], jobs: int, start_s: float) -> Durations:
    deadline, first_finished = time.monotonic() + _TIMEOUT_S, 0.0
    while (count := count_finished()) < jobs:
        if count and not first_finished:
            first_finished = time.perf_counter()
        if time.monotonic() > deadline:
            raise TimeoutError(f"{count} of {jobs} jobs ended")
        time.sleep(0.1 if first_finished else 0.02)
    all_finished = time.perf_counter()
    first_finished = first_finished or all_finished
    return Durations(first_finished - start_s, all_finished - first_finished)


def _worker(app: str, settings: dict[str, str], log: Path) -> CeleryWorker:
    return CeleryWorker(settings, log, "-c", str(WORKERS), "-l", "WARNING", app=app)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="lectern-bench-throughput-") as folder:
        run(Context(Path(folder), None), int(sys.argv[1]), sys.argv[2:])
