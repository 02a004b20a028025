"""The queue as SQL: submit, claim, heartbeat, end. Nothing here runs a job.

A claim raises `attempt`; every later write of that worker names it and changes nothing once another has claimed
(a fencing token, https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, Select, and_, or_, select, update
from sqlalchemy.orm import Session

import errors
from database import db, session, transaction
from domain import JobState
from models import Job, JobEvent
from services.jobs import outbox
from services.tools import metrics
from services.tools.clock import now

ACTIVE = (JobState.QUEUED, JobState.RUNNING)


@dataclass(frozen=True)
class Claim:
    """One attempt at a job: what its worker may know and must name in every write."""

    job_id: str
    attempt: int
    worker: str
    user_id: str
    recording_id: str | None
    pipeline: str
    options: Mapping[str, Any]
    created_at: dt.datetime


def submit(*, user_id: str, pipeline: str, options: Mapping[str, Any], recording_id: str | None = None, priority: int = 0) -> Job:
    """Put a job into the queue; the caller wakes the executor after its transaction."""
    with transaction() as writing:
        job = Job(user_id=user_id, recording_id=recording_id, pipeline=pipeline, options=dict(options), priority=priority)
        writing.add(job)
        writing.flush()
        _append_event(writing, job.id, user_id, "queued", {})
    return job


def claim(worker: str, lease_s: float, job_id: str | None = None) -> Claim | None:
    """Take the next job, or `job_id` if it may run now; or None. One conditional UPDATE: two workers can't both get it."""
    with transaction() as writing:
        named = () if job_id is None else (Job.id == job_id,)
        waiting = in_order(select(Job.id).where(*ready(), *named)).limit(1)
        if db.engine.dialect.name == "postgresql":
            waiting = waiting.with_for_update(skip_locked=True)
        taken = writing.execute(
            update(Job)
            .where(Job.id == waiting.scalar_subquery(), Job.state == JobState.QUEUED)
            .values(
                state=JobState.RUNNING,
                attempt=Job.attempt + 1,
                worker=worker,
                lease_until=_after(lease_s),
                sent_at=None,
                started_at=now(),
                finished_at=None,
                error_code=None,
                error_message=None,
                error_hint=None,
                error_stage=None,
                error_log=None,
            )
            .returning(Job)
            .execution_options(synchronize_session=False)
        ).scalar_one_or_none()
        if taken is None:
            return None
        _append_event(writing, taken.id, taken.user_id, "running", {"attempt": taken.attempt})
        return Claim(
            taken.id, taken.attempt, worker, taken.user_id, taken.recording_id, taken.pipeline, dict(taken.options), taken.created_at
        )


def heartbeat(claim: Claim, lease_s: float, *, stage: str, progress: float, seconds_left: float | None) -> None:
    """Renew the lease and say how far the work is. Raises LeaseLost or Cancelled."""
    with transaction() as writing:
        before = writing.execute(select(Job.stage).where(_is(claim))).scalar_one_or_none()
        _write(writing, claim, lease_until=_after(lease_s), stage=stage, progress=progress, seconds_left=seconds_left)
        if before != stage:
            _append_event(writing, claim.job_id, claim.user_id, "stage", _where(stage, progress, seconds_left))
        cancelled = writing.execute(select(Job.cancel_requested).where(_is(claim))).scalar_one()
    if cancelled:
        raise errors.Cancelled


def confirm(claim: Claim) -> None:
    """Raise LeaseLost unless the job is still this attempt's."""
    session().rollback()
    if session().execute(select(Job.id).where(_is(claim))).first() is None:
        raise errors.LeaseLost


def fence(writing: Session, claim: Claim) -> None:
    """Let the rest of this transaction happen only while the job is this attempt's. Raises LeaseLost."""
    _write(writing, claim, updated_at=now())


def succeed(writing: Session, claim: Claim, *, warnings: Sequence[str], measures: Mapping[str, Any]) -> None:
    """The last write of an attempt."""
    _write(
        writing,
        claim,
        state=JobState.SUCCEEDED,
        progress=100.0,
        seconds_left=0.0,
        stage="",
        warnings=list(warnings),
        measures=dict(measures),
        finished_at=now(),
        lease_until=None,
    )
    _append_event(writing, claim.job_id, claim.user_id, "succeeded", {})


def fail(claim: Claim, error: errors.LecternError, *, stage: str, log: str) -> None:
    """End this attempt: back into the queue while the error may pass and attempts are left, else for good."""
    with transaction() as writing:
        job = writing.execute(select(Job).where(_is(claim))).scalar_one_or_none()
        if job is None:
            raise errors.LeaseLost
        again = error.retryable and job.attempt < job.max_attempts
        pause = dt.timedelta(seconds=retry_pause_s(job.attempt))
        state = JobState.CANCELLED if isinstance(error, errors.Cancelled) else JobState.QUEUED if again else JobState.FAILED
        _write(
            writing,
            claim,
            state=state,
            worker=None,
            lease_until=None,
            seconds_left=None,
            run_after=now() + pause if again else None,
            finished_at=None if again else now(),
            error_code=error.code,
            error_message=f"{error.message} {error.detail}".strip(),
            error_hint=error.hint,
            error_stage=stage,
            error_log=log[-20_000:],
            retryable=error.retryable,
        )
        told = {"code": error.code, "message": f"{error.message} {error.detail}".strip(), "hint": error.hint}
        kind = "retrying" if again else state.value
        _append_event(writing, claim.job_id, claim.user_id, kind, told | _where(stage, job.progress, None))


def release(claim: Claim) -> None:
    """Give the job back unharmed: this worker is shutting down."""
    with transaction() as writing:
        _write(writing, claim, state=JobState.QUEUED, max_attempts=Job.max_attempts + 1, worker=None, lease_until=None)
        _append_event(writing, claim.job_id, claim.user_id, "requeued", {"reason": "shutdown"})


def request_cancel(job_id: str) -> JobState:
    """Cancel a queued job at once; ask a running one to stop. A finished one stays as it is."""
    with transaction() as writing:
        job = writing.get_one(Job, job_id, populate_existing=True)
        if job.state == JobState.QUEUED:
            job.state, job.finished_at = JobState.CANCELLED, now()
            _append_event(writing, job.id, job.user_id, "cancelled", {})
        elif job.state == JobState.RUNNING:
            job.cancel_requested = True
            _append_event(writing, job.id, job.user_id, "cancelling", {})
        return shown_state(job)


def retry(job_id: str) -> Job:
    """Put a failed or cancelled job back into the queue with fresh attempts; finished stages are not repeated."""
    with transaction() as writing:
        job = writing.get_one(Job, job_id, populate_existing=True)
        if job.state not in (JobState.FAILED, JobState.CANCELLED):
            raise errors.Conflict(f"The job is {job.state}.")
        job.state, job.cancel_requested, job.finished_at = JobState.QUEUED, False, None
        job.max_attempts, job.run_after, job.sent_at = job.attempt + 5, None, None
        _append_event(writing, job.id, job.user_id, "queued", {"again": True})
    return job


def shown_state(job: Job) -> JobState:
    state = JobState(job.state)
    return JobState.CANCELLING if state is JobState.RUNNING and job.cancel_requested else state


def requeue_lost(dead_workers: Sequence[str] = ()) -> int:
    """Put back jobs whose lease ran out or whose worker is known to be dead; -> how many. Poison jobs fail."""
    lost = and_(Job.state == JobState.RUNNING, or_(Job.lease_until < now(), Job.worker.in_(dead_workers)))
    poisoned = 0
    with transaction() as writing:
        jobs = writing.execute(select(Job).where(lost).with_for_update(skip_locked=True)).scalars().all()
        for job in jobs:
            if job.cancel_requested:
                job.state, job.finished_at = JobState.CANCELLED, now()
            elif job.attempt >= job.max_attempts:
                job.state, job.finished_at = JobState.FAILED, now()
                job.error_code, job.error_message = "worker_lost", "The worker was lost each time it tried this job."
                job.error_hint, job.error_stage = errors.StageFailed.hint, job.stage
            else:
                job.state = JobState.QUEUED
            job.worker, job.lease_until = None, None
            failed = job.state == JobState.FAILED
            told = {"code": job.error_code, "message": job.error_message, "hint": job.error_hint} if failed else {}
            kind = "requeued" if job.state == JobState.QUEUED else job.state
            _append_event(writing, job.id, job.user_id, kind, {"reason": "lost", **told, **_where(job.stage, job.progress, None)})
            poisoned += failed
    metrics.FAILURES.labels("worker_lost").inc(poisoned)
    return len(jobs)


def has_waiting() -> bool:
    session().rollback()
    return session().execute(select(Job.id).where(*ready()).limit(1)).first() is not None


def retry_pause_s(attempt: int) -> float:
    """How long a job waits after its nth failed attempt."""
    return float(min(600, 5 * 3 ** (attempt - 1)))


def running_workers() -> set[str]:
    session().rollback()
    found = session().execute(select(Job.worker).where(Job.state == JobState.RUNNING, Job.worker.is_not(None)).distinct())
    return {worker for worker in found.scalars() if worker}


def ready() -> tuple[ColumnElement[bool], ...]:
    """What makes a job one that may be claimed now."""
    return (Job.state == JobState.QUEUED, or_(Job.run_after.is_(None), Job.run_after <= now()))


def in_order(waiting: Select[Any]) -> Select[Any]:
    """Jobs that may be claimed, whose turn is first coming first."""
    return waiting.order_by(Job.priority.desc(), Job.created_at)


def _after(lease_s: float) -> dt.datetime:
    return now() + dt.timedelta(seconds=lease_s)


def _is(claim: Claim) -> Any:
    return and_(Job.id == claim.job_id, Job.attempt == claim.attempt, Job.worker == claim.worker, Job.state == JobState.RUNNING)


def _write(writing: Session, claim: Claim, **values: Any) -> None:
    changed = writing.execute(update(Job).where(_is(claim)).values(**values).execution_options(synchronize_session=False))
    if cast("CursorResult[Any]", changed).rowcount == 0:
        raise errors.LeaseLost


def _where(stage: str, progress: float, seconds_left: float | None) -> dict[str, Any]:
    return {"stage": stage, "progress": round(progress, 1), "seconds_left": seconds_left}


def _append_event(writing: Session, job_id: str, user_id: str, kind: str, data: Mapping[str, Any]) -> None:
    writing.add(JobEvent(job_id=job_id, user_id=user_id, kind=kind, data=dict(data)))
    outbox.put(writing, job_id, user_id, kind)
