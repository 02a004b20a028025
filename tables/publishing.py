"""Tables of publishing on YouTube."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from database import Base, UtcDateTime
from lib.clock import now
from tables.columns import Json, new_id


class YouTubeAccount(Base):
    """A channel that a user has connected. `sealed_token`: the refresh token, encrypted; `error_code`: why it does not work any more."""

    __tablename__ = "youtube_accounts"
    __table_args__ = (UniqueConstraint("user_id", "channel_id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    channel_id: Mapped[str] = mapped_column(String(64))
    channel_title: Mapped[str] = mapped_column(String(200))
    sealed_token: Mapped[str] = mapped_column(Text)
    error_code: Mapped[str] = mapped_column(String(60), default="")
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)
    updated_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)


class PendingRevocation(Base):
    """The encrypted refresh token of a channel that was disconnected, or of a deleted account, which Google has not revoked yet."""

    __tablename__ = "pending_revocations"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    sealed_token: Mapped[str] = mapped_column(Text)
    due_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)
    attempts: Mapped[int] = mapped_column(default=0)


class YouTubeSignIn(Base):
    """A sign-in at Google that has begun. `state_hash`: SHA-256 of `state`; `sealed_verifier`: the PKCE code verifier, encrypted."""

    __tablename__ = "youtube_sign_ins"

    state_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    sealed_verifier: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True)


class Publication(Base):
    """A recording that is published on YouTube. `metadata_sent`: title, description, privacy and so on, as sent.

    `video_id` is "" until the video exists; `privacy` is what YouTube reports after the upload, which may be stricter.
    """

    __tablename__ = "publications"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    recording_id: Mapped[str] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"), index=True)
    account_id: Mapped[str | None] = mapped_column(ForeignKey("youtube_accounts.id", ondelete="SET NULL"), index=True)
    job_id: Mapped[str | None] = mapped_column(ForeignKey("jobs.id", ondelete="SET NULL"), index=True)
    metadata_sent: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    video_id: Mapped[str] = mapped_column(String(64), default="")
    privacy: Mapped[str] = mapped_column(String(16), default="")
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)
    published_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
