"""Jobs run by real Celery workers over a real Redis: delivered repeatedly, killed, disconnected from the broker."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete, func, select

from config import Settings
from database import db, dispose_connections, end_read, session, transaction
from domain import JobState
from models import Artifact, Job, JobEvent, ProcessingServer
from scripts.backends import RedisServer
from scripts.celery_worker import CeleryWorker
from scripts.client import Client
from scripts.server import Server
from services.jobs.executors.celery_app import RUN_JOB, queue_name
from services.jobs.queue.worker_id import this_worker
from services.jobs.scheduling.admission import host_of
from services.jobs.scheduling.scheduler import Lane
from tests.conftest import SAMPLES, upload_quick_recording
from tests.waiting import wait_for

pytestmark = pytest.mark.slow("starts, kills and restarts Celery workers")

LEASE_S = "8"


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with RedisServer() as server:
        yield server


@pytest.fixture(scope="module")
def variables(tmp_path_factory: pytest.TempPathFactory, models_dir: Path, migrated_sqlite: Path, redis: RedisServer) -> dict[str, str]:
    data_dir = tmp_path_factory.mktemp("celery")
    shutil.copy(migrated_sqlite, data_dir)
    return {
        "DATA_DIR": str(data_dir),
        "MODELS_DIR": str(models_dir),
        "JOB_EXECUTOR": "celery",
        "CELERY_BROKER_URL": redis.url,
        "JOB_THREADS": "2",
        "LEASE_S": LEASE_S,
        "DRAIN_S": "0",
    }


@pytest.fixture(scope="module")
def server(variables: dict[str, str]) -> Iterator[Server]:
    with Server(Path(variables["DATA_DIR"]), variables) as server:
        yield server


@pytest.fixture(scope="module")
def ada(server: Server) -> Client:
    client = Client(server.url)
    client.register()
    return client


@pytest.fixture(scope="module")
def here(variables: dict[str, str], server: Server) -> Iterator[Flask]:
    """An application on the same database and broker that runs nothing; the tests inspect both through it."""
    from app import create_app

    app = create_app(Settings(_env_file=None, **{name.lower(): value for name, value in variables.items()}))
    yield app
    with app.app_context():
        db.session.remove()
        dispose_connections()


@pytest.fixture(scope="module")
def steady(variables: dict[str, str], server: Server) -> Iterator[CeleryWorker]:
    """A worker that no test disturbs."""
    with CeleryWorker(variables, Path(variables["DATA_DIR"]) / "steady.log") as worker:
        yield worker


def is_running(here: Flask, job_id: str) -> bool:
    """Return whether a worker runs the job, according to Celery's own inspection."""
    active = here.extensions["celery"].control.inspect(timeout=1).active() or {}
    return any(job_id in task["args"] for tasks in active.values() for task in tasks)


def count_tasks(here: Flask) -> int:
    """Return how many tasks all workers have taken, according to Celery's own statistics."""
    stats = wait_for(lambda: here.extensions["celery"].control.inspect(timeout=5).stats())
    return sum(each["total"].get(RUN_JOB, 0) for each in stats.values())


def count_waiting(here: Flask) -> int:
    return sum(here.extensions["lectern"].executor.count_waiting(lane) for lane in Lane)


def job_of(here: Flask, job_id: str) -> Job:
    with here.app_context():
        end_read()
        return session().get_one(Job, job_id, populate_existing=True)


def test_a_job_that_is_delivered_often_runs_once(here: Flask, ada: Client, steady: CeleryWorker) -> None:
    jobs = [upload_quick_recording(ada)["job_id"] for _ in range(4)]
    for _ in range(5):
        for job_id in jobs:
            here.extensions["celery"].send_task(RUN_JOB, (job_id,), queue=queue_name(Lane.SHORT))
    wait_for(lambda: all(job_of(here, job_id).state == JobState.SUCCEEDED for job_id in jobs))
    wait_for(lambda: count_waiting(here) == 0)
    with here.app_context():
        started_jobs = select(JobEvent.job_id).where(JobEvent.kind == "running", JobEvent.job_id.in_(jobs))
        assert sorted(session().execute(started_jobs).scalars()) == sorted(jobs)
        documents = select(Artifact.job_id, func.count()).where(Artifact.job_id.in_(jobs), Artifact.format == "txt")
        rows = session().execute(documents.group_by(Artifact.job_id))
        assert {row[0]: row[1] for row in rows} == dict.fromkeys(jobs, 1)
    assert [job_of(here, job_id).attempt for job_id in jobs] == [1] * 4


def test_a_running_job_is_cancelled_through_the_api(here: Flask, ada: Client, steady: CeleryWorker) -> None:
    upload = ada.upload(SAMPLES / "lecture.mp4")
    wait_for(lambda: is_running(here, upload["job_id"]))
    ada.call("POST", f"/api/v1/jobs/{upload['job_id']}/cancel")
    assert ada.wait(upload["video_id"])["status"] == "cancelled"


def test_a_drained_machine_backs_off_from_a_job_that_it_refuses(
    here: Flask, ada: Client, steady: CeleryWorker, variables: dict[str, str]
) -> None:
    with here.app_context(), transaction() as session:
        session.add(ProcessingServer(name=host_of(this_worker()), url="", status="drained"))
    try:
        before, start_s = count_tasks(here), time.monotonic()
        upload = upload_quick_recording(ada)
        wait_for(lambda: "jobs_refused_here" in steady.log_file.read_text())
        time.sleep(4)
        tasks, spent_s = count_tasks(here) - before, time.monotonic() - start_s
        assert tasks <= 2 * (7 + spent_s / 10)  # two processes that wait 0.5, 1, 2, 4, 8, 10, 10 s; without waiting they take hundreds
        assert job_of(here, upload["job_id"]).state == JobState.QUEUED
    finally:  # otherwise no later test gets a job run
        with here.app_context(), transaction() as session:
            session.execute(delete(ProcessingServer))
    assert ada.wait(upload["video_id"])["status"] == "completed"


def test_jobs_submitted_during_a_broker_outage_run_afterwards(
    server: Server, ada: Client, steady: CeleryWorker, redis: RedisServer
) -> None:
    redis.stop()
    upload = upload_quick_recording(ada)
    response = ada.http.get(f"{ada.url}/health", timeout=30)
    health = response.json()
    assert (response.status_code, health["status"], health["checks"]["jobs"]["ok"]) == (503, "unhealthy", False), health
    assert "broker" in health["checks"]["jobs"]["detail"]
    redis.start()
    assert ada.wait(upload["video_id"])["status"] == "completed"
    assert ada.call("GET", "/health")["checks"]["jobs"]["ok"]


@pytest.mark.timeout(480)  # three workers start one after the other, maybe on a machine that is busy
def test_jobs_of_killed_and_stopped_workers_continue_on_others(
    here: Flask, ada: Client, steady: CeleryWorker, variables: dict[str, str]
) -> None:
    steady.stop()
    upload = ada.upload(SAMPLES / "tiny.mp4", formats="txt")
    audio_is_there = Path(variables["DATA_DIR"], "work", upload["video_id"], "lecture_notes", ".audio.done").exists
    killed_worker = CeleryWorker(variables, Path(variables["DATA_DIR"]) / "killed.log")
    killed_worker.start()
    wait_for(audio_is_there)
    killed_worker.kill()
    worker = CeleryWorker(variables, Path(variables["DATA_DIR"]) / "stopped.log")
    worker.start()
    wait_for(lambda: job_of(here, upload["job_id"]).attempt == 2)
    assert worker.stop() == 0
    assert job_of(here, upload["job_id"]).state == JobState.QUEUED
    with CeleryWorker(variables, Path(variables["DATA_DIR"]) / "last.log"):
        assert ada.wait(upload["video_id"])["status"] == "completed"
    job = job_of(here, upload["job_id"])
    assert job.attempt == 3
    assert job.metrics["stages"]["audio"]["resumed"]
