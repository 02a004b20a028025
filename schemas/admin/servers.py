"""Processing servers in the admin API. The documented client of Thakii fixes the field names."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints

from lib.clock import iso
from lib.validation_messages import HTTP_URL
from models import ProcessingServer
from schemas.admin.common import Patch, Text
from services.operations.servers import Load

# Checked by the service, whose error has the documented status 400 instead of 422.
_URL_SCHEMA: dict[str, Any] = {"pattern": rf"^{HTTP_URL}$", "description": "http or https URL."}


class ServerIn(BaseModel):
    name: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$")]
    url: str = Field(max_length=2000, json_schema_extra=_URL_SCHEMA)
    type: Literal["processing", "backup", "testing"] = "processing"
    description: Text = ""
    status: Literal["active", "draining", "inactive"] = "active"


class ServerPatch(Patch):
    name: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$")] = ""
    url: str = Field("", max_length=2000, json_schema_extra=_URL_SCHEMA)
    type: Literal["processing", "backup", "testing"] = "processing"
    description: Text = ""
    status: Literal["active", "draining", "inactive"] = "active"


class ServerOut(BaseModel):
    id: str
    name: str
    url: str
    type: str
    description: str
    status: str
    health_status: dict[str, Any] | None = Field(description="null if the server was never checked.")
    current_load: int
    total_jobs_processed: int
    last_health_check: str | None
    created_at: str | None

    @classmethod
    def of(cls, server: ProcessingServer, load: Load) -> ServerOut:
        return cls(
            **{name: getattr(server, name) for name in ("id", "name", "url", "type", "description", "status")},
            health_status=server.health or None,
            current_load=load.running,
            total_jobs_processed=load.succeeded,
            last_health_check=iso(server.checked_at),
            created_at=iso(server.created_at),
        )


class ServerChangedOut(BaseModel):
    success: bool = True
    message: str
    server: ServerOut
