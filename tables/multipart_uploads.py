"""Uploads in parts that are not recordings yet."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from database import Base, UtcDateTime
from lib.clock import now


class MultipartUpload(Base):
    """The announced size of an upload in parts; it ends with the reservation of its key. `upload_id` is "" until the store has given it."""

    __tablename__ = "multipart_uploads"

    key: Mapped[str] = mapped_column(ForeignKey("pending_deletions.key", ondelete="CASCADE"), primary_key=True)
    upload_id: Mapped[str] = mapped_column(Text, default="")
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    begun_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)
