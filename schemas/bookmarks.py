"""Requests and responses about bookmarks."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from lib.clock import iso
from models import Bookmark
from schemas.spec_hints import at_least_one
from schemas.times import RecordingTime
from services.library.bookmarks import MAX_TEXT_CHARS

Text = Annotated[str, Field(max_length=MAX_TEXT_CHARS, description="The user's note; it may have several lines.")]


class BookmarkIn(BaseModel):
    time_s: RecordingTime
    text: Text = ""


class BookmarkPatch(BaseModel):
    model_config = ConfigDict(json_schema_extra=at_least_one)

    time_s: RecordingTime = 0.0
    text: Text = ""

    @model_validator(mode="after")
    def _require_a_change(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("time_s or text is required")
        return self


class BookmarkOut(BaseModel):
    id: str
    time_s: float
    text: str
    created_at: str | None
    updated_at: str | None

    @classmethod
    def of(cls, row: Bookmark) -> BookmarkOut:
        return cls(id=row.id, time_s=row.time_s, text=row.text, created_at=iso(row.created_at), updated_at=iso(row.updated_at))


class BookmarksOut(BaseModel):
    bookmarks: list[BookmarkOut]
