"""Recordings, jobs, documents and events in the API under /api/v1. Times are ISO 8601 UTC."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from domain import JobState, Visibility
from lib.clock import iso
from lib.text import clean_text
from models import Artifact, Job, JobEvent, Recording
from schemas.cleaning import Title, upper_case
from schemas.spec_hints import at_least_one
from services.jobs.queue import shown_state
from services.jobs.scheduling.forecast import WaitInfo
from services.library.editing import (
    MAX_DESCRIPTION_CHARS,
    MAX_TAG_CHARS,
    MAX_TAGS,
    RecordingChanges,
    clean_description,
    clean_tags,
)


class ErrorOut(BaseModel):
    code: str
    message: str
    hint: str
    stage: str
    retryable: bool

    @classmethod
    def of(cls, job: Job | None) -> ErrorOut | None:
        if job is None or not job.error_code:
            return None
        return cls(
            code=job.error_code,
            message=job.error_message or "",
            hint=job.error_hint or "",
            stage=job.error_stage or "",
            retryable=job.retryable,
        )


class JobOut(BaseModel):
    id: str
    recording_id: str | None
    pipeline: str
    state: str
    stage: str = Field(description="Stages running now, joined by ` + `.")
    progress: float = Field(description="0 to 100.")
    seconds_left: float | None = Field(description="Estimate from earlier jobs on this server; null if there were none like it.")
    queue_position: int | None = Field(description="1 starts next; null unless the job is queued and may start.")
    wait_reason: str = Field(description="A sentence: the reason why a queued job does not run yet.")
    lane: str = Field(description="short or long: short jobs start first, until a long one has waited for a while.")
    priority: int
    attempt: int
    error: ErrorOut | None
    warnings: list[str]
    metrics: dict[str, Any]
    options: dict[str, Any]
    created_at: str | None
    started_at: str | None
    finished_at: str | None

    @classmethod
    def of(cls, job: Job, wait: WaitInfo | None = None) -> JobOut:
        """`wait`: the forecast for a queued job, if there is one."""
        wait = wait or WaitInfo(wait_reason=job.wait_reason)
        return cls(
            id=job.id,
            recording_id=job.recording_id,
            pipeline=job.pipeline,
            state=shown_state(job),
            stage=job.stage,
            progress=job.progress,
            seconds_left=wait.seconds_left if job.state == JobState.QUEUED else job.seconds_left,
            queue_position=wait.position,
            wait_reason=wait.wait_reason,
            lane=job.lane,
            priority=job.priority,
            attempt=job.attempt,
            error=ErrorOut.of(job),
            warnings=job.warnings,
            metrics=job.metrics,
            options={name: value for name, value in job.options.items() if not name.startswith("sealed_")},
            created_at=iso(job.created_at),
            started_at=iso(job.started_at),
            finished_at=iso(job.finished_at),
        )


class ArtifactOut(BaseModel):
    id: str
    recording_id: str
    format: str
    filename: str
    content_type: str
    size_bytes: int
    sha256: str
    storage_key: str
    created_at: str | None
    url: str = Field(description="Needs no header; valid for a limited time.")

    @classmethod
    def of(cls, artifact: Artifact, url: str) -> ArtifactOut:
        return cls(
            id=artifact.id,
            recording_id=artifact.recording_id,
            format=artifact.format,
            filename=artifact.filename,
            content_type=artifact.content_type,
            size_bytes=artifact.size_bytes,
            sha256=artifact.sha256,
            storage_key=artifact.storage_key,
            created_at=iso(artifact.created_at),
            url=url,
        )


class ChapterOut(BaseModel):
    start_s: float
    title: str


class RecordingOut(BaseModel):
    id: str
    title: str
    filename: str
    storage_key: str
    size_bytes: int
    sha256: str
    duration_s: float
    language: str
    source_url: str = Field(description="The link from which the recording was downloaded; empty for an upload.")
    has_poster: bool = Field(description="Whether `/api/v1/recordings/{id}/poster` has the picture of the site.")
    author: str = Field(description="Who speaks; documents and citations name them. Empty if unknown.")
    short_link: str = Field(description="The beginning of the links to moments of the recording.")
    description: str = Field(description="Never null. For a link, at first the description on its site.")
    tags: list[str]
    visibility: Visibility = Field(description="Who may watch it: everybody, everybody who has the address, or the owner.")
    chapters: list[ChapterOut] = Field(description="The chapters on the site of the link; they become headings of the documents.")
    media: dict[str, Any]
    created_at: str | None
    updated_at: str | None
    deleted_at: str | None = Field(description="When it was moved to the trash; null if it is not there.")
    automatic_streams: bool = Field(description="Whether the server may prepare it for players after its conversion.")
    comments_allowed: bool
    views: int = Field(description="Views of others, one per viewer and day.")
    likes: int
    hidden_at: str | None = Field(description="When an admin hid it from viewers; null if it is not hidden.")
    job: JobOut | None = Field(description="The newest job.")
    artifacts: list[ArtifactOut]

    @classmethod
    def of(cls, recording: Recording, job: Job | None, artifacts: list[ArtifactOut], short_link: str) -> RecordingOut:
        return cls(
            id=recording.id,
            title=recording.title,
            filename=recording.filename,
            storage_key=recording.storage_key,
            size_bytes=recording.size_bytes,
            sha256=recording.sha256,
            duration_s=recording.duration_s,
            language=recording.language,
            source_url=recording.source_url,
            has_poster=recording.has_poster,
            author=recording.author,
            short_link=short_link,
            description=recording.description,
            tags=recording.tags,
            visibility=Visibility(recording.visibility),
            chapters=[ChapterOut.model_validate(each) for each in recording.chapters],
            media=recording.media,
            created_at=iso(recording.created_at),
            updated_at=iso(recording.updated_at),
            deleted_at=iso(recording.deleted_at),
            automatic_streams=recording.automatic_streams,
            comments_allowed=recording.comments_allowed,
            views=recording.view_count,
            likes=recording.like_count,
            hidden_at=iso(recording.hidden_at),
            job=JobOut.of(job) if job else None,
            artifacts=artifacts,
        )


class RecordingsOut(BaseModel):
    recordings: list[RecordingOut]
    total: int


class RecordingPatch(BaseModel):
    model_config = ConfigDict(json_schema_extra=at_least_one)

    title: Title = ""
    author: str = Field("", max_length=200, description="Who speaks.")
    description: str = Field("", max_length=MAX_DESCRIPTION_CHARS)
    tags: list[Annotated[str, Field(max_length=MAX_TAG_CHARS)]] = Field([], max_length=MAX_TAGS, description="Replaces the tags.")
    visibility: Visibility = Visibility.PRIVATE
    automatic_streams: bool = Field(True, description="Whether the server may prepare it for players after its conversion.")
    comments_allowed: bool = Field(True, description="Whether viewers may comment; if not, comments are not shown either.")

    _upper_case = field_validator("visibility", mode="before")(upper_case)

    @model_validator(mode="after")
    def _require_a_change(self) -> Self:
        if not self.model_fields_set:
            raise ValueError(
                "at least one of title, author, description, tags, visibility, comments_allowed and automatic_streams is required"
            )
        return self

    def changes(self) -> RecordingChanges:
        """Return the fields that were sent."""
        changes = self.model_dump(include=self.model_fields_set)
        if "author" in changes:
            changes["author"] = clean_text(changes["author"])
        if "description" in changes:
            changes["description"] = clean_description(changes["description"])
        if "tags" in changes:
            changes["tags"] = clean_tags(changes["tags"])
        return RecordingChanges(**changes)


class ArtifactsOut(BaseModel):
    artifacts: list[ArtifactOut]


class EventOut(BaseModel):
    id: int
    kind: str
    data: dict[str, Any]
    at: str | None

    @classmethod
    def of(cls, event: JobEvent) -> EventOut:
        return cls(id=event.id, kind=event.kind, data=event.data, at=iso(event.created_at))


class EventsOut(BaseModel):
    events: list[EventOut]
