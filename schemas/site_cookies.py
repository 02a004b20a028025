"""Cookies of users: requests and responses."""

from __future__ import annotations

from pydantic import BaseModel, Field

from lib.clock import iso
from models import SiteCookies
from services.links.site_cookies import MAX_TEXT_LENGTH


class SiteCookiesIn(BaseModel):
    text: str = Field(min_length=1, max_length=MAX_TEXT_LENGTH, description="The content of a file cookies.txt in Netscape format.")


class SiteCookiesOut(BaseModel):
    domains: list[str] = Field(description="The sites that the cookies belong to; their values are never shown.")
    updated_at: str | None

    @classmethod
    def of(cls, row: SiteCookies | None) -> SiteCookiesOut:
        return cls(domains=row.domains, updated_at=iso(row.updated_at)) if row else cls(domains=[], updated_at=None)
