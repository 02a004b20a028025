"""Notices and notification preferences: requests and responses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from lib.clock import iso
from models import Notice

Kinds = Annotated[list[Literal["succeeded", "failed"]], Field(max_length=2, description="Job results to be notified of; empty: none.")]


class NoticeOut(BaseModel):
    id: str
    kind: str = Field(description="How a job ended, succeeded or failed; project_invitation; or test.")
    job_id: str | None
    pipeline: str = Field(description="The kind of the job, such as `lesson`; empty without one.")
    recording_id: str | None
    project_id: str | None
    title: str
    text: str = Field(description="For a failed job: the error, and what to do.")
    read_at: str | None
    created_at: str | None

    @classmethod
    def of(cls, notice: Notice, pipelines: Mapping[str, str]) -> NoticeOut:
        return cls(
            id=notice.id,
            kind=notice.kind,
            job_id=notice.job_id,
            pipeline=pipelines.get(notice.job_id or "", ""),
            recording_id=notice.recording_id,
            project_id=notice.project_id,
            title=notice.title,
            text=notice.text,
            read_at=iso(notice.read_at),
            created_at=iso(notice.created_at),
        )


class NoticesOut(BaseModel):
    notices: list[NoticeOut]
    total: int
    unread: int = Field(description="Number of unread notices on all pages.")


class NotificationsIn(BaseModel):
    in_app: Kinds
    email: Kinds


class NotificationsOut(BaseModel):
    in_app: list[str]
    email: list[str]
    email_available: bool = Field(description="Whether this server sends e-mail at all.")
