"""Tables of projects: what belongs to a video that is being made, and who works on it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Boolean, ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from database import Base, UtcDateTime
from lib.clock import now
from tables.columns import Json, new_id


class Project(Base):
    """A project. Its status follows from `job_id`, the newest job that makes its video, and `recording_id`, the newest video.

    `payer_id`: who pays for its jobs; without one the owner does. `settings` and `details` are what the client has sent in the fields
    `settings` and `metadata`; `lesson_options` are the options of its videos that differ from the defaults; `glossary` is a list of
    {term, spoken, misheard}. `script_text` is the text that a client has sent as the script, and `script_text_version` the version of
    the script that was made of it: a newer version replaces the text.
    """

    __tablename__ = "projects"
    __table_args__ = (Index("ix_projects_user", "user_id", "created_at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    payer_id: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    name: Mapped[str] = mapped_column(String(500))
    description: Mapped[str] = mapped_column(Text, default="")
    script_text: Mapped[str] = mapped_column(Text, default="")
    script_text_version: Mapped[int] = mapped_column(default=0)
    settings: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    details: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    lesson_options: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    glossary: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    job_id: Mapped[str | None] = mapped_column(String(36), index=True)
    recording_id: Mapped[str | None] = mapped_column(ForeignKey("recordings.id", ondelete="SET NULL"), index=True)
    completed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    archived_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)
    updated_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)


class ProjectMember(Base):
    """A user who works on another user's project. `role`: editor or viewer; the owner has no row."""

    __tablename__ = "project_members"

    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)


class ProjectInvitation(Base):
    """An invitation that was not answered yet. `role`: what the user will be: editor or viewer."""

    __tablename__ = "project_invitations"

    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)


class ProjectAsset(Base):
    """A part of a project: exactly one of a recording, a script and an uploaded file.

    `kind`: recording, lesson, script, image or document. `is_main`: the script that the project's video is made of.
    """

    __tablename__ = "project_assets"
    __table_args__ = (
        UniqueConstraint("project_id", "recording_id"),
        UniqueConstraint("project_id", "script_id"),
        UniqueConstraint("project_id", "file_id"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(10))
    recording_id: Mapped[str | None] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"), index=True)
    script_id: Mapped[str | None] = mapped_column(ForeignKey("lesson_scripts.id", ondelete="CASCADE"), index=True)
    file_id: Mapped[str | None] = mapped_column(ForeignKey("uploaded_files.id", ondelete="CASCADE"), index=True)
    is_main: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    details: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    added_by: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)
