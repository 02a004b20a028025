"""Admins in the admin API. The documented client of Thakii fixes the field names."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, EmailStr, Field, model_validator

from lib.clock import iso
from schemas.admin.common import Patch, Text
from schemas.spec_hints import any_of_fields
from services.operations.admins import Admin


class AdminIn(BaseModel):
    model_config = ConfigDict(json_schema_extra=any_of_fields(("email",), ("user_id",)))

    email: EmailStr | None = None
    user_id: str = Field("", max_length=36, description="Required for an account whose address is not verified.")
    role: Literal["moderator", "admin", "super_admin"] = "admin"
    description: Text = ""

    @model_validator(mode="after")
    def _require_account(self) -> AdminIn:
        if not (self.email or self.user_id):
            raise ValueError("email or user_id is required")
        return self


class AdminPatch(Patch):
    role: Literal["moderator", "admin", "super_admin"] | None = None
    status: Literal["active", "removed"] | None = None
    description: Text | None = None


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
            role=admin.role,
            status="removed" if admin.is_removed else user.status,
            is_super_admin=admin.role == "super_admin" and not admin.is_removed,
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
