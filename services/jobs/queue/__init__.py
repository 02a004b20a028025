"""The queue as its users see it: submit, look, cancel, retry, recover. Nothing here runs a job.

Who takes which job when stands in claiming.py and turns.py, what the worker of an attempt may write in attempts.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import and_, or_, select

import errors
from database import end_read, notify_after_commit, session, transaction
from domain import JobState
from lib.clock import now
from models import Job, Recording
from services.jobs.queue import counters, history
from services.jobs.queue.attempts import Claim as Claim
from services.jobs.queue.attempts import check as check
from services.jobs.queue.attempts import confirm as confirm
from services.jobs.queue.attempts import fail as fail
from services.jobs.queue.attempts import fence as fence
from services.jobs.queue.attempts import heartbeat as heartbeat
from services.jobs.queue.attempts import log_with
from services.jobs.queue.attempts import release as release
from services.jobs.queue.attempts import retry_pause_s as retry_pause_s
from services.jobs.queue.attempts import still_exists as still_exists
from services.jobs.queue.attempts import succeed as succeed
from services.jobs.queue.candidates import has_waiting as has_waiting
from services.jobs.queue.candidates import ready as ready
from services.jobs.queue.claiming import claim as claim
from services.jobs.queue.topics import JOBS_WAITING as JOBS_WAITING
from services.jobs.scheduling import duration_model
from services.jobs.scheduling.scheduler import LaneThresholds

_ATTEMPTS = 5
_FURTHER = 5.0  # per cent: so that the attempts of a job that moves a little each time end, too


def submit(
    *,
    user_id: str,
    pipeline: str,
    options: Mapping[str, Any],
    recording_id: str | None = None,
    priority: int = 0,
    lanes: LaneThresholds = LaneThresholds(),
) -> Job:
    """Put a job into the queue."""
    with transaction() as writing:
        job = Job(user_id=user_id, recording_id=recording_id, pipeline=pipeline, options=dict(options), priority=priority)
        media_s = writing.execute(select(Recording.duration_s).where(Recording.id == recording_id)).scalar_one_or_none() or 0.0
        job.expected_duration_s = duration_model.expected_s(writing, pipeline, media_s)
        job.lane = lanes.lane_of(media_s, job.expected_duration_s)
        writing.add(job)
        writing.flush()
        history.append(writing, job.id, user_id, "queued", {})
        notify_after_commit(JOBS_WAITING)
    return job


def request_cancel(job_id: str) -> JobState:
    """Cancel a queued job at once; ask a running one to stop. A finished one stays as it is."""
    with transaction() as writing:
        job = writing.get_one(Job, job_id, populate_existing=True)
        if job.state == JobState.QUEUED:
            job.state, job.finished_at, job.wait_reason, job.staged_at = JobState.CANCELLED, now(), "", None
            history.append(writing, job.id, job.user_id, "cancelled", {})
        elif job.state == JobState.RUNNING and not job.cancel_requested:
            job.cancel_requested = True
            history.append(writing, job.id, job.user_id, "cancelling", {})
        return shown_state(job)


def retry(job_id: str) -> Job:
    """Put a failed or cancelled job back into the queue with fresh attempts; finished stages are not repeated."""
    with transaction() as writing:
        job = writing.get_one(Job, job_id, populate_existing=True)
        if job.state not in (JobState.FAILED, JobState.CANCELLED):
            raise errors.Conflict(f"The job is {job.state}.")
        job.state, job.cancel_requested, job.finished_at = JobState.QUEUED, False, None
        job.max_attempts, job.run_after, job.staged_at, job.queued_at = job.attempt + _ATTEMPTS, None, None, now()
        job.progress_at_last_loss = 0.0
        history.append(writing, job.id, job.user_id, "queued", {"again": True})
        notify_after_commit(JOBS_WAITING)
    return job


def set_priority(job_id: str, priority: int) -> None:
    """Among waiting jobs a higher priority goes first, whoever's they are."""
    with transaction() as writing:
        writing.get_one(Job, job_id, populate_existing=True).priority = priority


def shown_state(job: Job) -> JobState:
    state = JobState(job.state)
    return JobState.CANCELLING if state is JobState.RUNNING and job.cancel_requested else state


def rescue_orphaned(dead_workers: Sequence[str] = ()) -> int:
    """Put back jobs whose lease ran out or whose worker is known to be dead; -> how many. Poison jobs fail.

    A job that got further than when it was last lost is no poison: whoever kills workers may kill its workers often.
    """
    lost = and_(Job.state == JobState.RUNNING, or_(Job.lease_expires_at < now(), Job.worker.in_(dead_workers)))
    poisoned = 0
    with transaction() as writing:
        jobs = writing.execute(select(Job).where(lost).with_for_update(skip_locked=True)).scalars().all()
        for job in jobs:
            _end_lost(job)
            failed = job.state == JobState.FAILED
            told = {"code": job.error_code, "message": job.error_message, "hint": job.error_hint} if failed else {}
            kind = "requeued" if job.state == JobState.QUEUED else job.state
            history.append(writing, job.id, job.user_id, kind, {"reason": "lost", **told, **history.where(job.stage, job.progress, None)})
            poisoned += failed
        counters.add_failures(writing, errors.WorkerLost.code, poisoned)
    return len(jobs)


def _end_lost(job: Job) -> None:
    lost = errors.WorkerLost(f"The last time it was at {job.stage or 'its beginning'}.")
    job.error_log = log_with(job.error_log, job.attempt, f"The worker {job.worker} was lost at {job.stage or 'its beginning'}.")
    if job.progress >= job.progress_at_last_loss + _FURTHER:
        job.progress_at_last_loss, job.max_attempts = job.progress, max(job.max_attempts, job.attempt + _ATTEMPTS)
    if job.cancel_requested:
        job.state, job.finished_at = JobState.CANCELLED, now()
    elif job.attempt >= job.max_attempts:
        job.state, job.finished_at, job.retryable = JobState.FAILED, now(), False
        job.error_code, job.error_message = lost.code, f"{lost.message} {lost.detail}"
        job.error_hint, job.error_stage = lost.hint, job.stage
    else:
        job.state = JobState.QUEUED
    job.worker, job.lease_expires_at, job.seconds_left = None, None, None


def running_workers() -> set[str]:
    end_read()
    found = session().execute(select(Job.worker).where(Job.state == JobState.RUNNING, Job.worker.is_not(None)).distinct())
    return {worker for worker in found.scalars() if worker}
