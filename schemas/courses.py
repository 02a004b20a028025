"""Courses, and how far users have watched recordings."""

from __future__ import annotations

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from domain import Visibility
from lib.clock import iso
from models import WatchPosition
from schemas.cleaning import Title, upper_case
from schemas.spec_hints import at_least_one
from schemas.times import RecordingTime
from schemas.videos import VideoOut
from services.accounts import Caller
from services.courses.courses import MAX_RECORDINGS, CourseChanges, CourseEntry, CourseSummary
from services.library.editing import MAX_DESCRIPTION_CHARS, clean_description


class CourseFields(BaseModel):
    title: Title
    description: str = Field("", max_length=MAX_DESCRIPTION_CHARS)
    visibility: Visibility = Field(Visibility.PRIVATE, description="Who sees the course; each recording keeps its own visibility.")

    @field_validator("description")
    @classmethod
    def _clean_description(cls, value: str) -> str:
        return clean_description(value)

    _upper_case = field_validator("visibility", mode="before")(upper_case)


class CourseIn(CourseFields):
    pass


class CoursePatch(CourseFields):
    model_config = ConfigDict(json_schema_extra=at_least_one)

    title: Title = ""

    @model_validator(mode="after")
    def _require_a_change(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("at least one of title, description and visibility is required")
        return self

    def changes(self) -> CourseChanges:
        """Return the fields that were sent."""
        return CourseChanges(**self.model_dump(include=self.model_fields_set))


class CourseRecordingsIn(BaseModel):
    recording_ids: list[str] = Field(
        max_length=MAX_RECORDINGS,
        description="The recordings of the course in their order, each once.",
        json_schema_extra={"uniqueItems": True},
    )

    @field_validator("recording_ids")
    @classmethod
    def _require_different(cls, value: list[str]) -> list[str]:
        if len(set(value)) < len(value):
            raise ValueError("a recording is listed twice")
        return value


class ProgressOut(BaseModel):
    watched: int = Field(description="Recordings that the caller has watched to their end.")
    total: int


class CourseOut(BaseModel):
    id: str
    title: str
    description: str
    visibility: Visibility
    owner: str = Field(description="The name of the owner.")
    is_own: bool = Field(description="Whether the caller is the owner.")
    recordings: int = Field(description="The number of recordings that the caller may watch.")
    progress: ProgressOut | None = Field(description="Null for visitors, and if the server does not store it (WATCH_POSITIONS).")
    created_at: str | None
    updated_at: str | None

    @classmethod
    def of(cls, summary: CourseSummary, viewer: Caller | None, *, with_progress: bool) -> Self:
        return cls(**cls.facts(summary, viewer, with_progress=with_progress))

    @staticmethod
    def facts(summary: CourseSummary, viewer: Caller | None, *, with_progress: bool) -> dict[str, Any]:
        course = summary.course
        return {
            "id": course.id,
            "title": course.title,
            "description": course.description,
            "visibility": Visibility(course.visibility),
            "owner": summary.owner_name,
            "is_own": viewer is not None and viewer.user_id == course.user_id,
            "recordings": summary.recordings,
            "progress": ProgressOut(watched=summary.watched, total=summary.recordings) if with_progress else None,
            "created_at": iso(course.created_at),
            "updated_at": iso(course.updated_at),
        }


class PositionIn(BaseModel):
    position_s: RecordingTime


class PositionOut(BaseModel):
    position_s: float
    is_watched: bool = Field(description="Whether it was watched to its end (90 %) at some time.")

    @classmethod
    def of(cls, row: WatchPosition | None) -> PositionOut:
        return cls(position_s=row.position_s if row else 0.0, is_watched=bool(row and row.is_watched))


class CourseEntryOut(BaseModel):
    recording: VideoOut
    position: PositionOut | None = Field(description="How far the caller has watched it; null where `progress` is.")

    @classmethod
    def of(cls, entry: CourseEntry, *, with_progress: bool) -> CourseEntryOut:
        return cls(recording=VideoOut.of(entry.video), position=PositionOut.of(entry.position) if with_progress else None)


class CourseDetailOut(CourseOut):
    entries: list[CourseEntryOut] = Field(description="The recordings that the caller may watch, in order.")
    hidden_recordings: int = Field(description="How many more recordings the course has, which are not open to the caller.")


class CoursesOut(BaseModel):
    courses: list[CourseOut]
    total: int
