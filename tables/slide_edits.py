"""Tables of corrected slides: the slides that were detected, and the journal of their changes."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from database import Base, UtcDateTime
from lib.clock import now
from tables.columns import BigKey, Json


class SlideDeck(Base):
    """The slides of a recording that a user has begun to correct. `revision` increases with every change.

    `base`: the plan of the detected slides, see services/slide_plan/plan.py. `fingerprint`: a hash of their times, by which slides of a
    later conversion are recognised. `present`: the plan after all changes of the journal. `published`: the plan that the newest documents
    were requested from; empty: the detected slides.
    """

    __tablename__ = "slide_decks"

    recording_id: Mapped[str] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"), primary_key=True)
    revision: Mapped[int] = mapped_column(default=1)
    fingerprint: Mapped[str] = mapped_column(String(64))
    base: Mapped[list[Any]] = mapped_column(Json)
    present: Mapped[list[Any]] = mapped_column(Json, default=list)
    published: Mapped[list[Any]] = mapped_column(Json, default=list)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)
    updated_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)


class SlideEdit(Base):
    """A step of the journal. `change`: see services/slide_plan/changes.py. `snapshot`: for some steps, the plan after it as JSON."""

    __tablename__ = "slide_edits"
    __table_args__ = (Index("ix_slide_edits_order", "recording_id", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    recording_id: Mapped[str] = mapped_column(ForeignKey("slide_decks.recording_id", ondelete="CASCADE"))
    is_undone: Mapped[bool] = mapped_column(default=False, server_default=false())
    change: Mapped[dict[str, Any]] = mapped_column(Json)
    snapshot: Mapped[str | None] = mapped_column(Text)
    edited_by: Mapped[str] = mapped_column(String(36), default="")
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)
