"""One attempt at a job, as its worker sees it: keep the lease, publish, end. Every write names the attempt and changes nothing
once another has claimed the job (a fencing token, https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import CursorResult, bindparam, select, update
from sqlalchemy.orm import Session

import errors
from database import end_read, session, transaction
from domain import JobState
from lib.backoff import backoff_s
from lib.clock import now
from models import Job
from services.jobs.queue import counters, history
from services.jobs.queue.candidates import in_state

_LONGEST_PAUSE_S = 3600.0  # that somebody else's service may ask for
MOST_LOG = 20_000  # characters of a job's log that are kept


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
    lane: str = "short"
    traceparent: str = ""


def heartbeat(claim: Claim, lease_s: float, *, stage: str, progress: float, seconds_left: float | None) -> None:
    """Renew the lease and say how far the work is. Raises LeaseLost or Cancelled."""
    with transaction() as writing:
        before = writing.execute(_LOOK, _named(claim)).one_or_none()
        _write(writing, claim, lease_expires_at=after(lease_s), stage=stage, progress=progress, seconds_left=seconds_left)
        if before is None or before.stage != stage:
            history.append(writing, claim.job_id, claim.user_id, "stage", history.where(stage, progress, seconds_left))
    if before is not None and before.cancel_requested:
        raise errors.Cancelled


def check(claim: Claim) -> None:
    """A look without a write. Raises LeaseLost or Cancelled."""
    end_read()
    found = session().execute(_LOOK, _named(claim)).one_or_none()
    end_read()
    if found is None:
        raise errors.LeaseLost
    if found.cancel_requested:
        raise errors.Cancelled


def confirm(claim: Claim) -> None:
    """Raise LeaseLost unless the job is still this attempt's."""
    end_read()
    if session().execute(_LOOK, _named(claim)).first() is None:
        raise errors.LeaseLost


def still_exists(claim: Claim) -> bool:
    end_read()
    return session().execute(select(Job.id).where(Job.id == claim.job_id)).first() is not None


def fence(writing: Session, claim: Claim) -> None:
    """Let the rest of this transaction happen only while the job is this attempt's. Raises LeaseLost."""
    _write(writing, claim, updated_at=now())


def succeed(writing: Session, claim: Claim, *, warnings: Sequence[str], metrics: Mapping[str, Any]) -> None:
    """The last write of an attempt."""
    _write(
        writing,
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
    counters.add_stages(writing, metrics)
    history.append(writing, claim.job_id, claim.user_id, "succeeded", {})


def fail(claim: Claim, error: errors.LecternError, *, stage: str, log: str) -> None:
    """End this attempt: back into the queue while the error may pass and attempts are left, else for good."""
    with transaction() as writing:
        job = writing.execute(select(Job).where(*_MINE), _named(claim)).scalar_one_or_none()
        if job is None:
            raise errors.LeaseLost
        again = error.retryable and job.attempt < job.max_attempts
        asked = min(error.retry_after_s or 0, _LONGEST_PAUSE_S) if isinstance(error, errors.ProviderBusy) else 0
        pause = dt.timedelta(seconds=max(retry_pause_s(job.attempt), asked))
        state = JobState.CANCELLED if isinstance(error, errors.Cancelled) else JobState.QUEUED if again else JobState.FAILED
        _write(
            writing,
            claim,
            state=state,
            worker=None,
            lease_expires_at=None,
            seconds_left=None,
            run_after=now() + pause if again else None,
            finished_at=None if again else now(),
            error_code=error.code,
            error_message=f"{error.message} {error.detail}".strip(),
            error_hint=error.hint,
            error_stage=stage,
            error_log=log_with(job.error_log, job.attempt, log),
            retryable=error.retryable,
        )
        if state != JobState.CANCELLED:
            counters.add_failures(writing, error.code)
        told = {"code": error.code, "message": f"{error.message} {error.detail}".strip(), "hint": error.hint}
        kind = "retrying" if again else state.value
        history.append(writing, claim.job_id, claim.user_id, kind, told | history.where(stage, job.progress, None))


def release(claim: Claim) -> None:
    """Give the job back unharmed: this worker is shutting down."""
    with transaction() as writing:
        _write(writing, claim, once_more=True, state=JobState.QUEUED, worker=None, lease_expires_at=None, seconds_left=None)
        history.append(writing, claim.job_id, claim.user_id, "requeued", {"reason": "shutdown"})


def log_with(before: str | None, attempt: int, text: str) -> str:
    """A job's log with one more attempt's end; the oldest lines go where it grows too long."""
    return f"{before or ''}--- attempt {attempt}, {now():%Y-%m-%d %H:%M:%S} UTC\n{text.rstrip()}\n"[-MOST_LOG:]


def retry_pause_s(attempt: int) -> float:
    """How long a job waits after its nth failed attempt."""
    return backoff_s(attempt, 5.0, factor=3.0, max_s=600.0)


def after(lease_s: float) -> dt.datetime:
    return now() + dt.timedelta(seconds=lease_s)


_JOBS = Job.__table__
_MINE = (
    _JOBS.c.id == bindparam("of_job"),
    _JOBS.c.attempt == bindparam("of_attempt"),
    _JOBS.c.worker == bindparam("of_worker"),
    in_state(JobState.RUNNING),
)
_LOOK = select(_JOBS.c.stage, _JOBS.c.cancel_requested).where(*_MINE)
_CHANGE = update(_JOBS).where(*_MINE)  # what is set are the parameters that are named as columns
_CHANGE_FOR_ONCE_MORE = _CHANGE.values(max_attempts=_JOBS.c.max_attempts + 1)


def _named(claim: Claim) -> dict[str, Any]:
    return {"of_job": claim.job_id, "of_attempt": claim.attempt, "of_worker": claim.worker}


def _write(writing: Session, claim: Claim, *, once_more: bool = False, **values: Any) -> None:
    """`once_more`: this attempt does not count."""
    change = _CHANGE_FOR_ONCE_MORE if once_more else _CHANGE
    changed = writing.execute(change, {**_named(claim), **values})
    if cast("CursorResult[Any]", changed).rowcount == 0:
        raise errors.LeaseLost
