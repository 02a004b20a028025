"""The order of jobs: fairness, lanes, limits, capacity and pauses."""

from __future__ import annotations

import datetime as dt
import random
import threading

import pytest
from flask import Flask
from sqlalchemy import select, update

from database import end_read, session, transaction
from domain import JobState
from lib.clock import now
from models import FairShare, Job, Recording
from services import accounts
from services.jobs import queue
from services.jobs.queue import candidates, claiming, maintenance
from services.jobs.queue.status import load_status
from services.jobs.queue.worker_id import this_worker
from services.jobs.scheduling import duration_model
from services.jobs.scheduling.capacity import Capacity, CapacityLimits
from services.jobs.scheduling.forecast import simulate
from services.jobs.scheduling.scheduler import ConcurrencyLimits, Lane, LaneThresholds, QueuedJob, RunningJob
from services.jobs.scheduling.stager import Stager

LEASE_S = 30.0
GIB = 2**30
AMPLE_CAPACITY = Capacity(CapacityLimits(), disk_free=100 * GIB, memory_free=100 * GIB, memory_total=100 * GIB)


@pytest.fixture
def users(idle: Flask) -> dict[str, str]:
    return {name: accounts.register(email=f"{name}@example.org", password="long enough").id for name in ("ada", "bob", "eve")}


def submit(user_id: str, *, media_s: float = 60.0, size_bytes: int = 1000, pipeline: str = "lecture_notes", priority: int = 0) -> str:
    with transaction() as session:
        recording = Recording(
            user_id=user_id, title="t", filename="t.mp4", storage_key="videos/t", size_bytes=size_bytes, sha256="0" * 64,
            duration_s=media_s, media={},
        )  # fmt: skip
        session.add(recording)
        session.flush()
        return queue.submit(user_id=user_id, pipeline=pipeline, options={}, recording_id=recording.id, priority=priority).id


def claim_next(limits: ConcurrencyLimits = ConcurrencyLimits(), **more: object) -> str | None:
    claim = queue.claim(this_worker("test"), LEASE_S, limits=limits, **more)
    return claim.job_id if claim else None


def end(job_id: str | None) -> None:
    with transaction() as session:
        session.execute(update(Job).where(Job.id == job_id).values(state=JobState.SUCCEEDED))


def run_all(limits: ConcurrencyLimits = ConcurrencyLimits()) -> list[str]:
    """Run all jobs one after the other, as one worker does. Return their ids in order."""
    finished_order = []
    while (job_id := claim_next(limits)) is not None:
        finished_order.append(job_id)
        end(job_id)
    return finished_order


def test_users_take_turns_whatever_the_number_of_their_jobs(users: dict[str, str]) -> None:
    adas_jobs = [submit(users["ada"]) for _ in range(5)]
    two = [submit(users["bob"]) for _ in range(2)]
    one = submit(users["eve"])
    assert run_all() == [adas_jobs[0], two[0], one, adas_jobs[1], two[1], *adas_jobs[2:]]


def test_a_worker_gets_no_job_of_pipelines_that_it_cannot_run(users: dict[str, str]) -> None:
    first, second = submit(users["ada"], pipeline="document_rendering"), submit(users["ada"])
    limits = ConcurrencyLimits(closed_pipelines=frozenset({"document_rendering"}))
    assert run_all(limits) == [second]
    assert run_all() == [first]


def test_a_new_user_does_not_wait_for_all_older_jobs(users: dict[str, str]) -> None:
    adas_jobs = [submit(users["ada"]) for _ in range(4)]
    end(claim_next())
    late = submit(users["bob"])
    assert run_all() == [late, *adas_jobs[1:]]


def test_the_user_with_the_fewest_running_jobs_is_next(users: dict[str, str]) -> None:
    assert [submit(users["ada"]), submit(users["ada"])] and claim_next() and claim_next()
    third, other, another = submit(users["ada"]), submit(users["bob"]), submit(users["bob"])
    assert [claim_next(), claim_next(), claim_next()] == [other, another, third]


def test_priority_comes_before_fairness(users: dict[str, str]) -> None:
    first, second, other = submit(users["ada"]), submit(users["ada"]), submit(users["bob"])
    queue.set_priority(second, 10)
    assert run_all() == [second, other, first]


def test_short_jobs_go_first_until_a_long_one_has_aged(users: dict[str, str]) -> None:
    lecture = submit(users["ada"], media_s=4 * 3600)
    clips = [submit(users["ada"], media_s=120), submit(users["bob"], media_s=120)]
    assert run_all() == [*clips, lecture]
    lecture = submit(users["ada"], media_s=4 * 3600)
    with transaction() as session:
        session.execute(update(Job).where(Job.id == lecture).values(queued_at=now() - dt.timedelta(hours=1)))
        session.execute(update(FairShare).values(last_served_at=now() - dt.timedelta(hours=2)))
    clips = [submit(users["ada"], media_s=120), submit(users["bob"], media_s=120)]
    assert run_all(ConcurrencyLimits(aging_after_s=1800))[0] == lecture


def test_a_long_job_starts_although_new_users_keep_arriving(users: dict[str, str]) -> None:
    lecture = submit(users["ada"], media_s=4 * 3600)
    with transaction() as session:
        session.execute(update(Job).where(Job.id == lecture).values(queued_at=now() - dt.timedelta(seconds=1)))
    for number in range(3):
        newcomer = accounts.register(email=f"new{number}@example.org", password="long enough").id
        submit(newcomer, media_s=60)
    assert claim_next(ConcurrencyLimits(aging_after_s=0.5)) == lecture


def test_an_expected_duration_makes_a_job_long(users: dict[str, str]) -> None:
    with transaction() as write_session:
        duration_model.record(write_session, "slow", 100, {duration_model.TOTAL: 1000})
    lanes = {
        job.pipeline: job.lane
        for job in (session().get_one(Job, submit(users["ada"], media_s=100, pipeline=each)) for each in ("slow", "fast"))
    }
    assert lanes == {"slow": "long", "fast": "short"}
    assert LaneThresholds(media_s=50).lane_of(60, None) == "long"


def test_limits_per_user_and_per_pipeline(users: dict[str, str]) -> None:
    limits = ConcurrencyLimits(max_jobs_per_user=1, max_jobs_per_pipeline={"heavy": 1}, max_long_jobs=1)
    adas = [submit(users["ada"]), submit(users["ada"])]
    assert claim_next(limits) == adas[0]
    assert claim_next(limits) is None
    heavy = [submit(users[name], pipeline="heavy") for name in ("bob", "eve")]
    assert claim_next(limits) == heavy[0]
    assert claim_next(limits) is None
    end(heavy[0])
    assert claim_next(limits) == heavy[1]
    end(adas[0])
    assert claim_next(limits) == adas[1]
    end(adas[1])
    lectures = [submit(users[name], media_s=9000) for name in ("ada", "bob")]
    assert [claim_next(limits), claim_next(limits)] == [lectures[1], None]  # bob was served longer ago


def test_limits_hold_under_concurrent_claims(idle: Flask, users: dict[str, str]) -> None:
    jobs = [submit(users["ada"]) for _ in range(6)]
    claimed_ids: list[str | None] = []

    def work() -> None:
        with idle.app_context():
            claimed_ids.append(claim_next(ConcurrencyLimits(max_jobs_per_user=2)))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(filter(None, claimed_ids)) == sorted(jobs[:2])


def test_claiming_a_job_by_id_respects_the_limits(users: dict[str, str]) -> None:
    first, second = submit(users["ada"]), submit(users["ada"])
    assert claim_next(job_id=second) == second
    assert claim_next(job_id=second) is None
    assert claim_next(ConcurrencyLimits(max_jobs_per_user=1), job_id=first) is None
    assert claim_next(job_id=first) == first


def test_peek_next_returns_the_order_without_claiming(users: dict[str, str]) -> None:
    adas_jobs = [submit(users["ada"]) for _ in range(3)]
    other, lecture = submit(users["bob"]), submit(users["eve"], media_s=9000)
    with transaction() as session:
        assert claiming.peek_next(session, "short", 3) == [adas_jobs[0], other, adas_jobs[1]]
        assert claiming.peek_next(session, "long", 9) == [lecture]
        assert claiming.peek_next(session, "short", 9, ConcurrencyLimits(max_jobs_per_user=1)) == [adas_jobs[0], other]
    maintenance.pause_queue("", "test")
    assert Stager(ConcurrencyLimits(), 9).stage(Lane.SHORT) == []


def test_a_job_without_disk_space_waits_with_a_reason_and_smaller_ones_start(
    users: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    big, small = submit(users["ada"], size_bytes=10 * GIB), submit(users["ada"], size_bytes=1000)
    tight = Capacity(CapacityLimits(disk_factor=2, disk_floor_bytes=GIB), disk_free=5 * GIB, memory_free=9 * GIB, memory_total=9 * GIB)
    assert claim_next(capacity=tight) == small
    assert claim_next(capacity=tight) is None
    assert claim_next(capacity=tight) is None
    reason = session().execute(select(Job.wait_reason).where(Job.id == big)).scalar_one()
    assert reason == "It waits for disk space: its files need 20.0 GiB."
    assert [record.getMessage().count("job_waits") for record in caplog.records if big in record.getMessage()] == [1]
    assert claim_next(capacity=AMPLE_CAPACITY) == big
    assert session().get_one(Job, big, populate_existing=True).wait_reason == ""


def test_no_job_starts_without_memory_for_it_and_for_recent_jobs(users: dict[str, str]) -> None:
    jobs = [submit(users["ada"]) for _ in range(2)]
    for_one = Capacity(CapacityLimits(memory_bytes=GIB), disk_free=9 * GIB, memory_free=GIB * 3 // 2, memory_total=8 * GIB)
    assert claim_next(capacity=for_one) == jobs[0]
    assert claim_next(capacity=for_one) is None
    assert "memory" in session().get_one(Job, jobs[1], populate_existing=True).wait_reason
    with transaction() as write_session:
        write_session.execute(update(Job).where(Job.id == jobs[0]).values(started_at=now() - dt.timedelta(minutes=2)))
    assert claim_next(capacity=for_one) == jobs[1]


def test_a_small_machine_runs_at_least_one_job(users: dict[str, str]) -> None:
    submit(users["ada"])
    assert claim_next(capacity=Capacity(CapacityLimits(memory_bytes=8 * GIB), disk_free=9 * GIB, memory_free=GIB, memory_total=2 * GIB))


def test_a_paused_queue_starts_no_job_until_it_is_resumed(users: dict[str, str]) -> None:
    running_id, queued_id = submit(users["ada"]), submit(users["bob"])
    claim = queue.claim("w", LEASE_S)
    maintenance.pause_queue("New disks.", "ada")
    assert claim_next() is None
    queue.heartbeat(claim, LEASE_S, stage="audio", progress=5, seconds_left=None)  # running jobs continue
    status = load_status()
    assert (status.pause.message, status.waiting, status.running) == (
        "The queue is paused for maintenance. New disks.", {"short": 1, "long": 0}, 1,
    )  # fmt: skip
    assert maintenance.resume_queue("ada") and not maintenance.resume_queue("ada")
    assert claim_next() == queued_id
    assert claim.job_id == running_id


@pytest.mark.parametrize("seed", range(3))
def test_forecast_positions_are_the_order_in_which_jobs_start(users: dict[str, str], seed: int) -> None:
    rng = random.Random(seed)
    for name in rng.choices(list(users), k=3):
        submit(users[name])
        end(claim_next())
    for _ in range(14):
        submit(users[rng.choice(list(users))], media_s=rng.choice([60, 9000]), priority=rng.choice([0, 0, 0, 1]))
    with transaction() as write_session:
        write_session.execute(update(Job).values(expected_duration_s=0.001))
    end_read()
    queued_jobs = [candidates.as_queued_job(row) for row in session().execute(candidates.queued_jobs_query().where(*candidates.ready()))]
    positions = simulate(queued_jobs, [], ConcurrencyLimits(), 1, now())
    assert sorted(positions, key=lambda job_id: positions[job_id].position) == run_all()
    assert all(position.starts_in_s is not None for position in positions.values())


def test_a_job_that_waits_although_a_worker_is_free_has_a_reason() -> None:
    jobs = {lane: QueuedJob(lane, "ada", "lecture_notes", lane, 0, now(), expected_duration_s=60) for lane in ("long", "short")}
    running = [RunningJob("bob", "lecture_notes", "long", seconds_left=30)]
    positions = simulate(jobs.values(), running, ConcurrencyLimits(), 2, now())
    assert positions["long"].limit_message == "One worker is reserved for short jobs; this job starts when a long one has ended."
    assert positions["short"].limit_message == "" and positions["short"].starts_in_s == 0
    assert simulate([jobs["long"]], running, ConcurrencyLimits(), 3, now())["long"].limit_message == ""
