"""Likes and comments of recordings."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from lib.clock import iso
from lib.text_fields import required_lines
from schemas.times import RecordingTime
from services.reactions.comments import MAX_COMMENT_CHARS, ShownComment


class LikesOut(BaseModel):
    likes: int
    liked: bool = Field(description="Whether the caller likes the recording.")


class CommentIn(BaseModel):
    text: Annotated[str, Field(min_length=1, max_length=MAX_COMMENT_CHARS), required_lines]
    time_s: RecordingTime | None = Field(None, description="The second of the recording it is about.")


class CommentOut(BaseModel):
    id: str
    author: str = Field(description="The name of the author.")
    text: str
    time_s: float | None
    is_own: bool
    may_delete: bool
    created_at: str | None

    @classmethod
    def of(cls, shown_comment: ShownComment) -> CommentOut:
        comment = shown_comment.comment
        return cls(
            id=comment.id,
            author=shown_comment.author_name,
            text=comment.text,
            time_s=comment.time_s,
            is_own=shown_comment.is_own,
            may_delete=shown_comment.may_delete,
            created_at=iso(comment.created_at),
        )


class CommentsOut(BaseModel):
    comments: list[CommentOut]
    total: int
    allowed: bool = Field(description="Whether the recording takes comments; if not, none are shown.")
