"""Requests and responses about API keys."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from lib.clock import iso
from lib.numbers import reject_bool
from lib.text_fields import required_stripped
from models import ApiKey

Scope = Literal["content:read", "content:write", "webhooks:read", "webhooks:write", "account:read", "admin:read", "admin:write"]


class ApiKeyIn(BaseModel):
    name: Annotated[str, Field(min_length=1, max_length=120), required_stripped]
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=20, description="What the key may do.")]
    expires_in_days: Annotated[int, Field(ge=1, le=3660), reject_bool] | None = Field(None, description="Omitted: the key does not expire.")


class ApiKeyOut(BaseModel):
    id: str
    name: str
    prefix: str = Field(description="The first characters of the key, to identify it.")
    scopes: list[str]
    created_at: str | None
    expires_at: str | None
    last_used_at: str | None = Field(description="To the minute.")
    revoked_at: str | None

    @classmethod
    def of(cls, key: ApiKey) -> ApiKeyOut:
        return cls(
            id=key.id,
            name=key.name,
            prefix=key.prefix,
            scopes=key.scopes,
            created_at=iso(key.created_at),
            expires_at=iso(key.expires_at),
            last_used_at=iso(key.last_used_at),
            revoked_at=iso(key.revoked_at),
        )


class NewApiKeyOut(BaseModel):
    success: bool = True
    key: str = Field(description="The key itself, shown only once. Send it as `Authorization: Bearer KEY`.")
    api_key: ApiKeyOut


class ApiKeysOut(BaseModel):
    api_keys: list[ApiKeyOut]
