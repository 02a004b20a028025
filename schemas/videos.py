"""Recordings as viewers see them."""

from __future__ import annotations

from pydantic import BaseModel, Field

from domain import Visibility
from lib.clock import iso
from schemas.recordings import ChapterOut
from services.library.videos import Video


class VideoOut(BaseModel):
    id: str
    title: str
    description: str
    tags: list[str]
    visibility: Visibility
    owner: str = Field(description="The name of the owner.")
    kind: str = Field(description="video or audio.")
    language: str
    duration_s: float
    width: int = Field(description="Of the picture, pixels; 0 for audio.")
    height: int
    chapters: list[ChapterOut]
    views: int = Field(description="Views of others, one per viewer and day.")
    likes: int
    comments_allowed: bool
    created_at: str | None

    @classmethod
    def of(cls, video: Video) -> VideoOut:
        recording = video.recording
        picture = (recording.media or {}).get("video") or {}
        return cls(
            id=recording.id,
            title=recording.title,
            description=recording.description,
            tags=recording.tags,
            visibility=Visibility(recording.visibility),
            owner=video.owner_name,
            kind="video" if picture else "audio",
            language=recording.language,
            duration_s=recording.duration_s,
            width=int(picture.get("width") or 0),
            height=int(picture.get("height") or 0),
            chapters=[ChapterOut.model_validate(each) for each in recording.chapters],
            views=recording.view_count,
            likes=recording.like_count,
            comments_allowed=recording.comments_allowed,
            created_at=iso(recording.created_at),
        )


class VideosOut(BaseModel):
    videos: list[VideoOut]
    total: int
