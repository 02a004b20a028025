"""Requests and responses about accounts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, EmailStr, Field, StrictBool, StringConstraints

import errors
from lib.clock import iso
from models import Identity, LoginSession, User
from schemas.spec_hints import any_of_fields
from services.accounts import ADMIN_ROLES
from services.accounts.user_pool import EmailProof

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
        """Return first and last name, from their own fields or else from `name`."""
        first, _, last = self.name.partition(" ")
        return self.first_name or first, self.last_name or last


class LoginIn(BaseModel):
    """E-mail address or user name; either field takes either."""

    email: Annotated[str, Field(max_length=254)] = ""
    username: Annotated[str, Field(max_length=254)] = ""
    password: Annotated[str, Field(min_length=1, max_length=256)]


class EmailIn(BaseModel):
    email: Annotated[str, Field(min_length=3, max_length=254)]


class VerifyEmailIn(BaseModel):
    """The token of the link in the e-mail, or the address with the code (`otp` or `code`) in the same e-mail."""

    model_config = ConfigDict(json_schema_extra=any_of_fields(("token",), ("email", "otp"), ("email", "code")))

    token: Annotated[str, Field(max_length=200)] = ""
    email: Annotated[str, Field(max_length=254)] = ""
    otp: Annotated[str, Field(max_length=20)] = ""
    code: Annotated[str, Field(max_length=20)] = ""

    def proof(self) -> EmailProof:
        return EmailProof(self.token, self.email, self.otp or self.code)


class ResetPasswordIn(VerifyEmailIn):
    password: Password


class BackendLoginIn(BaseModel):
    """E-mail address or user name, and password; empty if the request carries a token in its header."""

    email: Annotated[str, Field(max_length=254)] = ""
    username: Annotated[str, Field(max_length=254)] = ""
    password: Annotated[str, Field(max_length=256)] = ""

    def credentials(self) -> LoginIn:
        """Raise Unauthenticated if there is no password."""
        if not self.password:
            raise errors.Unauthenticated("Send a token in the Authorization header, or an e-mail address and a password.")
        return LoginIn(email=self.email, username=self.username, password=self.password)


class RefreshIn(BaseModel):
    refresh_token: Annotated[str, Field(max_length=4096)] | None = None


class PasswordChangeIn(BaseModel):
    current_password: Annotated[str, Field(max_length=256, description="Empty if the account has no password: log in again first.")] = ""
    new_password: Password
    revoke_keys: StrictBool = Field(False, description="Revoke all API keys too.")


class ProfileIn(BaseModel):
    """Fields that are left out stay unchanged. `name` is split into first and last name unless these are given.

    `email` is accepted because clients send the whole account back, but it cannot be changed.
    """

    email: Annotated[str, Field(max_length=254, description="The address of the account, or left out.")] | None = None
    name: Name | None = None
    first_name: Name | None = None
    last_name: Name | None = None
    username: Username | None = None

    def changes(self) -> dict[str, str]:
        first, _, last = (self.name or "").partition(" ")
        split = {"first_name": first, "last_name": last.strip()} if self.name is not None else {}
        return {**split, **self.model_dump(exclude_none=True, exclude={"name", "email"})}


class StorageOut(BaseModel):
    used_bytes: int = Field(description="What counts against the quota: recordings, streams, documents, pictures and other files.")
    quota_bytes: int
    recording_bytes: int
    stream_bytes: int = Field(description="Streams and thumbnails for players.")
    document_bytes: int
    file_bytes: int = Field(description="Pictures and documents that were uploaded.")
    trash_bytes: int = Field(description="The part of the recordings that is in the trash.")
    retention_days: int | None = Field(description="Days after which recordings are moved to the trash; null: they are kept.")
    trash_days: int = Field(description="Days after which recordings in the trash are deleted.")


class DeleteAccountIn(BaseModel):
    password: Annotated[str, Field(max_length=256, description="Empty if the account has no password: log in again first.")] = ""


class UserOut(BaseModel):
    id: str
    email: str
    email_verified: bool
    username: str | None
    name: str
    first_name: str
    last_name: str
    role: str
    is_admin: bool
    created_at: str | None
    credits: int = Field(0, description="Settled credits; 0 while the server does not use credits.")
    subscription_tier: str = Field("free", description="The user's plan.")

    @classmethod
    def of(cls, user: User, standing: tuple[int, str] = (0, "free")) -> UserOut:
        """`standing`: the user's credits and plan."""
        return cls(
            id=user.id,
            email=user.email,
            email_verified=user.email_verified,
            username=user.username,
            name=f"{user.first_name} {user.last_name}".strip(),
            first_name=user.first_name,
            last_name=user.last_name,
            role=user.role,
            is_admin=user.role in ADMIN_ROLES,
            created_at=iso(user.created_at),
            credits=standing[0],
            subscription_tier=standing[1],
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


class SimpleTokenOut(BaseModel):
    success: bool = True
    access_token: str
    token_type: Literal["Bearer"] = Field("Bearer")
    expires_in: int = Field(description="Seconds until the token expires.")
    is_admin: bool


class RegisteredOut(BaseModel):
    """Tokens and user are left out if the e-mail address must be verified first."""

    success: bool = True
    message: str
    access_token: str | None = None
    refresh_token: str | None = None
    token_type: Literal["Bearer"] | None = None
    expires_in: int | None = Field(None, description="Seconds until the access token expires.")
    id: str | None = Field(None, description="The user's id.")
    user: UserOut | None = None


class MeOut(UserOut):
    """The account, at the top level and again as `user`: different clients read different ones."""

    success: bool = True
    cognito_sub: str = Field(description="The id of the user, under the name that clients of the video API read.")
    user: UserOut

    @classmethod
    def of_user(cls, user: UserOut) -> MeOut:
        return cls(**user.model_dump(), cognito_sub=user.id, user=user)


class AuthUserOut(UserOut):
    """The account under the names that clients of the lecture API read."""

    uid: str
    picture: str = ""
    firebase_provider: str = Field(description="How this user signs in: `password`, or the name of an identity provider.")
    token_type: Literal["custom_backend"] = Field("custom_backend")

    @classmethod
    def of_user(cls, user: User, identity: Identity | None) -> AuthUserOut:
        provider, picture = (identity.provider, identity.picture) if identity else ("password", "")
        return cls(**UserOut.of(user).model_dump(), uid=user.id, firebase_provider=provider, picture=picture)


class AuthUserTimesOut(AuthUserOut):
    """Times are seconds since 1970; null unless the request was made with an access token of this server."""

    auth_time: float | None
    token_issued_at: float | None
    token_expires_at: float | None


class AuthUserPage(BaseModel):
    success: bool = True
    user: AuthUserTimesOut
    timestamp: str | None


class BackendTokenOut(BaseModel):
    success: bool = True
    message: str
    backend_token: str
    access_token: str
    token_type: Literal["Bearer"] = Field("Bearer")
    expires_in: int = Field(description="Seconds until the token expires.")
    expires_in_days: int
    user: AuthUserOut


class ExchangedTokenOut(BaseModel):
    success: bool = True
    message: str
    custom_token: str
    token_type: Literal["custom_backend"] = Field("custom_backend")
    expires_in_hours: float
    expires_at: float = Field(description="Seconds since 1970, as in the token.")
    user: AuthUserOut


class SessionOut(BaseModel):
    id: str
    device: str = Field(description="The User-Agent of the browser or program.")
    address: str
    created_at: str | None
    last_used_at: str | None = Field(description="To the minute.")
    expires_at: str | None
    current: bool

    @classmethod
    def of(cls, session: LoginSession, current_id: str) -> SessionOut:
        return cls(
            id=session.id,
            device=session.user_agent,
            address=session.ip_address,
            created_at=iso(session.created_at),
            last_used_at=iso(session.last_used_at),
            expires_at=iso(session.expires_at),
            current=session.id == current_id,
        )


class SessionsOut(BaseModel):
    sessions: list[SessionOut]


class MessageOut(BaseModel):
    success: bool = True
    message: str


class PasswordChangedOut(MessageOut):
    api_keys_kept: int = Field(description="Number of API keys that still work.")
