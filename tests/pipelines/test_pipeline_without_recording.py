"""A pipeline that has no recording runs under every executor and survives a kill."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app import create_app
from config import Settings
from database import db, dispose_connections, end_read, session
from domain import JobState
from models import Job, User
from scripts.backends import RedisServer
from scripts.celery_worker import CeleryWorker
from scripts.client import Client
from scripts.program import Program
from scripts.server import Server
from services.jobs import queue
from tests.pipelines.countdown import COUNTDOWN

APP = "tests.pipelines.countdown_app"
KEY = "the key that workers have, long enough"
START = 30


@pytest.fixture
def variables(tmp_path: Path, migrated_sqlite: Path) -> dict[str, str]:
    shutil.copy(migrated_sqlite, tmp_path)
    return {"DATA_DIR": str(tmp_path), "LEASE_S": "5", "JOB_THREADS": "1"}


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as programs:
        yield programs


def wait_for(condition: Callable[[], Any], timeout_s: float = 100) -> Any:
    deadline = time.monotonic() + timeout_s
    while not (value := condition()):
        assert time.monotonic() < deadline, "timed out"
        time.sleep(0.1)
    return value


def run_and_kill(stack: ExitStack, variables: dict[str, str], worker: Callable[[Server], Program]) -> tuple[Job, Path]:
    """Run a countdown, kill its process after the first stage, start it again. Return the finished job and its output."""
    server = Server(Path(variables["DATA_DIR"]), variables, app=f"{APP}:app")
    stack.enter_context(server)
    program = worker(server)
    if program is not server:
        stack.enter_context(program)
    email = Client(server.url).register()
    app = create_app(Settings(_env_file=None, **{name.lower(): value for name, value in variables.items()}))
    stack.callback(dispose, app)
    app.extensions["lectern"].executor.shut_down(0)  # this app only looks at the database
    with app.app_context():
        user_id = session().execute(select(User.id).where(User.email == email)).scalar_one()
        job_id = queue.submit(user_id=user_id, pipeline=COUNTDOWN.name, options={"start": START}).id

    def job() -> Job:
        with app.app_context():
            end_read()
            return session().get_one(Job, job_id, populate_existing=True)

    wait_for(lambda: job().stage == "count")
    program.kill()
    program.start()
    wait_for(lambda: job().state == JobState.SUCCEEDED)
    return job(), Path(variables["DATA_DIR"], "files", "jobs", job_id, "2", "numbers.txt")


def dispose(app: Flask) -> None:
    app.extensions["lectern"].shut_down(0)
    with app.app_context():
        db.session.remove()
        dispose_connections()


def expect_resumed(job: Job, output: Path) -> None:
    assert (job.attempt, job.recording_id) == (2, None)
    assert job.metrics["stages"]["start"]["resumed"] and not job.metrics["stages"]["count"]["resumed"]
    assert output.read_text() == " ".join(str(number) for number in range(START, 0, -1))


@pytest.mark.timeout(300)  # a server starts twice, maybe on a busy machine
def test_it_runs_in_threads_and_survives_a_kill(variables: dict[str, str], stack: ExitStack) -> None:
    expect_resumed(*run_and_kill(stack, variables, lambda server: server))


@pytest.mark.timeout(300)  # a server and two workers start, maybe on a busy machine
def test_it_runs_under_celery_and_survives_a_kill(variables: dict[str, str], stack: ExitStack) -> None:
    redis = stack.enter_context(RedisServer())
    variables |= {"JOB_EXECUTOR": "celery", "CELERY_BROKER_URL": redis.url, "SEVERAL_MACHINES": "false"}
    log_file = Path(variables["DATA_DIR"]) / "celery.log"
    expect_resumed(*run_and_kill(stack, variables, lambda server: CeleryWorker(variables, log_file, app=f"{APP}.celery")))


@pytest.mark.timeout(300)  # a server and two workers start, maybe on a busy machine
def test_it_runs_on_a_remote_worker_and_survives_a_kill(variables: dict[str, str], stack: ExitStack, tmp_path: Path) -> None:
    variables |= {"JOB_EXECUTOR": "remote", "WORKER_API_KEY": KEY}
    worker_variables = {"DATA_DIR": str(tmp_path / "worker"), "WORKER_API_KEY": KEY}

    def remote_worker(server: Server) -> Program:
        command = ["-m", "flask", "--app", APP, "worker", server.url, "--name", "far", "--every", "0.2"]
        return Program(command, worker_variables, tmp_path / "worker.log")

    expect_resumed(*run_and_kill(stack, variables, remote_worker))
    assert not (tmp_path / "worker" / "lectern.db").exists()
    wait_for(lambda: not list((tmp_path / "worker" / "remote").glob("*")))
