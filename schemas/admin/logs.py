"""Entries of the error log and of the audit log in the admin API.

The documented client of the transcription service fixes `transcription_id`, `error_message`, `stack_trace`, `inference` and
`created_at`; the other fields are ours.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from lib.clock import iso
from models import AuditEntry, ErrorEntry


class ErrorEntryOut(BaseModel):
    id: int
    at: str | None
    source: str
    code: str
    message: str
    hint: str
    stage: str
    attempt: int
    log: str = Field(description="The end of the log.")
    job_id: str | None
    recording_id: str | None
    user_id: str | None
    request_id: str
    path: str
    transcription_id: str | None
    error_message: str
    stack_trace: str
    inference: bool
    created_at: str | None

    @classmethod
    def of(cls, entry: ErrorEntry) -> ErrorEntryOut:
        fields = {name: getattr(entry, name) for name in ("id", "source", "code", "message", "hint", "stage", "attempt", "log")}
        ids = {name: getattr(entry, name) for name in ("job_id", "recording_id", "user_id", "request_id", "path")}
        return cls(
            **fields,
            **ids,
            at=iso(entry.created_at),
            transcription_id=entry.recording_id,
            error_message=f"{entry.code}: {entry.message}",
            stack_trace=entry.log,
            inference="speech" in entry.stage,
            created_at=iso(entry.created_at),
        )


class AuditEntryOut(BaseModel):
    id: int
    at: str | None
    actor_id: str | None
    actor_email: str
    action: str
    target_kind: str
    target_id: str
    before: dict[str, Any]
    after: dict[str, Any]
    request_id: str

    @classmethod
    def of(cls, entry: AuditEntry) -> AuditEntryOut:
        fields = ("id", "actor_id", "actor_email", "action", "target_kind", "target_id", "before", "after", "request_id")
        return cls(**{name: getattr(entry, name) for name in fields}, at=iso(entry.created_at))
