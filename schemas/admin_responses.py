"""Responses of the admin API. Field names are those of the documented clients; times are ISO 8601 UTC."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from domain import JobState
from lib.clock import iso
from models import AuditEntry, ErrorEntry, ProcessingServer, User
from schemas.accounts import UserOut
from schemas.lectures import LectureRow
from services.accounts import ADMIN_ROLES
from services.jobs.queue import shown_state
from services.library.recordings import RecordingRow
from services.operations.admins import Admin
from services.operations.servers import Load
from services.operations.settings import SettingInfo
from services.operations.users import Activity


class QuotasOut(BaseModel):
    bytes: int | None
    jobs: int | None
    uploads_per_day: int | None


class ActivityOut(BaseModel):
    recordings: int
    jobs: int
    active_jobs: int
    failed_jobs: int
    bytes: int = Field(description="Includes documents.")
    log_ins: int
    last_seen_at: str | None
    last_upload_at: str | None

    @classmethod
    def of(cls, activity: Activity) -> ActivityOut:
        fields = {**vars(activity), "last_seen_at": iso(activity.last_seen_at), "last_upload_at": iso(activity.last_upload_at)}
        return cls(**fields)


class AdminUserOut(BaseModel):
    id: str
    email: str
    username: str | None
    name: str
    first_name: str
    last_name: str
    role: str
    status: str
    is_admin: bool
    email_verified: bool
    created_at: str | None
    last_login: str | None
    transcription_count: int
    quotas: QuotasOut = Field(description="The user's own quotas; null: the server's default.")
    activity: ActivityOut

    @classmethod
    def of(cls, user: User, activity: Activity) -> AdminUserOut:
        public = UserOut.of(user)
        return cls(
            id=user.id,
            email=user.email,
            username=user.username or user.email,
            name=public.name,
            first_name=user.first_name,
            last_name=user.last_name,
            role=user.role,
            status=user.status,
            is_admin=user.role in ADMIN_ROLES,
            email_verified=user.email_verified,
            created_at=iso(user.created_at),
            last_login=iso(user.last_login_at),
            transcription_count=activity.recordings,
            quotas=QuotasOut(bytes=user.quota_bytes, jobs=user.quota_jobs, uploads_per_day=user.quota_uploads),
            activity=ActivityOut.of(activity),
        )


class UserChangedOut(BaseModel):
    success: bool = True
    message: str
    user: AdminUserOut


class AdminOut(BaseModel):
    id: str
    email: str
    role: str
    status: str
    is_super_admin: bool
    description: str
    added_by: str
    created_at: str | None
    last_login: str | None
    login_count: int

    @classmethod
    def of(cls, admin: Admin) -> AdminOut:
        user = admin.user
        return cls(
            id=user.id,
            email=user.email,
            role=user.role,
            status=user.status,
            is_super_admin=user.role == "super_admin",
            description=admin.description,
            added_by=admin.added_by,
            created_at=iso(user.created_at),
            last_login=iso(user.last_login_at),
            login_count=admin.log_ins,
        )


class AdminChangedOut(BaseModel):
    success: bool = True
    message: str
    admin: AdminOut | None


class AdminVideoOut(LectureRow):
    user_id: str
    job_id: str | None
    stage: str
    error: str | None
    error_code: str | None
    storage_bytes: int = Field(description="Size of the recording and its documents.")

    @classmethod
    def of_row(cls, row: RecordingRow, email: str) -> AdminVideoOut:
        recording, job, artifacts = row
        failed = job is not None and job.state == JobState.FAILED
        return cls(
            **LectureRow.of(recording, job, email).model_dump(),
            user_id=recording.user_id,
            job_id=job.id if job else None,
            stage=job.stage or (job.error_stage or "") if job else "",
            error=job.error_message if job and failed else None,
            error_code=job.error_code if job and failed else None,
            storage_bytes=recording.size_bytes + sum(artifact.size_bytes for artifact in artifacts),
        )


_TRANSCRIPTION_STATUS = {
    JobState.QUEUED: "submitted",
    JobState.RUNNING: "transcribing",
    JobState.CANCELLING: "transcribing",
    JobState.SUCCEEDED: "completed",
    JobState.FAILED: "error",
    JobState.CANCELLED: "error",
}


class TranscriptionOut(BaseModel):
    id: str
    user_id: str
    username: str
    audio_file_path: str
    google_drive_url: str
    txt_document_path: str | None
    md_document_path: str | None
    word_document_path: str | None
    status: str
    inference_duration: float | None = Field(description="Duration of the conversion in seconds.")
    created_at: str | None
    updated_at: str | None

    @classmethod
    def of(cls, row: RecordingRow, username: str) -> TranscriptionOut:
        recording, job, artifacts = row
        paths = {artifact.format: artifact.storage_key for artifact in artifacts}
        seconds = ((job.metrics if job else None) or {}).get("seconds") or {}
        return cls(
            id=recording.id,
            user_id=recording.user_id,
            username=username,
            audio_file_path=recording.storage_key,
            google_drive_url=recording.source_url,
            txt_document_path=paths.get("txt"),
            md_document_path=paths.get("md"),
            word_document_path=paths.get("docx"),
            status=_TRANSCRIPTION_STATUS[shown_state(job)] if job else "submitted",
            inference_duration=seconds.get("conversion"),
            created_at=iso(recording.created_at),
            updated_at=iso(recording.updated_at),
        )


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


class SettingOut(BaseModel):
    id: int
    name: str
    value: Any
    default: Any
    source: str = Field(description="default, environment or database.")
    type: str
    description: str
    note: str
    setting_key: str
    setting_value: str
    changed_by: str
    updated_at: str | None

    @classmethod
    def of(cls, setting: SettingInfo) -> SettingOut:
        fields = {
            name: getattr(setting, name) for name in ("name", "value", "default", "source", "type", "description", "note", "changed_by")
        }
        text = str(setting.value).lower() if isinstance(setting.value, bool) else str(setting.value)
        return cls(**fields, id=setting.number, setting_key=setting.name, setting_value=text, updated_at=iso(setting.changed_at))


class SettingChangedOut(BaseModel):
    success: bool = True
    message: str
    setting: SettingOut


class ServerOut(BaseModel):
    id: str
    name: str
    url: str
    type: str
    description: str
    status: str
    health_status: dict[str, Any]
    current_load: int
    total_jobs_processed: int
    last_health_check: str | None
    created_at: str | None

    @classmethod
    def of(cls, server: ProcessingServer, load: Load) -> ServerOut:
        return cls(
            **{name: getattr(server, name) for name in ("id", "name", "url", "type", "description", "status")},
            health_status=server.health,
            current_load=load.running,
            total_jobs_processed=load.succeeded,
            last_health_check=iso(server.checked_at),
            created_at=iso(server.created_at),
        )


class ServerChangedOut(BaseModel):
    success: bool = True
    message: str
    server: ServerOut
