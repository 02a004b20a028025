"""What handing out a job costs: 10,000 that do nothing, claimed, run and finished, beside the bare executors."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import redis
from flask import Flask
from sqlalchemy import func, insert, select

from app import create_app
from bench.context import Context, table
from bench.jobs.noop import claim_and_finish
from bootstrap import migrate
from config import Settings
from database import db, session, transaction
from domain import JobState
from models import Job, User
from scripts import backends
from scripts.server import PROJECT
from services.jobs.thread_executor import ThreadExecutor

JOBS = 10_000
USERS = 10
WORKERS = 4
_PATIENCE_S = 1800.0


def run(context: Context) -> str:
    rows = [_row("`ThreadPoolExecutor` alone", _plain_threads())]
    with contextlib.ExitStack() as stack:
        postgres = stack.enter_context(backends.postgres_server())
        broker = stack.enter_context(backends.RedisServer())
        rows.append(_row("threads, SQLite", _threads(Settings(_env_file=None, data_dir=context.folder / "threads"))))
        url = stack.enter_context(backends.fresh_database(postgres.url))
        rows.append(_row("threads, PostgreSQL", _threads(Settings(_env_file=None, data_dir=context.folder / "far", database_url=url))))
        rows.append(_row("Celery alone, Redis", _plain_celery(context.folder, broker.url)))
        url = stack.enter_context(backends.fresh_database(postgres.url))
        rows.append(_row("Celery, PostgreSQL, Redis", _celery(context.folder, url, broker.url)))
    said = f"{JOBS} jobs of {USERS} users, {WORKERS} at once; from the first one handed over to the last one finished."
    return f"{table(['executor', 's', 'jobs a second', 'ms a job'], rows)}\n\n{said}"


def _row(name: str, seconds: float) -> list[str]:
    return [name, f"{seconds:.1f}", f"{JOBS / seconds:.0f}", f"{1000 * seconds / JOBS:.2f}"]


def _plain_threads() -> float:
    started = time.perf_counter()
    with ThreadPoolExecutor(WORKERS) as pool:
        for _ in range(JOBS):
            pool.submit(lambda: None)
    return time.perf_counter() - started


def _threads(settings: Settings) -> float:
    app = create_app(settings)
    migrate(app, settings)  # and no janitor, which would have the jobs run by their pipeline
    try:
        _submit(app)
        executor = ThreadExecutor(app, WORKERS, claim_and_finish)
        started = time.perf_counter()
        for _ in range(WORKERS):
            executor.wake()
        _until_finished(app)
        seconds = time.perf_counter() - started
        executor.shut_down(30)
        return seconds
    finally:
        with app.app_context():
            db.engine.dispose()


def _plain_celery(folder: Path, broker: str) -> float:
    counter = redis.Redis.from_url(broker)
    counter.delete("bench:done")
    from bench.jobs.plain_celery import celery, count

    celery.conf.broker_url = broker
    started = time.perf_counter()
    for _ in range(JOBS):
        count.delay()
    with _workers("bench.jobs.plain_celery.celery", {"CELERY_BROKER_URL": broker}, folder / "plain.log"):
        _wait(lambda: int(counter.get("bench:done") or 0) >= JOBS)
    return time.perf_counter() - started


def _celery(folder: Path, database: str, broker: str) -> float:
    settings = {"JOB_EXECUTOR": "celery", "CELERY_BROKER_URL": broker, "DATABASE_URL": database, "DATA_DIR": str(folder / "celery")}
    given = Settings(_env_file=None, **{name.lower(): value for name, value in settings.items()})
    app = create_app(given)
    migrate(app, given)
    try:
        _submit(app)
        started = time.perf_counter()
        app.extensions["lectern"].executor.wake()
        with _workers("bench.jobs.noop.celery", {**settings, "JOB_THREADS": str(WORKERS)}, folder / "celery.log"):
            _until_finished(app)
            return time.perf_counter() - started
    finally:
        app.extensions["lectern"].shut_down(10)


def _submit(app: Flask) -> None:
    with app.app_context(), transaction() as writing:
        users = [User(email=f"user{number}@example.org") for number in range(USERS)]
        writing.add_all(users)
        writing.flush()
        rows: list[dict[str, Any]] = [{"user_id": users[at % USERS].id, "pipeline": "lecture_notes", "options": {}} for at in range(JOBS)]
        writing.execute(insert(Job), rows)


def _until_finished(app: Flask) -> None:
    def all_done() -> bool:
        with app.app_context():
            session().rollback()
            done = session().execute(select(func.count()).select_from(Job).where(Job.state == JobState.SUCCEEDED)).scalar_one()
            session().rollback()
            return done >= JOBS

    _wait(all_done)


def _wait(done: Callable[[], bool]) -> None:
    until = time.monotonic() + _PATIENCE_S
    while not done():
        if time.monotonic() > until:
            raise TimeoutError("the jobs did not end")
        time.sleep(0.1)


@contextlib.contextmanager
def _workers(app: str, settings: dict[str, str], log: Path) -> Iterator[None]:
    """One Celery worker with WORKERS processes; its start belongs to what is measured, as it does for users."""
    command = [sys.executable, "-m", "celery", "-A", app, "worker", "-c", str(WORKERS), "-l", "WARNING"]
    with log.open("ab") as file:
        process = subprocess.Popen(command, cwd=PROJECT, env={**os.environ, **settings}, stdout=file, stderr=file)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
