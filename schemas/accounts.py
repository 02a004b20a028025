"""Accounts: what comes in and what goes out."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, EmailStr, Field, StrictBool, StringConstraints

import errors
from lib.clock import iso
from models import LoginSession, User
from schemas.spec_hints import any_of_fields
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


class EmailIn(BaseModel):
    email: Annotated[str, Field(min_length=3, max_length=254)]


class VerifyEmailIn(BaseModel):
    """The token of the mail's link, or the address with the code (`otp`) that stands in the same mail."""

    model_config = ConfigDict(json_schema_extra=any_of_fields(("token",), ("email", "otp"), ("email", "code")))

    token: Annotated[str, Field(max_length=200)] = ""
    email: Annotated[str, Field(max_length=254)] = ""
    otp: Annotated[str, Field(max_length=20)] = ""
    code: Annotated[str, Field(max_length=20)] = ""


class ResetPasswordIn(VerifyEmailIn):
    password: Password


class BackendLoginIn(BaseModel):
    """E-mail address or user name with a password; empty where a token comes in the header."""

    email: Annotated[str, Field(max_length=254)] = ""
    username: Annotated[str, Field(max_length=254)] = ""
    password: Annotated[str, Field(max_length=256)] = ""

    def credentials(self) -> LoginIn:
        """Raises Unauthenticated where there are none."""
        if not self.password:
            raise errors.Unauthenticated("Send a token in the header, or e-mail address and password.")
        return LoginIn(email=self.email, username=self.username, password=self.password)


class RefreshIn(BaseModel):
    refresh_token: Annotated[str, Field(max_length=4096)] | None = None


class PasswordChangeIn(BaseModel):
    current_password: Annotated[str, Field(max_length=256, description="Empty where there is none and one has just logged in.")] = ""
    new_password: Password
    revoke_keys: StrictBool = Field(False, description="End all API keys too, as when somebody else may know the password.")


class ProfileIn(BaseModel):
    """What is left out stays as it is; `name` is split into first and last name where those are not given.

    Clients send the whole account back; an address other than the account's is refused, as that can't be changed here.
    """

    email: Annotated[str, Field(max_length=254, description="The account's own, or left out.")] | None = None
    name: Name | None = None
    first_name: Name | None = None
    last_name: Name | None = None
    username: Username | None = None

    def given(self) -> dict[str, str]:
        first, _, last = (self.name or "").partition(" ")
        split = {"first_name": first, "last_name": last.strip()} if self.name is not None else {}
        return {**split, **self.model_dump(exclude_none=True, exclude={"name", "email"})}


class DeleteAccountIn(BaseModel):
    password: Annotated[str, Field(max_length=256, description="Of the account; empty where it has none and one has just logged in.")] = ""


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

    @classmethod
    def of(cls, user: User) -> UserOut:
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
    """Tokens and user are left out where the address has to be verified first."""

    success: bool = True
    message: str
    access_token: str | None = None
    refresh_token: str | None = None
    token_type: Literal["Bearer"] | None = None
    expires_in: int | None = Field(None, description="Seconds until the access token expires.")
    id: str | None = Field(None, description="The user's id.")
    user: UserOut | None = None


class MeOut(UserOut):
    """The account, by itself and once more as `user`: clients read either."""

    success: bool = True
    cognito_sub: str = Field(description="The user's id, under the name that video clients read.")
    user: UserOut

    @classmethod
    def of_user(cls, user: UserOut) -> MeOut:
        return cls(**user.model_dump(), cognito_sub=user.id, user=user)


class AuthUserOut(UserOut):
    """The account under the names that lecture clients read."""

    uid: str
    picture: str = ""
    firebase_provider: str = Field(description="Who vouches for this user: password, or an outside issuer's name.")
    token_type: Literal["custom_backend"] = Field("custom_backend")

    @classmethod
    def of_user(cls, user: User, provider: str, picture: str = "") -> AuthUserOut:
        return cls(**UserOut.of(user).model_dump(), uid=user.id, firebase_provider=provider, picture=picture)


class AuthUserTimesOut(AuthUserOut):
    """Times are seconds since 1970; null where the token is no access token of ours."""

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
    device: str = Field(description="The browser or program, as it calls itself.")
    address: str
    created_at: str | None
    last_used_at: str | None = Field(description="To the minute.")
    expires_at: str | None
    current: bool

    @classmethod
    def of(cls, session: LoginSession, here: str) -> SessionOut:
        return cls(
            id=session.id,
            device=session.user_agent,
            address=session.ip_address,
            created_at=iso(session.created_at),
            last_used_at=iso(session.last_used_at),
            expires_at=iso(session.expires_at),
            current=session.id == here,
        )


class SessionsOut(BaseModel):
    sessions: list[SessionOut]


class MessageOut(BaseModel):
    success: bool = True
    message: str


class PasswordChangedOut(MessageOut):
    api_keys_kept: int = Field(description="API keys that go on working.")
