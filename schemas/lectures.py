"""Recordings as the documented root paths show them: `video_id`, `in_queue`, `pdf_url`."""

from __future__ import annotations

from pydantic import BaseModel, Field

from domain import JobState
from lib.clock import iso
from models import Job, Recording
from schemas.recordings import ErrorOut
from schemas.webhooks import JobWebhookOut
from services.jobs.queue import shown_state

_STATUS = {
    JobState.QUEUED: "in_queue",
    JobState.RUNNING: "processing",
    JobState.CANCELLING: "cancelling",
    JobState.SUCCEEDED: "completed",
    JobState.FAILED: "failed",
    JobState.CANCELLED: "cancelled",
}


def status_of(job: Job | None) -> str:
    """Return the documented status word of a job's state."""
    return _STATUS[shown_state(job)] if job else "in_queue"


class UploadOut(BaseModel):
    success: bool = True
    video_id: str
    message: str
    s3_key: str
    job_id: str
    links: dict[str, str]
    webhook: JobWebhookOut | None


class LectureRow(BaseModel):
    id: str
    video_id: str
    filename: str
    video_name: str
    title: str
    status: str = Field(description="in_queue, processing, cancelling, completed, failed or cancelled.")
    progress_percent: float
    file_size: int
    duration_s: float
    upload_date: str | None
    date: str | None
    created_at: str | None
    updated_at: str | None
    user_email: str
    cancelled: bool
    cancelled_by: str | None = Field(description="E-mail address of the user who cancelled the conversion.")
    cancelled_at: str | None
    cancellation_reason: str | None

    @classmethod
    def of(cls, recording: Recording, job: Job | None, email: str) -> LectureRow:
        created_at = iso(recording.created_at)
        cancelled_job = job if job is not None and job.state == JobState.CANCELLED else None
        return cls(
            id=recording.id,
            video_id=recording.id,
            filename=recording.sent_name or recording.filename,
            video_name=recording.sent_name or recording.filename,
            title=recording.title,
            status=status_of(job),
            progress_percent=job.progress if job else 0.0,
            file_size=recording.size_bytes,
            duration_s=recording.duration_s,
            upload_date=created_at,
            date=created_at,
            created_at=created_at,
            updated_at=iso(job.updated_at if job else recording.updated_at),
            user_email=email,
            cancelled=cancelled_job is not None,
            cancelled_by=cancelled_job.cancelled_by if cancelled_job else None,
            cancelled_at=iso(cancelled_job.finished_at) if cancelled_job else None,
            cancellation_reason=cancelled_job.cancellation_reason if cancelled_job else None,
        )


class ListOut(BaseModel):
    success: bool = True
    videos: list[LectureRow]
    total: int
    timestamp: str | None


class StatusOut(LectureRow):
    job_id: str | None
    stage: str
    progress: float = Field(description="0 to 100.")
    seconds_left: float | None = Field(description="Estimate from earlier jobs on this server; null if there were none like it.")
    queue_position: int | None = Field(description="1 starts next; null unless the job is queued and may start.")
    wait_reason: str = Field(description="A sentence: the reason why a queued job does not run yet.")
    error: str | None = Field(description="A sentence that describes the error.")
    error_code: str | None
    error_hint: str | None
    error_detail: ErrorOut | None
    warnings: list[str]
    metrics: dict[str, object]
    pdf_url: str | None
    subtitle_url: str | None
    downloads: dict[str, str] = Field(description="Format to a URL that opens without a header.")
    pdf_ready: bool
    download_url: str | None = Field(description="The same as `pdf_url`.")
    size: int = Field(description="The same as `file_size`.")
    user_id: str


class CancelIn(BaseModel):
    reason: str = Field("", max_length=1000)
    cleanup_completed: bool = Field(False, description="Whether to delete a recording whose job has finished.")


class CancelOut(BaseModel):
    success: bool = True
    message: str
    video_id: str
    status: str = Field(description="cancelling, cancelled, completed, failed or deleted.")


class DownloadOut(BaseModel):
    success: bool = True
    download_url: str = Field(description="Opens without a header, for `expires_in` seconds.")
    video_id: str
    filename: str
    expires_in: int
