"""The queue: claims, fencing and recovery."""

from __future__ import annotations

import datetime as dt
import subprocess
import threading

import pytest
from flask import Flask
from sqlalchemy import select, update

import errors
from database import end_read, session, transaction
from domain import JobState
from lib.clock import now
from models import Job, JobEvent
from services.jobs import janitor, queue
from services.jobs.queue.worker_id import is_surely_dead, this_worker
from tests.services.conftest import submit

LEASE_S = 30.0


def state_of(job_id: str) -> str:
    end_read()
    return session().execute(select(Job.state).where(Job.id == job_id)).scalar_one()


def test_jobs_are_claimed_by_priority_then_by_age(owner: str) -> None:
    slow, slower, urgent = submit(owner), submit(owner), submit(owner, priority=5)
    assert [queue.claim("w", LEASE_S).job_id for _ in range(3)] == [urgent, slow, slower]
    assert queue.claim("w", LEASE_S) is None


def test_concurrent_threads_claim_each_job_once(idle: Flask, owner: str) -> None:
    jobs = {submit(owner) for _ in range(60)}
    claimed_ids: list[str] = []

    def work(name: str) -> None:
        with idle.app_context():
            while (claim := queue.claim(name, LEASE_S)) is not None:
                claimed_ids.append(claim.job_id)

    threads = [threading.Thread(target=work, args=(f"w{number}",)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claimed_ids) == sorted(jobs)


def test_a_worker_without_the_lease_cannot_write(owner: str) -> None:
    job_id = submit(owner)
    late = queue.claim("late", LEASE_S)
    with transaction() as session:
        session.execute(update(Job).values(lease_expires_at=now() - dt.timedelta(seconds=1)))
    assert queue.rescue_orphaned() == 1
    fresh = queue.claim("fresh", LEASE_S)
    assert fresh.attempt == late.attempt + 1
    with pytest.raises(errors.LeaseLost):
        queue.heartbeat(late, LEASE_S, stage="speech", progress=50, seconds_left=None)
    with pytest.raises(errors.LeaseLost):
        queue.fail(late, errors.ProgramFailed(), stage="speech", log="")
    with pytest.raises(errors.LeaseLost):
        queue.confirm(late)
    with pytest.raises(errors.LeaseLost), transaction() as session:
        queue.succeed(session, late, warnings=[], metrics={})
    queue.heartbeat(fresh, LEASE_S, stage="speech", progress=50, seconds_left=None)
    assert state_of(job_id) == JobState.RUNNING


def test_jobs_of_a_dead_worker_are_requeued_at_once(owner: str) -> None:
    dead_process = subprocess.Popen(["true"])
    host, _, _, slot = this_worker().split(":")
    worker = f"{host}:{dead_process.pid}:1:{slot}"
    dead_process.wait()
    assert is_surely_dead(worker)
    assert not is_surely_dead(this_worker())
    assert not is_surely_dead("elsewhere:1:1:")
    job_id = submit(owner)
    queue.claim(worker, LEASE_S)
    assert janitor.requeue_orphans() == 1
    assert state_of(job_id) == JobState.QUEUED


def test_a_job_that_kills_its_workers_fails_after_its_last_attempt(owner: str) -> None:
    job_id = submit(owner)
    for _ in range(5):
        assert queue.claim("dies", LEASE_S) is not None
        assert queue.rescue_orphaned(["dies"]) == 1
    assert queue.claim("dies", LEASE_S) is None
    assert state_of(job_id) == JobState.FAILED
    assert session().get(Job, job_id).error_code == "worker_lost"


def test_a_job_that_gets_further_each_time_gets_new_attempts(owner: str) -> None:
    job_id = submit(owner)
    for progress in (10, 20, 30, 40, 50, 60, 61, 62, 63, 64):
        queue.heartbeat(queue.claim("dies", LEASE_S), LEASE_S, stage="speech", progress=progress, seconds_left=None)
        queue.rescue_orphaned(["dies"])
        assert state_of(job_id) == JobState.QUEUED
    queue.heartbeat(queue.claim("dies", LEASE_S), LEASE_S, stage="speech", progress=64, seconds_left=None)
    queue.rescue_orphaned(["dies"])
    assert state_of(job_id) == JobState.FAILED


def test_only_retryable_errors_requeue_a_job(owner: str) -> None:
    job_id = submit(owner)
    queue.fail(queue.claim("w", LEASE_S), errors.TransientError("away"), stage="audio", log="trace")
    assert state_of(job_id) == JobState.QUEUED
    assert queue.claim("w", LEASE_S) is None  # it waits a little
    with transaction() as write_session:
        write_session.execute(update(Job).values(run_after=now()))
    queue.fail(queue.claim("w", LEASE_S), errors.NotMedia("noise"), stage="probe", log="trace")
    job = session().get(Job, job_id, populate_existing=True)
    assert (job.state, job.error_code, job.error_stage, job.retryable) == (JobState.FAILED, "not_media", "probe", False)
    assert "not a video or audio" in job.error_message
    queue.retry(job_id)
    assert queue.claim("w", LEASE_S).job_id == job_id


def test_cancel_a_queued_and_a_running_job(owner: str) -> None:
    waiting, running = submit(owner), submit(owner)
    assert queue.request_cancel(waiting) == JobState.CANCELLED
    claim = queue.claim("w", LEASE_S)
    assert claim.job_id == running
    assert queue.request_cancel(running) == JobState.CANCELLING
    with pytest.raises(errors.Cancelled):
        queue.heartbeat(claim, LEASE_S, stage="", progress=0, seconds_left=None)
    queue.fail(claim, errors.Cancelled(), stage="", log="")
    assert state_of(running) == JobState.CANCELLED


def test_events_report_every_change_in_order(owner: str) -> None:
    job_id = submit(owner)
    claim = queue.claim("w", LEASE_S)
    for stage in ("audio", "audio", "speech"):
        queue.heartbeat(claim, LEASE_S, stage=stage, progress=1, seconds_left=None)
    with transaction() as write_session:
        queue.succeed(write_session, claim, warnings=[], metrics={})
    kinds = session().execute(select(JobEvent.kind).where(JobEvent.job_id == job_id).order_by(JobEvent.id)).scalars().all()
    assert kinds == ["queued", "running", "stage", "stage", "succeeded"]


def test_writing_outside_a_transaction_is_refused(owner: str) -> None:
    session().get(Job, submit(owner)).stage = "sneaky"
    with pytest.raises(RuntimeError, match="transaction"):
        session().flush()
