"""Tables of accounts: users, their identities and sessions, keys, and the guards of signing in."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, ForeignKey, Integer, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from database import Base, UtcDateTime
from lib.clock import now
from tables.columns import Json, new_id


class User(Base):
    """An account. `email` and `username` are stored in lower case.

    Tokens of external issuers are accepted if issued at or after `tokens_valid_from`. Quotas: bytes stored, unfinished jobs,
    uploads in 24 hours; None means the server's default.
    """

    __tablename__ = "users"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    email_verified: Mapped[bool] = mapped_column(default=False, server_default=false())
    username: Mapped[str | None] = mapped_column(String(64), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(255))
    first_name: Mapped[str] = mapped_column(String(120), default="")
    last_name: Mapped[str] = mapped_column(String(120), default="")
    role: Mapped[str] = mapped_column(String(16), default="user")
    status: Mapped[str] = mapped_column(String(16), default="active")
    quota_bytes: Mapped[int | None] = mapped_column(BigInteger)
    quota_jobs: Mapped[int | None] = mapped_column(Integer)
    quota_uploads: Mapped[int | None] = mapped_column(Integer)
    retention_days: Mapped[int | None] = mapped_column(Integer)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)
    last_login_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    tokens_valid_from: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class Identity(Base):
    """A federated identity: the issuer and subject of an external sign-in, and the local account that it belongs to."""

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    issuer: Mapped[str] = mapped_column(String(300))
    subject: Mapped[str] = mapped_column(String(255))
    provider: Mapped[str] = mapped_column(String(40))
    picture: Mapped[str] = mapped_column(String(1000), default="")
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)


class LoginSession(Base):
    """A session and its refresh token. Access tokens name the session (`sid`), so revoking it invalidates them too.

    `previous_refresh_token_id` is the token that was replaced at `rotated_at`. `upstream_refresh_token` is the external
    issuer's refresh token, encrypted, if the user signed in through that issuer.
    """

    __tablename__ = "sessions"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    refresh_token_id: Mapped[str] = mapped_column(String(36))
    previous_refresh_token_id: Mapped[str | None] = mapped_column(String(36))
    rotated_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    upstream_refresh_token: Mapped[str | None] = mapped_column(Text)
    user_agent: Mapped[str] = mapped_column(String(255), default="")
    ip_address: Mapped[str] = mapped_column(String(64), default="")
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class LoginThrottle(Base):
    """Consecutive failed attempts for one subject (a hashed account name, an IP address or a code) and how long it is blocked."""

    __tablename__ = "login_throttles"

    subject: Mapped[str] = mapped_column(String(80), primary_key=True)
    failures: Mapped[int] = mapped_column(Integer, default=0)
    last_failure_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now, index=True)
    blocked_until: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class EmailToken(Base):
    """A single-use token sent by e-mail. `token_hash` is its SHA-256, `code_hash` that of the short code in the same e-mail."""

    __tablename__ = "email_tokens"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), default="")
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    email: Mapped[str] = mapped_column(String(254))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True)


class ApiKey(Base):
    """An API key of a user, or of a service if `user_id` is None. Only its SHA-256 and its first characters are stored."""

    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    user_id: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    prefix: Mapped[str] = mapped_column(String(20))
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[str]] = mapped_column(Json, default=list)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)
    expires_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    last_used_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class UsedSignature(Base):
    """The signature of an accepted request; a second request with it is refused as a replay."""

    __tablename__ = "used_signatures"

    signature: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True)
