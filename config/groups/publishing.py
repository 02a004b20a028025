"""Settings of publishing on YouTube."""

from __future__ import annotations

from typing import Literal

from pydantic import AliasChoices, BaseModel, Field, SecretStr

from config.types import KIB, MIB


class PublishingSettings(BaseModel):
    """Publishing on YouTube"""

    google_client_id: str = Field(
        "", description="OAuth client of a Google Cloud project with the YouTube Data API v3. Empty: no publishing."
    )
    google_client_secret: SecretStr = Field(SecretStr(""), description="Its secret.")
    google_redirect_uri: str = Field(
        "", description="Redirect URI of the OAuth client; default: PUBLIC_URL and `/api/v1/youtube/callback`."
    )
    google_auth_url: str = Field("https://accounts.google.com/o/oauth2/v2/auth", description="Google's page that asks users for access.")
    google_token_url: str = Field("https://oauth2.googleapis.com/token", description="URL from which tokens are fetched.")
    google_revoke_url: str = Field("https://oauth2.googleapis.com/revoke", description="URL that revokes tokens.")
    youtube_api_url: str = Field("https://www.googleapis.com", description="Server of the YouTube Data API.")
    youtube_default_privacy: Literal["private", "unlisted", "public"] = Field(
        "private",
        validation_alias=AliasChoices("youtube_default_privacy", "YOUTUBE_PRIVACY"),
        description="Privacy of a video if none is chosen.",
    )
    youtube_chunk_bytes: int = Field(
        8 * MIB, ge=256 * KIB, le=64 * MIB, multiple_of=256 * KIB, description="Size of a part of an upload, bytes; a multiple of 256 KiB."
    )
