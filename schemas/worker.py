"""Requests and responses of the API of remote workers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StrictBool

from schemas.numbers import reject_bool
from services.library.remote_work import AttemptRef, Output

Name = Field(min_length=1, max_length=60, pattern=r"^[\w.@-]+$", description="How the worker calls itself.")
Attempt = Annotated[int, Field(ge=1), reject_bool]
Percent = Annotated[float, Field(ge=0, le=100), reject_bool]
Seconds = Annotated[float, Field(ge=0), reject_bool]
Sha256 = Field(pattern=r"^[0-9a-f]{64}$")


class ClaimIn(BaseModel):
    worker: str = Name
    job_id: str | None = Field(None, max_length=36, description="This job and no other; left out: the next one.")


class AttemptRefIn(BaseModel):
    worker: str = Name
    attempt: Attempt = Field(description="As it was told when the job was claimed.")

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

    def output(self) -> Output:
        return Output(self.format, self.size_bytes, self.sha256)


class CompleteIn(AttemptRefIn):
    outputs: list[OutputIn] = Field(max_length=50, description="Every result that was sent.")
    empty: list[str] = Field([], max_length=50, description="Formats of which there is nothing.")
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
    """One address for all: `processing` without an attempt claims the job, with one says how far it is."""

    job_id: str | None = Field(None, max_length=36)
    video_id: str | None = Field(None, max_length=36, description="Instead of job_id: the recording's newest job.")
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


class ClaimedOut(BaseModel):
    """A job and where its parts are. `lease_s`: seconds after which a silent worker loses it."""

    job_id: str
    video_id: str
    attempt: int
    worker: str
    pipeline: str
    options: dict[str, Any]
    lease_s: float
    duration_s: float
    sha256: str
    source_url: str
    subtitles_url: str | None
    results_url: str = Field(description="PUT each result here, its format added.")
    heartbeat_url: str
    complete_url: str
    fail_url: str


class DoneOut(BaseModel):
    success: bool = True
    job_id: str
    state: str
