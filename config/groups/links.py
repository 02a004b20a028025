"""Settings of recordings that are downloaded from links."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, Field

from config.types import KIB, CommaSeparated


class LinkSettings(BaseModel):
    """Links"""

    link_allowed_hosts: CommaSeparated = Field(
        (), description="Hosts of your own network that links may lead to, as `host` or `host:port`; all others must be public."
    )
    link_max_height: int = Field(
        1080, ge=144, le=4320, description="Maximum height of a downloaded video, pixels, where a site offers several."
    )
    link_threads: int = Field(
        2, ge=1, le=64, description="Concurrent downloads of one process, beside JOB_THREADS conversions; only for JOB_EXECUTOR=threads."
    )
    link_min_bytes_per_s: int = Field(
        32 * KIB, ge=0, description="Average speed within five minutes below which a download fails, bytes per second; 0: no minimum."
    )
    link_js_runtime: Path | None = Field(None, description="Path of the program deno, which yt-dlp needs for YouTube.")
    link_cookies_file: Path | None = Field(
        None, description="Cookies in Netscape format, which yt-dlp sends to the sites that they belong to. All users' links use them."
    )
    link_drive_url: str = Field(
        "https://drive.usercontent.google.com", description="Server from which files of Google Drive are downloaded."
    )
    link_drive_pages_url: str = Field("https://drive.google.com", description="Server whose pages list the folders of Google Drive.")
    link_batch_max_items: int = Field(
        200, ge=1, le=2000, description="Maximum number of recordings that a batch takes from a playlist, feed or folder."
    )
    link_batch_pause_s: float = Field(5.0, ge=0, le=3600, description="Pause between two downloads of a batch, seconds.")
