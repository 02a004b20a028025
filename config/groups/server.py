"""Settings of the HTTP server and its folders."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, field_validator

from config.constants import DATA_DIR
from config.types import CommaSeparated


class ServerSettings(BaseModel):
    """Server and folders"""

    data_dir: Path = Field(DATA_DIR, description="Folder for the database, files, workspaces and the signing key.")
    models_dir: Path | None = Field(None, description="Folder for model weights; default: DATA_DIR/models.")
    port: int = Field(5001, ge=0, le=65535, description="TCP port of `make run` and `python app.py`.")
    public_url: str = Field(
        "", description="Public address of this server with its path prefix, for links. E-mails and webhooks contain no links without it."
    )
    allowed_hosts: CommaSeparated = Field(
        (),
        description="Without PUBLIC_URL: host names of this server that links may contain, comma-separated. "
        "Private addresses and the machine's own name always may.",
    )
    url_prefix: str = Field("", description="Path prefix of the whole API, such as /thakii-be.")
    trusted_proxies: int = Field(0, ge=0, le=10, description="Number of reverse proxies whose X-Forwarded headers are trusted.")
    cookie_secure: bool = Field(False, description="Send cookies over HTTPS only. Set it if the page is served over HTTPS.")
    cookie_samesite: Literal["Lax", "Strict", "None"] = Field(
        "Lax", description="SameSite of the cookies: None lets a frontend on another site send them, over HTTPS only (set COOKIE_SECURE)."
    )
    allowed_origins: CommaSeparated = Field(
        (), description="Origins of web frontends on other hosts, comma-separated and exact (https://app.example.org)."
    )
    docx_reference: Path | None = Field(
        None, description="Word file with the styles, margins, headers and footers of DOCX documents whose owner has stored none."
    )
    cpu_threads: int = Field(0, ge=0, description="Threads that the engines of one job may use; 0: the number of cores.")

    @field_validator("url_prefix")
    @classmethod
    def _normalise_prefix(cls, value: str) -> str:
        return f"/{value.strip('/')}" if value.strip("/") else ""

    @field_validator("allowed_hosts")
    @classmethod
    def _lower_hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(host.lower() for host in value)

    @field_validator("allowed_origins")
    @classmethod
    def _require_exact_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        origins = tuple(origin.rstrip("/") for origin in value)
        invalid = [origin for origin in origins if "*" in origin or not origin.startswith(("http://", "https://"))]
        if invalid:
            raise ValueError(f"{', '.join(invalid)}: give each origin exactly, such as https://app.example.org")
        return origins

    @property
    def cores(self) -> int:
        """Threads that the engines of one job may use."""
        return self.cpu_threads or os.cpu_count() or 1
