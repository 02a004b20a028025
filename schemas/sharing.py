"""Links that open a recording without an account."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from pydantic import BaseModel, Field, field_validator

from lib.clock import iso, now
from lib.text_fields import optional_line
from models import Artifact, ShareLink
from schemas.times import UtcTime


class ShareLinkIn(BaseModel):
    label: Annotated[str, optional_line] = Field("", max_length=120, description="For the owner, to tell links apart.")
    password: str = Field("", max_length=200, description="Empty: everybody with the link may open it.")
    expires_at: UtcTime | None = Field(None, description="ISO 8601 with a time zone; null: the link does not expire.")

    @field_validator("expires_at")
    @classmethod
    def _require_future(cls, value: dt.datetime | None) -> dt.datetime | None:
        if value is not None and value <= now():
            raise ValueError("this time is in the past")
        return value


class ShareLinkOut(BaseModel):
    id: str
    label: str
    has_password: bool
    url: str = Field(description="POST to it to open the recording.")
    embed_url: str = Field(description="A page with a player, to open in a browser or to embed in another page (EMBED_ORIGINS).")
    expires_at: str | None
    created_at: str | None

    @classmethod
    def of(cls, link: ShareLink, url: str, embed_url: str) -> ShareLinkOut:
        return cls(
            id=link.id,
            label=link.label,
            has_password=link.password_hash is not None,
            url=url,
            embed_url=embed_url,
            expires_at=iso(link.expires_at),
            created_at=iso(link.created_at),
        )


class ShareLinksOut(BaseModel):
    links: list[ShareLinkOut]


class SharedIn(BaseModel):
    password: str = Field("", max_length=200)


class SharedDocumentOut(BaseModel):
    format: str
    filename: str
    content_type: str
    size_bytes: int
    url: str = Field(description="Needs no header.")

    @classmethod
    def of(cls, artifact: Artifact, url: str) -> SharedDocumentOut:
        facts: dict[str, Any] = {"format": artifact.format, "filename": artifact.filename, "content_type": artifact.content_type}
        return cls(**facts, size_bytes=artifact.size_bytes, url=url)
