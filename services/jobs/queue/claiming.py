"""Claims the next job: in the order of the scheduler, within the concurrency limits and the capacity of the machine."""

from __future__ import annotations

import functools
from collections.abc import Collection, Sequence
from typing import Any

import structlog
from sqlalchemy import bindparam, exists, func, insert, literal, select, update
from sqlalchemy.orm import Session

from database import changed_rows, db, transaction
from domain import JobState
from lib.clock import now
from models import FairShare, Job, QueuePause
from services.jobs.queue import history
from services.jobs.queue.attempts import Claim, lease_end
from services.jobs.queue.candidates import Candidates, by_id, head_of_each_group, in_state, running_jobs
from services.jobs.scheduling.admission import host_of, is_drained_host
from services.jobs.scheduling.capacity import Capacity
from services.jobs.scheduling.scheduler import ConcurrencyLimits, Lane, QueuedJob, Scheduler

log = structlog.get_logger(__name__)
_LOCK_KEY = 0x1EC7E4  # key of a PostgreSQL advisory lock: one process claims at a time
_MAX_CANDIDATES = 20  # that may lack capacity before a claim gives up
_ANY_LANE = tuple(Lane)


def claim(
    worker: str,
    lease_s: float,
    job_id: str | None = None,
    *,
    limits: ConcurrencyLimits = ConcurrencyLimits(),
    lanes: Sequence[str] = _ANY_LANE,
    capacity: Capacity | None = None,
) -> Claim | None:
    """Claim the next job of these lanes, or `job_id` if it may run now. Return None if there is none.

    One conditional UPDATE: no two workers can claim the same job. Claims are serialised, so that the limits hold.
    """
    wait_reasons: dict[str, str] = {}
    with transaction() as session:
        is_blocked = _lock_queue(session, worker)
        result = None if is_blocked else _claim_first(session, worker, lease_s, job_id, limits, lanes, capacity, wait_reasons)
    for waiting_id, reason in wait_reasons.items():
        log.warning("job_waits", job_id=waiting_id, reason=reason)
    return result


def claim_lock(session: Session) -> bool:
    """Serialise this transaction with claims (SQLite has one writer at a time anyway). Return whether the queue is paused."""
    return _lock_queue(session, worker="")


def peek_next(
    session: Session, lane: str, max_jobs: int, limits: ConcurrencyLimits = ConcurrencyLimits(), *, is_unstaged: bool = False
) -> list[str]:
    """Return the ids of the jobs of a lane that would start next, in order; for executors that dispatch jobs."""
    scheduler, at, ids = Scheduler(limits, running_jobs(session)), now(), list[str]()
    waiting_jobs, needs_reload = list[QueuedJob](), True
    while len(ids) < max_jobs:
        if needs_reload:
            waiting_jobs = head_of_each_group(
                session, Candidates(scheduler.open_lanes((lane,)), scheduler.full_pipelines(), ids, is_unstaged)
            )
        waiting_jobs = [job for job in scheduler.sort(waiting_jobs, at) if not scheduler.limit_message(job)]
        if not waiting_jobs:
            break
        first, full_before = waiting_jobs[0], scheduler.full_pipelines()
        needs_reload = first.job_id in ids  # the next job of the same user may now be the next of all
        if not needs_reload:
            ids.append(first.job_id)
            scheduler.begin(first, at)
            needs_reload = scheduler.full_pipelines() != full_before
    return ids


def _lock_queue(session: Session, worker: str) -> bool:
    """Wait for the lock. Return whether the queue is paused or the worker's machine is drained."""
    return any(session.execute(_lock_query(db.engine.dialect.name), {"host": host_of(worker)}).one()[1:])


@functools.cache
def _lock_query(dialect: str) -> Any:
    lock = func.pg_advisory_xact_lock(_LOCK_KEY) if dialect == "postgresql" else literal(0)
    return select(lock, exists(select(QueuePause.id)), is_drained_host(bindparam("host")))


def _claim_first(
    session: Session,
    worker: str,
    lease_s: float,
    job_id: str | None,
    limits: ConcurrencyLimits,
    lanes: Sequence[str],
    capacity: Capacity | None,
    wait_reasons: dict[str, str],
) -> Claim | None:
    """Claim the first candidate with enough capacity. Adds jobs that begin to wait for capacity to `wait_reasons`."""
    running = running_jobs(session)
    scheduler, skipped_ids = Scheduler(limits, running), set[str]()
    for _ in range(_MAX_CANDIDATES):
        job = _next_candidate(session, scheduler, lanes, job_id, skipped_ids)
        if job is None:
            return None
        reason = capacity.denial(job, running) if capacity else None
        if reason is None:
            claimed_job = _claim_job(session, job, worker, lease_s)
            if claimed_job is not None:
                return claimed_job
        else:
            _set_wait_reason(session, job, reason.message, wait_reasons)
            if reason.for_all_jobs:
                return None
        skipped_ids.add(job.job_id)
    return None


def _next_candidate(
    session: Session, scheduler: Scheduler, lanes: Sequence[str], job_id: str | None, skipped_ids: Collection[str]
) -> QueuedJob | None:
    selection = Candidates(scheduler.open_lanes(lanes), scheduler.full_pipelines(), skipped_ids)
    if job_id is not None:
        job = by_id(session, job_id, selection)
        return job if job and not scheduler.is_user_at_limit(job.user_id) else None
    candidates = head_of_each_group(session, selection)
    return next((job for job in scheduler.sort(candidates, now()) if not scheduler.is_user_at_limit(job.user_id)), None)


def _claim_job(session: Session, job: QueuedJob, worker: str, lease_s: float) -> Claim | None:
    started_at = now()
    parameters = {"queued_id": job.job_id, "worker": worker, "lease_expires_at": lease_end(lease_s), "started_at": started_at}
    row = session.execute(_claim_statement(db.engine.dialect.name), parameters).one_or_none()
    if row is None:
        return None
    result = session.execute(_UPDATE_FAIR_SHARE, {"of_user": job.user_id, "last_served_at": started_at})
    if changed_rows(result) == 0:
        session.execute(insert(FairShare.__table__), {"user_id": job.user_id, "last_served_at": started_at})
    history.append(session, row.id, row.user_id, "running", {"attempt": row.attempt})
    return Claim(
        *(
            row.id,
            row.attempt,
            worker,
            row.user_id,
            row.recording_id,
            row.pipeline,
            dict(row.options),
            row.created_at,
        ),
        lane=row.lane,
        traceparent=row.traceparent,
    )


_JOBS, _FAIR_SHARES = Job.__table__, FairShare.__table__
_UPDATE_FAIR_SHARE = update(_FAIR_SHARES).where(_FAIR_SHARES.c.user_id == bindparam("of_user"))


@functools.cache
def _claim_statement(dialect: str) -> Any:
    queued_job_id = select(_JOBS.c.id).where(_JOBS.c.id == bindparam("queued_id"), in_state(JobState.QUEUED))
    if dialect == "postgresql":
        queued_job_id = queued_job_id.with_for_update(skip_locked=True)
    cleared_columns = dict.fromkeys(("staged_at", "finished_at", "error_code", "error_message", "error_hint", "error_stage"))
    changes = {"state": JobState.RUNNING, "attempt": _JOBS.c.attempt + 1, "wait_reason": ""}
    columns = (
        _JOBS.c[name] for name in ("id", "attempt", "user_id", "recording_id", "pipeline", "options", "created_at", "lane", "traceparent")
    )
    statement = update(_JOBS).where(_JOBS.c.id == queued_job_id.scalar_subquery(), in_state(JobState.QUEUED))
    return statement.values(**changes, **cleared_columns).returning(*columns)


def _set_wait_reason(session: Session, job: QueuedJob, reason: str, wait_reasons: dict[str, str]) -> None:
    if job.wait_reason == reason:
        return
    wait_reason_update = update(Job).where(Job.id == job.job_id, Job.state == JobState.QUEUED).values(wait_reason=reason)
    session.execute(wait_reason_update.execution_options(synchronize_session=False))
    if not job.wait_reason:
        wait_reasons[job.job_id] = reason
