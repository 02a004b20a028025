"""Tables of links: batches, which are imported one recording after another, and the cookies of users."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Integer, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from database import Base, UtcDateTime
from lib.clock import now
from tables.columns import Json, new_id


class Batch(Base):
    """A playlist, feed or folder whose recordings are imported one after another.

    `list_job_id` is the job that lists the items; None if they were listed at once. `options` are those of each conversion.
    `is_truncated`: the list has more items than a batch may have. `takes_known`: recordings that the user has already are imported too.
    """

    __tablename__ = "batches"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    url: Mapped[str] = mapped_column(String(2000))
    title: Mapped[str] = mapped_column(String(500), default="")
    sealed_password: Mapped[str] = mapped_column(Text, default="")
    list_job_id: Mapped[str | None] = mapped_column(ForeignKey("jobs.id", ondelete="SET NULL"))
    conversion: Mapped[str] = mapped_column(String(40))
    options: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    audio_only: Mapped[bool] = mapped_column(default=False, server_default=false())
    takes_known: Mapped[bool] = mapped_column(default=False, server_default=false())
    is_truncated: Mapped[bool] = mapped_column(default=False, server_default=false())
    wait_reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    listed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    cancelled_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)
    updated_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)


class SiteCookies(Base):
    """The cookies that a user's downloads send, as a file in Netscape format, encrypted. `domains` lists the sites they belong to."""

    __tablename__ = "site_cookies"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    sealed_text: Mapped[str] = mapped_column(Text)
    domains: Mapped[list[str]] = mapped_column(Json, default=list)
    updated_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)


class BatchItem(Base):
    """One recording of a batch; services/links/batch_states.py describes `state`.

    `title` is what the list calls it; `has_title`: the site states it, so it becomes the recording's title. The errors are those of
    items that could not start; later ones are those of the recording's jobs.
    """

    __tablename__ = "batch_items"
    __table_args__ = (UniqueConstraint("batch_id", "position"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    batch_id: Mapped[str] = mapped_column(ForeignKey("batches.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(Integer)
    url: Mapped[str] = mapped_column(String(2000))
    title: Mapped[str] = mapped_column(String(500), default="")
    has_title: Mapped[bool] = mapped_column(default=False, server_default=false())
    source_id: Mapped[str] = mapped_column(String(300), default="")
    duration_s: Mapped[float | None]
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(16), index=True)
    recording_id: Mapped[str | None] = mapped_column(ForeignKey("recordings.id", ondelete="SET NULL"), index=True)
    error_code: Mapped[str | None] = mapped_column(String(60))
    error_message: Mapped[str | None] = mapped_column(Text)
    error_hint: Mapped[str | None] = mapped_column(Text)
