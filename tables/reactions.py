"""Tables of what viewers leave at recordings: views, likes and comments."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from database import Base, UtcDateTime
from lib.clock import now
from tables.columns import new_id


class RecordingView(Base):
    """A viewer of a recording on a day (ISO 8601), whose further views of that day do not count. `viewer` is a hash."""

    __tablename__ = "recording_views"

    recording_id: Mapped[str] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True, index=True)
    viewer: Mapped[str] = mapped_column(String(64), primary_key=True)


class RecordingLike(Base):
    """A user who likes a recording."""

    __tablename__ = "recording_likes"

    recording_id: Mapped[str] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)


class Comment(Base):
    """A comment on a recording, or on the moment at `time_s` of it."""

    __tablename__ = "comments"
    __table_args__ = (Index("ix_comments_recording_id_created_at", "recording_id", "created_at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    recording_id: Mapped[str] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"))
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    text: Mapped[str] = mapped_column(Text)
    time_s: Mapped[float | None]
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)
