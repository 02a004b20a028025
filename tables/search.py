"""Tables of the search. Everything in them is derived from recordings, transcripts and slides.

The terms themselves are in the tables `search_index_recordings` and `search_index_moments`, which differ between the databases and belong
to services/search/fts5.py and services/search/tsvector.py.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from database import Base
from tables.columns import BigKey, Json

_IS_OUTDATED = text("outdated IS NOT NULL")


class SearchDocument(Base):
    """A recording in the search index. `outdated`: a random value while the index does not show the newest state of the recording.

    `language`: the one whose stems the index has, guessed from the words if nobody stated it. `offset_s`: where the converted part begins
    in the recording. `slides_version`: the hash of the archive that the slides were read from, or "".
    """

    __tablename__ = "search_documents"
    __table_args__ = (
        # By the id: every search asks for the first ones, and SQLite would go through all rows to have them in this order.
        Index("ix_search_documents_outdated", "id", "outdated", sqlite_where=_IS_OUTDATED, postgresql_where=_IS_OUTDATED),
        {"sqlite_autoincrement": True, "info": {"is_derived": True}},
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    recording_id: Mapped[str] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"), unique=True)
    outdated: Mapped[str | None] = mapped_column(String(36))
    language: Mapped[str] = mapped_column(String(16), default="", server_default="", index=True)
    offset_s: Mapped[float] = mapped_column(default=0.0, server_default="0")
    slides_version: Mapped[str] = mapped_column(String(64), default="", server_default="")


class RecordingSlide(Base):
    """A slide of a recording. `start_s`: when it is first shown; `visits`: lists [start, end]; all in seconds of the recording.

    `terms`: those of title and text, each between spaces. `picture_hash`: similar for pictures that look the same, "" if there is none.
    `group`: equal for the slides of a user that look the same and have the same text.
    """

    __tablename__ = "recording_slides"
    __table_args__ = ({"info": {"is_derived": True}},)

    recording_id: Mapped[str] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    title: Mapped[str] = mapped_column(Text, default="")
    text: Mapped[str] = mapped_column(Text, default="")
    start_s: Mapped[float]
    visits: Mapped[list[list[Any]]] = mapped_column(Json, default=list)
    width: Mapped[int] = mapped_column(default=0)
    height: Mapped[int] = mapped_column(default=0)
    has_picture: Mapped[bool] = mapped_column(default=False)
    picture_hash: Mapped[str] = mapped_column(String(64), default="")
    terms: Mapped[str] = mapped_column(Text, default="")
    group: Mapped[str] = mapped_column(String(48), index=True)
