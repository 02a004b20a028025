"""Topics of the queue: notifications after a commit, and hooks inside the transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from domain import JobState
from models import Job

if TYPE_CHECKING:
    from services.jobs.queue.attempts import Claim

JOBS_WAITING = "jobs_waiting"  # after the commit
JOB_QUEUED = "job_queued"  # hook, with a JobQueued
JOB_LOADED = "job_loaded"  # hook, outside a transaction, with a JobLoaded
JOB_ENDED = "job_ended"  # hook, with a JobEnded
JOB_DELETED = "job_deleted"  # hook, with the id of an unfinished job whose row is about to be deleted: it will not end


@dataclass(frozen=True)
class JobLoaded:
    """A claimed job whose inputs were read. Hooks may change `options`, which the stages see; they must not write to the database."""

    claim: Claim
    options: dict[str, Any]


@dataclass(frozen=True)
class JobQueued:
    """A job that was submitted or retried. `media_s`: seconds of media that it reads or makes."""

    job: Job
    media_s: float


@dataclass(frozen=True)
class JobEnded:
    """A job that has reached a final state."""

    job_id: str
    state: JobState
