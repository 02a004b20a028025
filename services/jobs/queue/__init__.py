"""The job queue: submit, cancel, retry, prioritise and rescue jobs.

claiming.py claims jobs, candidates.py reads them in the order of the scheduler, attempts.py has the writes of a worker.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

import errors
from database import end_read, notify_after_commit, run_hooks, session, transaction
from domain import JobState
from lib.clock import now
from models import Job, Project, Recording
from services.jobs.queue import counters, history
from services.jobs.queue.attempts import Claim as Claim
from services.jobs.queue.attempts import append_to_log
from services.jobs.queue.attempts import check as check
from services.jobs.queue.attempts import confirm as confirm
from services.jobs.queue.attempts import fail as fail
from services.jobs.queue.attempts import fence as fence
from services.jobs.queue.attempts import heartbeat as heartbeat
from services.jobs.queue.attempts import release as release
from services.jobs.queue.attempts import retry_pause_s as retry_pause_s
from services.jobs.queue.attempts import still_exists as still_exists
from services.jobs.queue.attempts import succeed as succeed
from services.jobs.queue.candidates import has_waiting as has_waiting
from services.jobs.queue.candidates import ready as ready
from services.jobs.queue.claiming import claim as claim
from services.jobs.queue.recording_lock import lock_recording_of_job
from services.jobs.queue.topics import JOB_DELETED, JOB_QUEUED, JobQueued
from services.jobs.queue.topics import JOBS_WAITING as JOBS_WAITING
from services.jobs.scheduling import duration_model
from services.jobs.scheduling.scheduler import LaneThresholds

_MAX_ATTEMPTS = 5
_MIN_GAIN_PERCENT = 5.0  # so that a job that advances a little in each attempt fails in the end


def submit(
    *,
    user_id: str,
    pipeline: str,
    options: Mapping[str, Any],
    recording_id: str | None = None,
    project_id: str | None = None,
    priority: int = 0,
    lanes: LaneThresholds = LaneThresholds(),
    media_s: float | None = None,
    payer_id: str | None = None,
    is_free: bool = False,
) -> Job:
    """Put a job into the queue. `media_s` is the basis of its expected duration; by default the length of its recording.

    `payer_id`: the user whose credits pay; by default `user_id`. `is_free`: nobody pays. Raises InsufficientCredits
    and PayerSuspended.
    """
    with transaction() as session:
        job = Job(user_id=user_id, recording_id=recording_id, pipeline=pipeline, options=dict(options), priority=priority)
        job.is_free, job.payer_id = is_free, None if is_free else payer_id or user_id
        job.project_id = project_id
        if media_s is None:
            media_s = session.execute(select(Recording.duration_s).where(Recording.id == recording_id)).scalar_one_or_none() or 0.0
        job.media_s = media_s
        job.expected_duration_s = duration_model.expected_s(session, pipeline, media_s)
        job.lane = lanes.lane_of(media_s, job.expected_duration_s)
        session.add(job)
        session.flush()
        run_hooks(JOB_QUEUED, session, JobQueued(job, media_s))
        history.append(session, job.id, user_id, "queued", {})
        notify_after_commit(JOBS_WAITING)
    return job


def payer_of(session: Session, job_id: str) -> str | None:
    """Return the id of the user who pays for a job, for the job that follows it; None if nobody does."""
    return session.execute(select(Job.payer_id).where(Job.id == job_id)).scalar_one_or_none()


def request_cancel(job_id: str, *, by: str = "", reason: str = "") -> JobState:
    """Cancel a queued job at once; ask a running one to stop. A finished one stays as it is. `by`: an e-mail address."""
    with transaction() as session:
        lock_recording_of_job(session, job_id)
        job = session.get_one(Job, job_id, populate_existing=True)
        if job.state == JobState.QUEUED or (job.state == JobState.RUNNING and not job.cancel_requested):
            job.cancelled_by, job.cancellation_reason = by or None, reason or None
        if job.state == JobState.QUEUED:
            job.state, job.finished_at, job.wait_reason, job.staged_at = JobState.CANCELLED, now(), "", None
            history.append(session, job.id, job.user_id, "cancelled", {})
        elif job.state == JobState.RUNNING and not job.cancel_requested:
            job.cancel_requested = True
            history.append(session, job.id, job.user_id, "cancelling", {})
        return shown_state(job)


def cancel_for_deletion(job_ids: Sequence[str]) -> None:
    """Cancel unfinished jobs whose rows the transaction deletes: nothing will report their end."""
    with transaction() as session:
        for job_id in job_ids:
            request_cancel(job_id)
            run_hooks(JOB_DELETED, session, job_id)


def retry(job_id: str) -> Job:
    """Put a failed or cancelled job back into the queue with fresh attempts; finished stages are not repeated.

    It is charged as a new job is: to who pays for its project now, or to its owner. Raises InsufficientCredits and PayerSuspended.
    """
    with transaction() as session:
        lock_recording_of_job(session, job_id)
        job = session.get_one(Job, job_id, populate_existing=True)
        if job.state not in (JobState.FAILED, JobState.CANCELLED):
            raise errors.Conflict(f"The job is {job.state}.")
        job.state, job.cancel_requested, job.finished_at = JobState.QUEUED, False, None
        job.max_attempts, job.run_after, job.staged_at, job.queued_at = job.attempt + _MAX_ATTEMPTS, None, None, now()
        job.progress_at_last_loss, job.cancelled_by, job.cancellation_reason = 0.0, None, None
        job.payer_id = None if job.is_free else _payer_now(session, job)
        run_hooks(JOB_QUEUED, session, JobQueued(job, _media_s_now(session, job)))
        history.append(session, job.id, job.user_id, "queued", {"again": True})
        notify_after_commit(JOBS_WAITING)
    return job


def _payer_now(session: Session, job: Job) -> str:
    of_project = select(func.coalesce(Project.payer_id, Project.user_id)).where(Project.id == job.project_id)
    return session.execute(of_project).scalar_one_or_none() or job.user_id


def _media_s_now(session: Session, job: Job) -> float:
    """Return the length of the job's recording, which may have been unknown when it was submitted."""
    of_recording = select(Recording.duration_s).where(Recording.id == job.recording_id)
    return session.execute(of_recording).scalar_one_or_none() or job.media_s


def set_priority(job_id: str, priority: int) -> None:
    """Set the priority; queued jobs with a higher one start first, regardless of their owners."""
    with transaction() as session:
        session.get_one(Job, job_id, populate_existing=True).priority = priority


def shown_state(job: Job) -> JobState:
    """Return the state as users see it: `cancelling` for a running job that is being stopped."""
    state = JobState(job.state)
    return JobState.CANCELLING if state is JobState.RUNNING and job.cancel_requested else state


def rescue_orphaned(dead_workers: Sequence[str] = ()) -> int:
    """Requeue jobs whose lease has expired or whose worker is dead; fail those out of attempts. Return their number.

    A job that got further than at its previous loss gets new attempts: it is not what kills its workers.
    """
    is_orphaned = and_(Job.state == JobState.RUNNING, or_(Job.lease_expires_at < now(), Job.worker.in_(dead_workers)))
    failures = 0
    with transaction() as session:
        jobs = session.execute(select(Job).where(is_orphaned).order_by(Job.payer_id).with_for_update(skip_locked=True)).scalars().all()
        for job in jobs:
            _end_lost(job)
            has_failed = job.state == JobState.FAILED
            report = {"code": job.error_code, "message": job.error_message, "hint": job.error_hint} if has_failed else {}
            kind = "requeued" if job.state == JobState.QUEUED else job.state
            history.append(
                session, job.id, job.user_id, kind, {"reason": "lost", **report, **history.progress_data(job.stage, job.progress, None)}
            )
            failures += has_failed
        counters.add_failures(session, errors.WorkerLost.code, failures)
    return len(jobs)


def _end_lost(job: Job) -> None:
    error = errors.WorkerLost(f"It was last at {job.stage or 'its start'}.")
    job.error_log = append_to_log(job.error_log, job.attempt, f"The worker {job.worker} was lost at {job.stage or 'its start'}.")
    if job.progress >= job.progress_at_last_loss + _MIN_GAIN_PERCENT:
        job.progress_at_last_loss, job.max_attempts = job.progress, max(job.max_attempts, job.attempt + _MAX_ATTEMPTS)
    if job.cancel_requested:
        job.state, job.finished_at = JobState.CANCELLED, now()
    elif job.attempt >= job.max_attempts:
        job.state, job.finished_at, job.retryable = JobState.FAILED, now(), False
        job.error_code, job.error_message = error.code, f"{error.message} {error.detail}"
        job.error_hint, job.error_stage = error.hint, job.stage
    else:
        job.state = JobState.QUEUED
    job.worker, job.lease_expires_at, job.seconds_left = None, None, None


def running_workers() -> set[str]:
    """Return the ids of the workers that hold a job."""
    end_read()
    workers = session().execute(select(Job.worker).where(Job.state == JobState.RUNNING, Job.worker.is_not(None)).distinct())
    return {worker for worker in workers.scalars() if worker}
