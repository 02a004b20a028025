"""Settings of recordings that are downloaded from links."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, Field

from config.types import CommaSeparated


class LinkSettings(BaseModel):
    """Links"""

    link_allowed_hosts: CommaSeparated = Field(
        (), description="Hosts of your own network that links may lead to, as `host` or `host:port`; all others must be public."
    )
    link_max_height: int = Field(
        1080, ge=144, le=4320, description="Maximum height of a downloaded video, pixels, where a site offers several."
    )
    link_js_runtime: Path | None = Field(None, description="Path of the program deno, which yt-dlp needs for YouTube.")
    link_cookies_file: Path | None = Field(
        None, description="Cookies in Netscape format, which yt-dlp sends to the sites that they belong to. All users' links use them."
    )
    link_drive_url: str = Field(
        "https://drive.usercontent.google.com", description="Server from which files of Google Drive are downloaded."
    )
