"""Tables of editable transcripts: their segments, the journal of their edits, and glossaries."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from database import Base, UtcDateTime
from lib.clock import now
from tables.columns import BigKey, Json, new_id


class Transcript(Base):
    """The transcript of a recording. `revision` increases with every change.

    `raw_sha256`: the hash of the recognised text, a file in the store, that the segments began with; its first word got the id
    `raw_first_word_id`. `next_segment_id`, `next_word_id`: the first free ids. `documents_revision`: the revision that the newest documents
    were requested from. `transcribe_prompt`, `proofread_prompt`: the prompts that were used, as they were then.
    """

    __tablename__ = "transcripts"

    recording_id: Mapped[str] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"), primary_key=True)
    revision: Mapped[int] = mapped_column(default=1)
    language: Mapped[str] = mapped_column(String(16), default="")
    source: Mapped[str] = mapped_column(String(20), default="")
    engine: Mapped[str] = mapped_column(String(120), default="")
    raw_sha256: Mapped[str] = mapped_column(String(64), default="")
    raw_first_word_id: Mapped[int] = mapped_column(default=1)
    next_segment_id: Mapped[int] = mapped_column(default=1)
    next_word_id: Mapped[int] = mapped_column(default=1)
    documents_revision: Mapped[int] = mapped_column(default=1)
    transcribe_prompt: Mapped[str | None] = mapped_column(Text)
    proofread_prompt: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)
    updated_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)


class TranscriptSegment(Base):
    """A segment of a transcript. `words` holds a list [id, text, start_s, end_s, confidence] for each word; `text` is their text.

    The list of a word with a layout has its mark too; see services/transcript_text/words.py. `revision`: that of the transcript when the
    segment was written.
    """

    __tablename__ = "transcript_segments"
    __table_args__ = (Index("ix_transcript_segments_order", "recording_id", "position"),)

    recording_id: Mapped[str] = mapped_column(ForeignKey("transcripts.recording_id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[float]
    start_s: Mapped[float]
    end_s: Mapped[float]
    lowest_confidence: Mapped[float] = mapped_column(default=1.0)
    revision: Mapped[int] = mapped_column(default=1)
    text: Mapped[str] = mapped_column(Text, default="")
    words: Mapped[list[list[Any]]] = mapped_column(Json, default=list)


class TranscriptEdit(Base):
    """A step of a transcript's journal. `content`: the segments before and after it, compressed; see services/transcripts/journal.py."""

    __tablename__ = "transcript_edits"
    __table_args__ = (Index("ix_transcript_edits_order", "recording_id", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    recording_id: Mapped[str] = mapped_column(ForeignKey("transcripts.recording_id", ondelete="CASCADE"))
    action: Mapped[str] = mapped_column(String(20))
    is_undone: Mapped[bool] = mapped_column(default=False, server_default=false())
    content: Mapped[str] = mapped_column(Text)
    edited_by: Mapped[str] = mapped_column(String(36), default="")
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)


class TranscriptCorrection(Base):
    """A change by proofreading. `state`: open (in the text, not reviewed), accepted, or rejected (not in the text).

    `before_words` and `after_words` are lists as in `TranscriptSegment.words`.
    """

    __tablename__ = "transcript_corrections"
    __table_args__ = (Index("ix_transcript_corrections_order", "recording_id", "state", "start_s"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    recording_id: Mapped[str] = mapped_column(ForeignKey("transcripts.recording_id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(String(10), default="open")
    source: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(80))
    start_s: Mapped[float]
    before: Mapped[str] = mapped_column(Text)
    after: Mapped[str] = mapped_column(Text)
    before_words: Mapped[list[list[Any]]] = mapped_column(Json)
    after_words: Mapped[list[list[Any]]] = mapped_column(Json)


class GlossaryTerm(Base):
    """A term that a user's lectures contain. `misheard` lists texts that stand for it in transcripts."""

    __tablename__ = "glossary_terms"
    __table_args__ = (UniqueConstraint("user_id", "term"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    term: Mapped[str] = mapped_column(String(120))
    misheard: Mapped[list[str]] = mapped_column(Json, default=list)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)
