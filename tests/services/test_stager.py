"""Staging of jobs for a broker: a few at a time, by priority, and again after a loss."""

from __future__ import annotations

import datetime as dt
import threading

from flask import Flask
from sqlalchemy import select, update

import errors
from database import end_read, session, transaction
from lib.clock import now
from models import Job
from services.jobs import queue
from services.jobs.executors.dispatcher import Dispatcher
from services.jobs.scheduling.scheduler import ConcurrencyLimits, Lane
from services.jobs.scheduling.stager import Stager, unstage
from tests.services.conftest import submit

LEASE_S = 30.0


def staged_ids() -> set[str]:
    end_read()
    return set(session().execute(select(Job.id).where(Job.staged_at.is_not(None))).scalars())


def make_staged_jobs_overdue() -> None:
    with transaction() as session:
        session.execute(update(Job).where(Job.staged_at.is_not(None)).values(staged_at=now() - dt.timedelta(minutes=5)))


class FakeBroker:
    """Records the jobs that it receives, unless it is down."""

    def __init__(self) -> None:
        self.job_ids: list[str] = []
        self.called = threading.Event()
        self.is_down = False

    def send(self, job_id: str, lane: Lane) -> None:
        self.called.set()
        if self.is_down:
            raise errors.TransientError("The broker is down.")
        self.job_ids.append(job_id)

    def count_waiting(self, lane: Lane) -> int:
        return len(self.job_ids)


def test_at_most_prefetch_jobs_are_staged_by_priority(owner: str) -> None:
    stager = Stager(ConcurrencyLimits(), prefetch=2)
    first, second, third = submit(owner), submit(owner), submit(owner)
    assert list(stager.stage(Lane.SHORT)) == [first, second]
    assert list(stager.stage(Lane.SHORT)) == []
    urgent = submit(owner, priority=9)
    assert queue.claim("w", LEASE_S, first) is not None
    assert list(stager.stage(Lane.SHORT)) == [urgent]
    assert staged_ids() == {second, urgent} and third not in staged_ids()


def test_overdue_jobs_are_staged_again_only_if_the_broker_lost_some(owner: str) -> None:
    stager = Stager(ConcurrencyLimits(), prefetch=5)
    jobs = [submit(owner) for _ in range(3)]
    stager.stage(Lane.SHORT)
    assert not stager.staging_by_lane()[Lane.SHORT].has_overdue
    make_staged_jobs_overdue()
    assert stager.staging_by_lane()[Lane.SHORT].has_overdue
    stager.restage_lost(Lane.SHORT, held_by_receiver=3)
    assert staged_ids() == set(jobs)
    stager.restage_lost(Lane.SHORT, held_by_receiver=2)
    assert staged_ids() == set()
    assert list(stager.stage(Lane.SHORT)) == jobs


def test_a_released_job_is_staged_again(owner: str) -> None:
    stager = Stager(ConcurrencyLimits(), prefetch=5)
    job_id = submit(owner)
    stager.stage(Lane.SHORT)
    claim = queue.claim("w", LEASE_S, job_id)
    assert claim is not None and staged_ids() == set()
    queue.release(claim)
    assert list(stager.stage(Lane.SHORT)) == [job_id]


def test_a_cancelled_job_is_neither_staged_nor_claimed(owner: str) -> None:
    job_id = submit(owner)
    queue.request_cancel(job_id)
    assert list(Stager(ConcurrencyLimits(), prefetch=5).stage(Lane.SHORT)) == []
    assert queue.claim("w", LEASE_S, job_id) is None


def test_a_job_that_was_cancelled_while_staged_is_not_claimed(owner: str) -> None:
    stager = Stager(ConcurrencyLimits(), prefetch=5)
    job_id = submit(owner)
    assert list(stager.stage(Lane.SHORT)) == [job_id]
    queue.request_cancel(job_id)
    assert queue.claim("w", LEASE_S, job_id) is None
    assert unstage([job_id]) == 0


def test_an_unknown_job_id_claims_no_other_job(owner: str) -> None:
    submit(owner)
    assert queue.claim("w", LEASE_S, "unknown-job-id") is None


def test_jobs_that_the_broker_did_not_accept_are_sent_later(idle: Flask, owner: str) -> None:
    broker, job_id = FakeBroker(), submit(owner)
    broker.is_down = True
    dispatcher = Dispatcher(idle.app_context, broker, Stager(ConcurrencyLimits(), prefetch=5))
    dispatcher.wake()
    assert broker.called.wait(60)
    broker.is_down = False
    deadline = now() + dt.timedelta(seconds=60)
    while broker.job_ids != [job_id] and now() < deadline:
        dispatcher.wake()
        threading.Event().wait(0.05)
    dispatcher.stop(wait_s=60)
    assert broker.job_ids == [job_id]
    assert staged_ids() == {job_id}
