"""Jobs and uploads in the shapes of AI Film Studio's documents and client, with Lectern's own fields in addition."""

from __future__ import annotations

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain import JobState
from lib.clock import iso
from models import Job
from schemas.recordings import JobOut
from schemas.spec_hints import any_of_fields
from services.jobs.queue import shown_state
from services.jobs.scheduling.forecast import WaitInfo
from services.projects.jobs import JobRequest, type_of

_STATUSES = {
    JobState.QUEUED: "queued",
    JobState.RUNNING: "processing",
    JobState.CANCELLING: "processing",
    JobState.SUCCEEDED: "completed",
    JobState.FAILED: "failed",
    JobState.CANCELLED: "cancelled",
}
STATES_OF_STATUS: dict[str, tuple[JobState, ...]] = {
    "pending": (JobState.QUEUED,),
    "queued": (JobState.QUEUED,),
    "processing": (JobState.RUNNING,),
    "completed": (JobState.SUCCEEDED,),
    "failed": (JobState.FAILED,),
    "cancelled": (JobState.CANCELLED,),
}
_MAX_PARAMETERS = 60


class JobIn(BaseModel):
    """A job of a project, or one of a recording or a text without a project."""

    model_config = ConfigDict(extra="ignore")

    type: str = Field(max_length=60, description="video_generation, voice_synthesis, subtitle_generation or podcast_video.")
    project_id: str = Field("", max_length=64)
    parameters: dict[str, Any] = Field(
        {},
        max_length=_MAX_PARAMETERS,
        description="video_generation: options of lessons. voice_synthesis: `text` or `script_id`, `language`, `voice`, `speed`. "
        "subtitle_generation: `recording_id`, and options of conversions. podcast_video: `recording_id`, `title`, `subtitle`, `theme`, "
        "`height`, `aspect`.",
    )

    def to_request(self) -> JobRequest:
        return JobRequest(self.type, self.project_id, self.parameters)


class SubmitJobIn(BaseModel):
    model_config = ConfigDict(extra="ignore", json_schema_extra=any_of_fields(("project_id",), ("projectId",)))

    project_id: str = Field("", max_length=64)
    projectId: str = Field("", max_length=64)

    @model_validator(mode="after")
    def _require_project(self) -> Self:
        if not (self.project_id or self.projectId):
            raise ValueError("project_id is required")
        return self

    def to_request(self) -> JobRequest:
        return JobRequest("video_generation", self.project_id or self.projectId)


class JobResultOut(BaseModel):
    recording_id: str
    video_url: str | None = Field(description="Opens without a header until it expires.")
    thumbnail_url: str | None


class FilmJobOut(JobOut):
    job_id: str
    type: str = Field(description="As AI Film Studio names it; the pipeline of jobs that it has no name for.")
    project_id: str | None
    status: str = Field(description="queued, processing, completed, failed or cancelled.")
    parameters: dict[str, Any]
    result: JobResultOut | None = Field(description="The recording that the job made or converted; null until it has succeeded.")
    result_url: str | None
    error_message: str | None
    updated_at: str | None
    jobId: str
    currentStep: str
    estimatedTime: float | None = Field(description="Seconds until it is finished; null if that is not known.")
    estimatedTimeRemaining: float | None

    @classmethod
    def of(cls, job: Job, wait: WaitInfo | None = None, urls: tuple[str, str] | None = None) -> FilmJobOut:
        """`urls`: the addresses of the result and of its picture, if the caller may open it."""
        plain_job = JobOut.of(job, wait)
        state = shown_state(job)
        result = None
        if urls is not None and state == JobState.SUCCEEDED and job.recording_id:
            result = JobResultOut(recording_id=job.recording_id, video_url=urls[0] or None, thumbnail_url=urls[1] or None)
        return cls(
            **plain_job.model_dump(),
            job_id=job.id,
            type=type_of(job),
            project_id=job.project_id,
            status=_STATUSES[state],
            parameters=plain_job.options,
            result=result,
            result_url=result.video_url if result else None,
            error_message=job.error_message if state == JobState.FAILED else None,
            updated_at=iso(job.updated_at),
            jobId=job.id,
            currentStep=job.stage,
            estimatedTime=plain_job.seconds_left,
            estimatedTimeRemaining=plain_job.seconds_left,
        )


class FilmJobsOut(BaseModel):
    jobs: list[FilmJobOut]
    total: int


class JobDownloadOut(BaseModel):
    download_url: str
    downloadUrl: str
    expires_in: int
    expiresIn: int
    filename: str
