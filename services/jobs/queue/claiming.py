"""Taking the next job: whose turn it is, within the limits, where there is room for it."""

from __future__ import annotations

import functools
from collections.abc import Collection, Sequence
from typing import Any, cast

import structlog
from sqlalchemy import CursorResult, bindparam, exists, func, insert, literal, select, update
from sqlalchemy.orm import Session

from database import db, transaction
from domain import JobState
from lib.clock import now
from models import FairShare, Job, QueuePause
from services.jobs.queue import history
from services.jobs.queue.attempts import Claim, after
from services.jobs.queue.candidates import Candidates, by_id, head_of_each_group, in_state, running_jobs
from services.jobs.scheduling.admission import host_of, is_drained_host
from services.jobs.scheduling.capacity import Capacity
from services.jobs.scheduling.scheduler import ConcurrencyLimits, Lane, QueuedJob, Scheduler

log = structlog.get_logger(__name__)
_LOCK = 0x1EC7E4  # of PostgreSQL's advisory locks: one process at a time finds out whose turn it is
_LOOKS = 20  # jobs that may be refused for want of room before a claim gives up
_ANY_LANE = tuple(Lane)


def claim(
    worker: str,
    lease_s: float,
    job_id: str | None = None,
    *,
    rules: ConcurrencyLimits = ConcurrencyLimits(),
    lanes: Sequence[str] = _ANY_LANE,
    room: Capacity | None = None,
) -> Claim | None:
    """Take the next job of these lanes, or `job_id` if it may run now; or None.

    One conditional UPDATE: two workers can't both get it. Claims come one after the other, so that limits hold.
    """
    refused: dict[str, str] = {}
    with transaction() as writing:
        held = _in_turn(writing, worker)
        taken = None if held else _take_first(writing, worker, lease_s, job_id, rules, lanes, room, refused)
    for waiting_id, reason in refused.items():
        log.warning("job_waits", job_id=waiting_id, reason=reason)
    return taken


def claim_lock(writing: Session) -> bool:
    """Wait until no other transaction that looks whose turn it is goes on; SQLite lets one write at a time anyway.

    -> Whether the queue is paused.
    """
    return _in_turn(writing, worker="")


def peek_next(writing: Session, lane: str, most: int, rules: ConcurrencyLimits = ConcurrencyLimits(), *, unsent: bool = False) -> list[str]:
    """Ids of the jobs of a lane that would begin next if nothing else came, in order; for executors that hand jobs on."""
    turns, at, found = Scheduler(rules, running_jobs(writing)), now(), list[str]()
    waiting, stale = list[QueuedJob](), True
    while len(found) < most:
        if stale:
            waiting = head_of_each_group(writing, Candidates(turns.lanes_open((lane,)), turns.full_kinds(), found, unsent))
        waiting = [job for job in turns.in_order(waiting, at) if not turns.limit(job)]
        if not waiting:
            break
        first, full = waiting[0], turns.full_kinds()
        stale = first.job_id in found  # the next job of that user, whichever it is, may be the next of all
        if not stale:
            found.append(first.job_id)
            turns.begin(first, at)
            stale = turns.full_kinds() != full
    return found


def _in_turn(writing: Session, worker: str) -> bool:
    """Wait for the lock; -> whether the queue is paused, or the worker's machine drained."""
    return any(writing.execute(_hold(db.engine.dialect.name), {"host": host_of(worker)}).one()[1:])


@functools.cache
def _hold(dialect: str) -> Any:
    lock = func.pg_advisory_xact_lock(_LOCK) if dialect == "postgresql" else literal(0)
    return select(lock, exists(select(QueuePause.id)), is_drained_host(bindparam("host")))


def _take_first(
    writing: Session,
    worker: str,
    lease_s: float,
    job_id: str | None,
    rules: ConcurrencyLimits,
    lanes: Sequence[str],
    room: Capacity | None,
    refused: dict[str, str],
) -> Claim | None:
    """`refused` gets the jobs that are kept waiting from now on, with the reasons."""
    running = running_jobs(writing)
    turns, passed = Scheduler(rules, running), set[str]()
    for _ in range(_LOOKS):
        job = _first(writing, turns, lanes, job_id, passed)
        if job is None:
            return None
        reason = room.refusal(job, running) if room else None
        if reason is None:
            taken = _take(writing, job, worker, lease_s)
            if taken is not None:
                return taken
        else:
            _keep_waiting(writing, job, reason.sentence, refused)
            if reason.of_all:
                return None
        passed.add(job.job_id)
    return None


def _first(writing: Session, turns: Scheduler, lanes: Sequence[str], job_id: str | None, passed: Collection[str]) -> QueuedJob | None:
    among = Candidates(turns.lanes_open(lanes), turns.full_kinds(), passed)
    if job_id is not None:
        job = by_id(writing, job_id, among)
        return job if job and not turns.user_is_full(job.user_id) else None
    candidates = head_of_each_group(writing, among)
    return next((job for job in turns.in_order(candidates, now()) if not turns.user_is_full(job.user_id)), None)


def _take(writing: Session, job: QueuedJob, worker: str, lease_s: float) -> Claim | None:
    begun = now()
    told = {"taken_id": job.job_id, "worker": worker, "lease_expires_at": after(lease_s), "started_at": begun}
    taken = writing.execute(_taking(db.engine.dialect.name), told).one_or_none()
    if taken is None:
        return None
    served = writing.execute(_SERVED, {"of_user": job.user_id, "last_served_at": begun})
    if cast("CursorResult[Any]", served).rowcount == 0:
        writing.execute(insert(FairShare.__table__), {"user_id": job.user_id, "last_served_at": begun})
    history.append(writing, taken.id, taken.user_id, "running", {"attempt": taken.attempt})
    return Claim(
        *(taken.id, taken.attempt, worker, taken.user_id, taken.recording_id, taken.pipeline, dict(taken.options), taken.created_at),
        lane=taken.lane,
        traceparent=taken.traceparent,
    )


_JOBS, _TURNS = Job.__table__, FairShare.__table__
_SERVED = update(_TURNS).where(_TURNS.c.user_id == bindparam("of_user"))


@functools.cache
def _taking(dialect: str) -> Any:
    free = select(_JOBS.c.id).where(_JOBS.c.id == bindparam("taken_id"), in_state(JobState.QUEUED))
    if dialect == "postgresql":
        free = free.with_for_update(skip_locked=True)
    cleared = dict.fromkeys(("staged_at", "finished_at", "error_code", "error_message", "error_hint", "error_stage"))
    begun = {"state": JobState.RUNNING, "attempt": _JOBS.c.attempt + 1, "wait_reason": ""}
    told = (
        _JOBS.c[name] for name in ("id", "attempt", "user_id", "recording_id", "pipeline", "options", "created_at", "lane", "traceparent")
    )
    taking = update(_JOBS).where(_JOBS.c.id == free.scalar_subquery(), in_state(JobState.QUEUED))
    return taking.values(**begun, **cleared).returning(*told)


def _keep_waiting(writing: Session, job: QueuedJob, reason: str, refused: dict[str, str]) -> None:
    if job.wait_reason == reason:
        return
    still = update(Job).where(Job.id == job.job_id, Job.state == JobState.QUEUED).values(wait_reason=reason)
    writing.execute(still.execution_options(synchronize_session=False))
    if not job.wait_reason:
        refused[job.job_id] = reason
