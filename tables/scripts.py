"""Tables of lesson scripts: the requests for them, the scripts, and their versions."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from database import Base, UtcDateTime
from lib.clock import now
from tables.columns import Json, new_id


class ScriptRequest(Base):
    """A request for scripts. `source`: what they are written from; `chat_id`: the name that a client gave it, or ""."""

    __tablename__ = "script_requests"
    __table_args__ = (Index("ix_script_requests_chat", "user_id", "chat_id", "created_at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    chat_id: Mapped[str] = mapped_column(String(128), default="")
    source_kind: Mapped[str] = mapped_column(String(12))
    writer: Mapped[str] = mapped_column(String(8))
    source: Mapped[dict[str, Any]] = mapped_column(Json)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)


class Script(Base):
    """A lesson script. `version`: the number of its current version; 0 while it is being written by the job `job_id`.

    `variant`: its number among the scripts of its request, from 1. `approach`: how it differs from them, or "".
    """

    __tablename__ = "lesson_scripts"
    __table_args__ = (Index("ix_lesson_scripts_user", "user_id", "created_at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    request_id: Mapped[str | None] = mapped_column(ForeignKey("script_requests.id", ondelete="SET NULL"), index=True)
    job_id: Mapped[str | None] = mapped_column(ForeignKey("jobs.id", ondelete="SET NULL"), index=True)
    variant: Mapped[int] = mapped_column(default=1)
    approach: Mapped[str] = mapped_column(String(16), default="")
    title: Mapped[str] = mapped_column(String(500), default="")
    version: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)
    updated_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)


class ScriptVersion(Base):
    """One version of a script; it never changes. `author`: writer, user or instruction. `note`: what changed, such as the instruction.

    `size_bytes` and `scene_count` are those of `script`, which lists need not read.
    """

    __tablename__ = "lesson_script_versions"
    __table_args__ = (UniqueConstraint("script_id", "number"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    script_id: Mapped[str] = mapped_column(ForeignKey("lesson_scripts.id", ondelete="CASCADE"))
    number: Mapped[int]
    script: Mapped[dict[str, Any]] = mapped_column(Json)
    size_bytes: Mapped[int] = mapped_column(default=0)
    scene_count: Mapped[int] = mapped_column(default=0)
    author: Mapped[str] = mapped_column(String(12))
    note: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)
