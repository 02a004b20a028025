"""Accounts: what comes in and what goes out."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, EmailStr, Field, StringConstraints

from models import User
from services.accounts import ADMIN_ROLES

Password = Annotated[str, Field(min_length=8, max_length=256, description="8 to 256 characters.")]
Username = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{1,63}$")]
Name = Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)]


class RegisterIn(BaseModel):
    email: EmailStr
    password: Password
    username: Username | None = None
    name: Name = ""
    first_name: Name = ""
    last_name: Name = ""

    def names(self) -> tuple[str, str]:
        """First and last name, from their own fields or from `name`."""
        first, _, last = self.name.partition(" ")
        return self.first_name or first, self.last_name or last


class LoginIn(BaseModel):
    """E-mail address or user name, in whichever field a client has."""

    email: Annotated[str, Field(max_length=254)] = ""
    username: Annotated[str, Field(max_length=254)] = ""
    password: Annotated[str, Field(min_length=1, max_length=256)]


class RefreshIn(BaseModel):
    refresh_token: Annotated[str, Field(max_length=4096)] | None = None


class UserOut(BaseModel):
    id: str
    email: str
    username: str | None
    name: str
    first_name: str
    last_name: str
    role: str
    is_admin: bool

    @classmethod
    def of(cls, user: User) -> UserOut:
        return cls(
            id=user.id,
            email=user.email,
            username=user.username,
            name=f"{user.first_name} {user.last_name}".strip(),
            first_name=user.first_name,
            last_name=user.last_name,
            role=user.role,
            is_admin=user.role in ADMIN_ROLES,
        )


class TokensOut(BaseModel):
    success: bool = True
    message: str
    access_token: str
    refresh_token: str
    token_type: str
    expires_in: int = Field(description="Seconds until the access token expires.")
    id: str = Field(description="The user's id.")
    user: UserOut


class MeOut(BaseModel):
    success: bool = True
    user: UserOut


class MessageOut(BaseModel):
    success: bool = True
    message: str
