"""Users in the admin API.

The documented client of the transcription service fixes `username`, `is_admin`, `created_at` and `transcription_count`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, EmailStr, Field, StrictBool, model_validator

from lib.clock import iso
from lib.numbers import reject_bool
from models import User
from schemas.accounts import Name, Password, Username, UserOut
from schemas.admin.common import Patch
from schemas.spec_hints import any_of_fields
from services.accounts import ADMIN_ROLES
from services.operations.users import Activity

Role = Literal["user", "moderator", "admin", "super_admin"]
Quota = Annotated[int, Field(ge=0, le=2**53), reject_bool]


class UserIn(BaseModel):
    """An e-mail address, or a user name for clients that have no address."""

    model_config = ConfigDict(json_schema_extra=any_of_fields(("email",), ("username",)))

    email: EmailStr | None = None
    username: Username | None = None
    password: Password
    first_name: Name = ""
    last_name: Name = ""
    role: Role | None = None
    is_admin: StrictBool = Field(False, validation_alias=AliasChoices("is_admin", "isAdmin"))

    @model_validator(mode="after")
    def _has_login_name(self) -> UserIn:
        if self.email is None and self.username is None:
            raise ValueError("an email or a username is required")
        return self


class UserPatch(Patch):
    """A quota of null means the server's default, and so do null days."""

    role: Role = "user"
    status: Literal["active", "suspended"] = "active"
    first_name: Name = ""
    last_name: Name = ""
    quota_bytes: Quota | None = None
    quota_jobs: Annotated[int, Field(ge=0, le=100_000), reject_bool] | None = None
    quota_uploads: Annotated[int, Field(ge=0, le=100_000), reject_bool] | None = None
    retention_days: Annotated[int, Field(ge=0, le=36_500), reject_bool] | None = Field(
        None, description="Days after which the user's recordings are moved to the trash; 0: they are kept."
    )


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
    retention_days: int | None = Field(description="The user's own; 0: recordings are kept, null: as the plan and the server have it.")
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
            retention_days=user.retention_days,
            activity=ActivityOut.of(activity),
        )


class UserChangedOut(BaseModel):
    success: bool = True
    message: str
    user: AdminUserOut
