"""Tables of recordings and the documents made from them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, false, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from database import Base, UtcDateTime
from domain import ProcessingStatus, Visibility
from lib.clock import now
from tables.accounts import User
from tables.columns import Json, new_id, new_short_code

_IS_KEPT = text("deleted_at IS NULL")
_IS_IN_TRASH = text("deleted_at IS NOT NULL")
_IS_LISTED = text(
    "visibility = 'PUBLIC' AND processing_status = 'COMPLETED' AND deleted_at IS NULL AND hidden_at IS NULL AND storage_key <> ''"
)


class Recording(Base):
    """A user's video or audio file. `media` is domain.MediaInfo as JSON.

    `sent_name` is the file's name as the client sent it, `filename` the same made safe for paths. `has_given_title`: a user chose the
    title; otherwise it is that of the first slide, or the name without its extension. `source_id` is the identifier at the site that
    `source_url` leads to, or "". `chapters`: a list of {start_s, title}, as the site states them. `visibility` is a domain.Visibility,
    `processing_status` a domain.ProcessingStatus: viewers see a recording that is COMPLETED. `thumbnail_key` is where the owner was told to
    send a picture; it may be missing. `upload_key` is where a client has sent a file from which the one at `storage_key` was copied.
    `delete_at` is when a recording is deleted that is kept only to answer a request.
    A recording with `deleted_at` is in the trash, and one with `restored_at` was; one with `hidden_at` was hidden by an admin, so that
    only its owner sees it.
    `automatic_streams`: AUTOMATIC_STREAMS prepares it for players.
    `author` is who speaks, "" if unknown. `short_code` is the recording in the links of moments (services/moments).
    `view_count` and `like_count` repeat the numbers of rows in other tables.
    """

    __tablename__ = "recordings"
    __table_args__ = (
        # With `deleted_at`, although it is always null: SQLite would look it up in the table, for every row that is counted.
        Index("ix_recordings_kept", "user_id", "created_at", "deleted_at", sqlite_where=_IS_KEPT, postgresql_where=_IS_KEPT),
        # Partial: SQLite would look up `deleted_at IS NULL` in it, which nearly all recordings meet.
        Index("ix_recordings_deleted_at", "deleted_at", sqlite_where=_IS_IN_TRASH, postgresql_where=_IS_IN_TRASH),
        Index("ix_recordings_listed", "created_at", "user_id", sqlite_where=_IS_LISTED, postgresql_where=_IS_LISTED),
        Index("ix_recordings_storage_key", "storage_key"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(500))
    has_given_title: Mapped[bool] = mapped_column(default=True)
    filename: Mapped[str] = mapped_column(String(255))
    sent_name: Mapped[str] = mapped_column(String(500), default="")
    storage_key: Mapped[str] = mapped_column(String(600))
    upload_key: Mapped[str | None] = mapped_column(String(600), unique=True)
    subtitles_key: Mapped[str | None] = mapped_column(String(600))
    thumbnail_key: Mapped[str | None] = mapped_column(String(600))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(String(16), default="")
    source_url: Mapped[str] = mapped_column(String(2000), default="")
    source_id: Mapped[str] = mapped_column(String(300), default="")
    has_poster: Mapped[bool] = mapped_column(default=False, server_default=false())
    author: Mapped[str] = mapped_column(String(200), default="", server_default="")
    short_code: Mapped[str] = mapped_column(String(12), unique=True, default=new_short_code)
    description: Mapped[str] = mapped_column(Text, default="", server_default="")
    chapters: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list, server_default="[]")
    tags: Mapped[list[str]] = mapped_column(Json, default=list, server_default="[]")
    visibility: Mapped[str] = mapped_column(String(10), default=Visibility.PRIVATE, server_default=Visibility.PRIVATE)
    processing_status: Mapped[str] = mapped_column(
        String(12), default=ProcessingStatus.COMPLETED, server_default=ProcessingStatus.COMPLETED
    )
    duration_s: Mapped[float]
    media: Mapped[dict[str, Any]] = mapped_column(Json)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now, index=True)
    updated_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)
    deleted_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    restored_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    delete_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, index=True)
    hidden_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    automatic_streams: Mapped[bool] = mapped_column(default=True, server_default=true())
    comments_allowed: Mapped[bool] = mapped_column(default=True, server_default=true())
    view_count: Mapped[int] = mapped_column(default=0, server_default="0")
    like_count: Mapped[int] = mapped_column(default=0, server_default="0")

    user: Mapped[User] = relationship(lazy="raise")


class Artifact(Base):
    """A document made from a recording. A newer successful job replaces the artifact of the same format."""

    __tablename__ = "artifacts"
    __table_args__ = (UniqueConstraint("recording_id", "format"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    recording_id: Mapped[str] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"), index=True)
    job_id: Mapped[str] = mapped_column(String(36))
    format: Mapped[str] = mapped_column(String(20))
    filename: Mapped[str] = mapped_column(String(255))
    storage_key: Mapped[str] = mapped_column(String(600))
    content_type: Mapped[str] = mapped_column(String(120))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)


class PendingDeletion(Base):
    """A storage key that is deleted once it is due; see services/library/object_deletion.py."""

    __tablename__ = "pending_deletions"

    key: Mapped[str] = mapped_column(String(600), primary_key=True)
    due_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True)
