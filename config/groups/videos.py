"""Settings of the video library."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import BaseModel, Field, field_validator

from config.types import CommaSeparated


class VideoSettings(BaseModel):
    """Video library"""

    trash_days: int = Field(30, ge=0, le=3650, description="Days for which a deleted recording can be restored; 0: it is deleted at once.")
    retention_days: int = Field(
        0,
        ge=0,
        le=36500,
        description="Days after which recordings are moved to the trash, from which they are deleted after TRASH_DAYS; 0: they are kept.",
    )
    public_without_account: bool = Field(
        False, description="Whether public and unlisted recordings can be watched without an account; else any signed-in user can."
    )
    video_cache_s: int = Field(
        3600,
        ge=0,
        le=86_400,
        description="For how long metadata of public recordings is cached in Redis, seconds; 0: not at all. Changes show at once.",
    )
    embed_origins: CommaSeparated = Field(
        (), description="Origins of pages that may embed the player of share links, such as `https://moodle.example.org`; `*`: any."
    )
    watch_positions: bool = Field(
        True, description="Whether the server stores how far users have watched recordings, which the progress of courses is counted from."
    )
    automatic_streams: bool = Field(
        False, description="Whether recordings are prepared for players after their conversion, unless their owner has turned it off."
    )
    stream_loudness_lufs: float = Field(
        0.0, ge=-40, le=0, description="Loudness of the sound of streams, LUFS (EBU R 128), such as -16; 0: as it was recorded."
    )
    transcoder: Literal["own", "external"] = Field(
        "own",
        description="Who prepares videos of iTube's upload paths for players: this server, or another program that reports their status.",
    )
    transcoder_queue_url: str = Field(
        "",
        description="SQS queue that gets S3's event message for each video, if TRANSCODER is external and the bucket sends none itself.",
    )

    @field_validator("embed_origins")
    @classmethod
    def _require_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            if origin != "*" and not re.fullmatch(r"https?://[a-zA-Z0-9.*-]+(:\d+)?", origin):
                raise ValueError(f"{origin!r} is not an origin such as https://moodle.example.org")
        return value
