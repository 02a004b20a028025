"""Jobs and the queue in the admin API."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from lib.clock import iso
from lib.numbers import reject_bool
from models import Job
from schemas.recordings import JobOut
from services.jobs.queue.status import QueueStatus
from services.jobs.scheduling.forecast import WaitInfo


class PauseIn(BaseModel):
    reason: str = Field("", max_length=500, description="A sentence shown to the owners of queued jobs.")


class QueueOut(BaseModel):
    paused: bool
    reason: str
    paused_by: str
    paused_at: str | None
    waiting: int
    waiting_short: int
    waiting_long: int
    running: int
    oldest_waiting_s: float = Field(description="Waiting time of the oldest queued job, seconds.")

    @classmethod
    def of(cls, status: QueueStatus) -> QueueOut:
        return cls(
            paused=status.pause is not None,
            reason=status.pause.reason if status.pause else "",
            paused_by=status.pause.paused_by if status.pause else "",
            paused_at=iso(status.pause.paused_at) if status.pause else None,
            waiting=sum(status.waiting.values()),
            waiting_short=status.waiting["short"],
            waiting_long=status.waiting["long"],
            running=status.running,
            oldest_waiting_s=status.oldest_wait_s,
        )


class JobPatch(BaseModel):
    priority: Annotated[int, Field(ge=-1000, le=1000), reject_bool]


class AdminJobOut(JobOut):
    user_id: str
    max_attempts: int
    worker: str | None
    lease_expires_at: str | None
    expected_duration_s: float | None = Field(description="Expected duration when the job was submitted, seconds.")
    error_log: str = Field(description="Ends of the attempts' logs: program output and tracebacks, newest last.")

    @classmethod
    def of(cls, job: Job, wait: WaitInfo | None = None) -> AdminJobOut:
        return cls(
            **JobOut.of(job, wait).model_dump(),
            user_id=job.user_id,
            max_attempts=job.max_attempts,
            worker=job.worker,
            lease_expires_at=iso(job.lease_expires_at),
            expected_duration_s=job.expected_duration_s,
            error_log=job.error_log or "",
        )


class StuckTaskOut(BaseModel):
    video_id: str | None
    job_id: str
    assigned_worker: str
    stage: str
    progress_percent: float
    lease_expired_at: str | None

    @classmethod
    def of(cls, job: Job) -> StuckTaskOut:
        return cls(
            video_id=job.recording_id,
            job_id=job.id,
            assigned_worker=job.worker or "",
            stage=job.stage,
            progress_percent=job.progress,
            lease_expired_at=iso(job.lease_expires_at),
        )


class StuckTasksOut(BaseModel):
    stuck_tasks: list[StuckTaskOut]
    count: int
    timestamp: str | None
