"""Writes of the worker of an attempt: heartbeats, success, failure and release.

Every write names the attempt and changes nothing once another attempt has begun: a fencing token
(https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

import errors
from database import changed_rows, end_read, session, transaction
from domain import JobState
from lib.backoff import backoff_s
from lib.clock import now
from models import Job
from services.jobs.queue import counters, history
from services.jobs.queue.candidates import in_state
from services.jobs.queue.recording_lock import lock_recording

_MAX_RETRY_AFTER_S = 3600.0  # longer waits that a provider asks for are shortened
MAX_LOG_CHARS = 20_000  # the end of a job's log; earlier lines are dropped


@dataclass(frozen=True)
class Claim:
    """One attempt at a job. Job id, attempt and worker identify it in every write."""

    job_id: str
    attempt: int
    worker: str
    user_id: str
    recording_id: str | None
    pipeline: str
    options: Mapping[str, Any]
    created_at: dt.datetime
    lane: str = "short"
    traceparent: str = ""


def heartbeat(claim: Claim, lease_s: float, *, stage: str, progress: float, seconds_left: float | None) -> None:
    """Renew the lease and write the progress. Raises LeaseLost or Cancelled."""
    with transaction() as session:
        previous = session.execute(_SELECT_OWN, _parameters(claim)).one_or_none()
        _update(session, claim, lease_expires_at=lease_end(lease_s), stage=stage, progress=progress, seconds_left=seconds_left)
        if previous is None or previous.stage != stage:
            history.append(session, claim.job_id, claim.user_id, "stage", history.progress_data(stage, progress, seconds_left))
    if previous is not None and previous.cancel_requested:
        raise errors.Cancelled


def check(claim: Claim) -> None:
    """Raise LeaseLost or Cancelled if the attempt has to stop; writes nothing."""
    end_read()
    row = session().execute(_SELECT_OWN, _parameters(claim)).one_or_none()
    end_read()
    if row is None:
        raise errors.LeaseLost
    if row.cancel_requested:
        raise errors.Cancelled


def confirm(claim: Claim) -> None:
    """Raise LeaseLost unless the attempt still holds the job."""
    end_read()
    if session().execute(_SELECT_OWN, _parameters(claim)).first() is None:
        raise errors.LeaseLost


def still_exists(claim: Claim) -> bool:
    """Return whether the job has not been deleted."""
    end_read()
    return session().execute(select(Job.id).where(Job.id == claim.job_id)).first() is not None


def fence(session: Session, claim: Claim) -> None:
    """Make the rest of this transaction depend on the attempt holding the job. Raises LeaseLost."""
    _update(session, claim, updated_at=now())


def succeed(session: Session, claim: Claim, *, warnings: Sequence[str], metrics: Mapping[str, Any]) -> None:
    """End the attempt and the job successfully. Raises LeaseLost."""
    _update(
        session,
        claim,
        state=JobState.SUCCEEDED,
        progress=100.0,
        seconds_left=0.0,
        stage="",
        warnings=list(warnings),
        metrics=dict(metrics),
        finished_at=now(),
        lease_expires_at=None,
        error_log=None,
    )
    counters.add_stages(session, metrics)
    history.append(session, claim.job_id, claim.user_id, "succeeded", {})


def fail(claim: Claim, error: errors.LecternError, *, stage: str, log: str) -> None:
    """End the attempt with an error. The job goes back into the queue if the error is retryable and attempts are left. Raises LeaseLost."""
    with transaction() as session:
        lock_recording(session, claim.recording_id)
        job = session.execute(select(Job).where(*_IS_OWN), _parameters(claim)).scalar_one_or_none()
        if job is None:
            raise errors.LeaseLost
        is_retried = error.retryable and job.attempt < job.max_attempts
        provider_delay_s = min(error.retry_after_s or 0, _MAX_RETRY_AFTER_S) if isinstance(error, errors.ProviderBusy) else 0
        pause = dt.timedelta(seconds=max(retry_pause_s(job.attempt), provider_delay_s))
        state = JobState.CANCELLED if isinstance(error, errors.Cancelled) else JobState.QUEUED if is_retried else JobState.FAILED
        _update(
            session,
            claim,
            state=state,
            worker=None,
            lease_expires_at=None,
            seconds_left=None,
            run_after=now() + pause if is_retried else None,
            finished_at=None if is_retried else now(),
            error_code=error.code,
            error_message=f"{error.message} {error.detail}".strip(),
            error_hint=error.hint,
            error_stage=stage,
            error_log=append_to_log(job.error_log, job.attempt, log),
            retryable=error.retryable,
        )
        if state != JobState.CANCELLED:
            counters.add_failures(session, error.code)
        error_data = {"code": error.code, "message": f"{error.message} {error.detail}".strip(), "hint": error.hint}
        kind = "retrying" if is_retried else state.value
        history.append(session, claim.job_id, claim.user_id, kind, error_data | history.progress_data(stage, job.progress, None))


def release(claim: Claim) -> None:
    """Put the job back into the queue without counting the attempt, because the worker shuts down. Raises LeaseLost."""
    with transaction() as session:
        _update(session, claim, is_uncounted=True, state=JobState.QUEUED, worker=None, lease_expires_at=None, seconds_left=None)
        history.append(session, claim.job_id, claim.user_id, "requeued", {"reason": "shutdown"})


def append_to_log(log: str | None, attempt: int, text: str) -> str:
    """Return a job's log with the output of one more attempt; the oldest lines are dropped when it gets too long."""
    return f"{log or ''}--- attempt {attempt}, {now():%Y-%m-%d %H:%M:%S} UTC\n{text.rstrip()}\n"[-MAX_LOG_CHARS:]


def retry_pause_s(attempt: int) -> float:
    """Return the seconds that a job waits after its nth failed attempt."""
    return backoff_s(attempt, 5.0, factor=3.0, max_s=600.0)


def lease_end(lease_s: float) -> dt.datetime:
    return now() + dt.timedelta(seconds=lease_s)


_JOBS = Job.__table__
_IS_OWN = (
    _JOBS.c.id == bindparam("of_job"),
    _JOBS.c.attempt == bindparam("of_attempt"),
    _JOBS.c.worker == bindparam("of_worker"),
    in_state(JobState.RUNNING),
)
_SELECT_OWN = select(_JOBS.c.stage, _JOBS.c.cancel_requested).where(*_IS_OWN)
_UPDATE_OWN = update(_JOBS).where(*_IS_OWN)  # the parameters named like columns are set
_UPDATE_OWN_UNCOUNTED = _UPDATE_OWN.values(max_attempts=_JOBS.c.max_attempts + 1)


def _parameters(claim: Claim) -> dict[str, Any]:
    return {"of_job": claim.job_id, "of_attempt": claim.attempt, "of_worker": claim.worker}


def _update(session: Session, claim: Claim, *, is_uncounted: bool = False, **values: Any) -> None:
    """Update the job if the attempt holds it. `is_uncounted`: this attempt does not count. Raises LeaseLost."""
    change = _UPDATE_OWN_UNCOUNTED if is_uncounted else _UPDATE_OWN
    result = session.execute(change, {**_parameters(claim), **values})
    if changed_rows(result) == 0:
        raise errors.LeaseLost
