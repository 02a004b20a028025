"""Requests of the admin API."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AliasChoices, BaseModel, ConfigDict, EmailStr, Field, StrictBool, StringConstraints, model_validator

from schemas.accounts import Name, Password, Username
from schemas.numbers import reject_bool
from schemas.spec_hints import any_of_fields, at_least_one
from schemas.webhooks import Url

Role = Literal["user", "admin", "super_admin"]
Quota = Annotated[int, Field(ge=0, le=2**53), reject_bool]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]
Query = Annotated[str, Field(max_length=200)]


class Patch(BaseModel):
    """A partial update: omitted fields keep their values; at least one field is required."""

    model_config = ConfigDict(json_schema_extra=at_least_one)

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if not self.model_fields_set:
            raise ValueError(f"at least one of these fields is required: {', '.join(type(self).model_fields)}")
        return self

    def changes(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.model_fields_set}


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
    """A quota of null means the server's default."""

    role: Role = "user"
    status: Literal["active", "suspended"] = "active"
    first_name: Name = ""
    last_name: Name = ""
    quota_bytes: Quota | None = None
    quota_jobs: Annotated[int, Field(ge=0, le=100_000), reject_bool] | None = None
    quota_uploads: Annotated[int, Field(ge=0, le=100_000), reject_bool] | None = None


class AdminIn(BaseModel):
    email: EmailStr
    role: Literal["admin", "super_admin"] = "admin"
    description: Text = ""


class AdminPatch(Patch):
    role: Literal["admin", "super_admin"] | None = None
    status: Literal["active", "removed"] | None = None
    description: Text | None = None


class ServerIn(BaseModel):
    name: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$")]
    url: Url
    type: Literal["processing", "backup", "testing"] = "processing"
    description: Text = ""
    status: Literal["active", "draining", "inactive"] = "active"


class ServerPatch(Patch):
    name: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$")] = ""
    url: Url = ""
    type: Literal["processing", "backup", "testing"] = "processing"
    description: Text = ""
    status: Literal["active", "draining", "inactive"] = "active"


class SettingIn(BaseModel):
    """`value` or its alias `setting_value`; text is converted to the setting's type."""

    value: Any = Field(validation_alias=AliasChoices("value", "setting_value"))
    description: Text | None = None


class NamedSettingIn(SettingIn):
    """`name` or its alias `setting_key`."""

    name: Annotated[str, Field(min_length=1, max_length=60, validation_alias=AliasChoices("name", "setting_key"))]


class RequeueIn(BaseModel):
    job_ids: Annotated[list[Annotated[str, Field(max_length=36)]], Field(max_length=1000)] = []
