"""Requests and responses of the API of remote workers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StrictBool

from lib.numbers import reject_bool
from services.library.remote_jobs import AttemptRef, ReportedOutput

Name = Field(min_length=1, max_length=60, pattern=r"^[\w.@-]+$", description="The worker's name for itself.")
Attempt = Annotated[int, Field(ge=1), reject_bool]
Percent = Annotated[float, Field(ge=0, le=100), reject_bool]
Seconds = Annotated[float, Field(ge=0), reject_bool]
Sha256 = Field(pattern=r"^[0-9a-f]{64}$")


class ClaimIn(BaseModel):
    worker: str = Name
    job_id: str | None = Field(None, max_length=36, description="Claim this job only; the next one if left out.")


class AttemptRefIn(BaseModel):
    worker: str = Name
    attempt: Attempt = Field(description="The number from the response to the claim.")

    def attempt_ref(self, job_id: str) -> AttemptRef:
        return AttemptRef(job_id, self.attempt, self.worker)


class HeartbeatIn(AttemptRefIn):
    stage: str = Field("", max_length=40)
    progress: Percent = Field(0.0, description="Percent.")
    seconds_left: Seconds | None = None


class OutputIn(BaseModel):
    format: str = Field(max_length=20)
    size_bytes: Annotated[int, Field(ge=1), reject_bool]
    sha256: str = Sha256

    def output(self) -> ReportedOutput:
        return ReportedOutput(self.format, self.size_bytes, self.sha256)


class CompleteIn(AttemptRefIn):
    outputs: list[OutputIn] = Field(max_length=50, description="Every uploaded result.")
    empty: list[str] = Field([], max_length=50, description="Formats without any content, such as subtitles of a silent recording.")
    warnings: list[str] = Field([], max_length=100)
    metrics: dict[str, Any] = {}


class FailIn(AttemptRefIn):
    code: str = Field("stage_failed", pattern=r"^[a-z0-9_]{1,60}$")
    message: str = Field("", max_length=2000)
    hint: str = Field("", max_length=1000)
    stage: str = Field("", max_length=40)
    log: str = Field("", max_length=20_000)
    retryable: StrictBool = False


class CallbackIn(BaseModel):
    """One address for every report: `processing` claims the job, or is a heartbeat if the worker holds it."""

    job_id: str | None = Field(None, max_length=36)
    video_id: str | None = Field(None, max_length=36, description="Instead of job_id: the newest job of this recording.")
    status: Literal["processing", "completed", "failed"]
    worker: str = Field("callback", min_length=1, max_length=60, pattern=r"^[\w.@-]+$")
    attempt: Attempt | None = None
    stage: str = Field("", max_length=40)
    progress: Percent = 0.0
    seconds_left: Seconds | None = None
    outputs: list[OutputIn] = Field([], max_length=50)
    empty: list[str] = Field([], max_length=50)
    warnings: list[str] = Field([], max_length=100)
    metrics: dict[str, Any] = {}
    error: str = Field("", max_length=2000)
    code: str = Field("stage_failed", pattern=r"^[a-z0-9_]{1,60}$")
    retryable: StrictBool = False


class InputIn(BaseModel):
    sha256: str = Field("", pattern=r"^(?:[0-9a-f]{64})?$", description="That of the claim: another file is not sent.")


class InputOut(BaseModel):
    """A file that the stages read; an empty `sha256` means that it is not known."""

    name: str
    url: str
    sha256: str


class ClaimedOut(BaseModel):
    """A claimed job with the addresses of its parts. A worker that sends no heartbeat for `lease_s` seconds loses the job."""

    job_id: str
    video_id: str | None = Field(description="The recording, if the job has one.")
    attempt: int
    worker: str
    pipeline: str
    options: dict[str, Any]
    workspace: str = Field(description="Jobs with the same workspace may reuse each other's finished stages.")
    inputs: list[InputOut]
    lease_s: float
    duration_s: float
    sha256: str
    source_url: str | None
    subtitles_url: str | None
    results_url: str = Field(description="PUT each result to this address, followed by its format.")
    heartbeat_url: str
    complete_url: str
    fail_url: str


class DoneOut(BaseModel):
    success: bool = True
    job_id: str
    state: str
