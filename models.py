"""The tables. Columns only; what is done with them stands in services/."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String, Text, UniqueConstraint, false, text, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from database import Base, UtcDateTime
from lib.clock import now
from lib.request_id import request_id
from lib.tracing import traceparent

Json = JSON().with_variant(JSONB(), "postgresql")
BigKey = BigInteger().with_variant(Integer(), "sqlite")  # SQLite numbers only INTEGER keys by itself


def new_id() -> str:
    return str(uuid.uuid4())


class User(Base):
    """An account. `email` and `username` are stored in lower case. Tokens of outside issuers count from `tokens_valid_from` on.

    Quotas: bytes kept, jobs waiting or running, uploads in 24 hours; None is the server's own.
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
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)
    last_login_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    tokens_valid_from: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class Identity(Base):
    """Somebody whom an outside issuer vouches for, and the account that is theirs here."""

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
    """A log-in: one refresh token's family. Access tokens name it (`sid`), so revoking it ends them too.

    `previous_refresh_id` is the token before the present one, replaced at `rotated_at`; `outside_refresh` an issuer's own
    refresh token, encrypted, where the log-in went through that issuer.
    """

    __tablename__ = "sessions"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    refresh_id: Mapped[str] = mapped_column(String(36))
    previous_refresh_id: Mapped[str | None] = mapped_column(String(36))
    rotated_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    outside_refresh: Mapped[str | None] = mapped_column(Text)
    user_agent: Mapped[str] = mapped_column(String(255), default="")
    address: Mapped[str] = mapped_column(String(64), default="")
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class LoginPause(Base):
    """Failed attempts in a row at one thing (a hash of an account's name, an address, a code) and until when nobody may try again."""

    __tablename__ = "login_pauses"

    subject: Mapped[str] = mapped_column(String(80), primary_key=True)
    failures: Mapped[int] = mapped_column(Integer, default=0)
    last_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now, index=True)
    blocked_until: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class MailToken(Base):
    """What a mail to a user lets its reader do once. `token_hash` is SHA-256; `code_hash` that of the short code in the same mail."""

    __tablename__ = "mail_tokens"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), default="")
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    email: Mapped[str] = mapped_column(String(254))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True)


class ApiKey(Base):
    """A long-lived key: a user's, or without `user_id` a service's. Only its SHA-256 and its first letters are kept."""

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


class SeenSignature(Base):
    """A signed request that was let in: the same one is not let in again."""

    __tablename__ = "seen_signatures"

    signature: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True)


class Recording(Base):
    """A video or audio file that someone owns. `media` is domain.MediaInfo as JSON."""

    __tablename__ = "recordings"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(500))
    filename: Mapped[str] = mapped_column(String(255))
    storage_key: Mapped[str] = mapped_column(String(600))
    subtitles_key: Mapped[str | None] = mapped_column(String(600))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(String(16), default="")
    source_url: Mapped[str] = mapped_column(String(2000), default="")
    duration_s: Mapped[float]
    media: Mapped[dict[str, Any]] = mapped_column(Json)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now, index=True)
    updated_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)

    user: Mapped[User] = relationship(lazy="raise")


class Job(Base):
    """A piece of work and all that is known of it. `attempt` is the fencing token: every write of a worker names it.

    `sent_at` is when it was handed to a broker or an outside worker and has not been claimed since.
    `queued_at` is when it was last asked for, `cost_s` what it was expected to take then; `waiting_for` says what a worker
    that could have begun it was short of. `lost_progress` is how far it was when its worker was last lost.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        Index("ix_jobs_turn", "state", "priority", "lane", "user_id", "queued_at"),
        Index("ix_jobs_sent", "sent_at", sqlite_where=text("sent_at IS NOT NULL"), postgresql_where=text("sent_at IS NOT NULL")),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    recording_id: Mapped[str | None] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"), index=True)
    pipeline: Mapped[str] = mapped_column(String(40))
    options: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    request_id: Mapped[str] = mapped_column(String(64), default=request_id, server_default="")
    traceparent: Mapped[str] = mapped_column(String(55), default=traceparent, server_default="")
    state: Mapped[str] = mapped_column(String(16), default="queued")
    priority: Mapped[int] = mapped_column(Integer, default=0)
    lane: Mapped[str] = mapped_column(String(8), default="short", server_default="short")
    cost_s: Mapped[float | None]
    waiting_for: Mapped[str] = mapped_column(Text, default="", server_default="")
    attempt: Mapped[int] = mapped_column(Integer, default=0)
    max_attempts: Mapped[int] = mapped_column(Integer, default=5)
    lost_progress: Mapped[float] = mapped_column(default=0.0, server_default="0")
    run_after: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    sent_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    worker: Mapped[str | None] = mapped_column(String(120))
    lease_until: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    cancel_requested: Mapped[bool] = mapped_column(default=False, server_default=false())
    stage: Mapped[str] = mapped_column(String(40), default="")
    progress: Mapped[float] = mapped_column(default=0.0)
    seconds_left: Mapped[float | None]
    warnings: Mapped[list[str]] = mapped_column(Json, default=list)
    measures: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    error_code: Mapped[str | None] = mapped_column(String(60))
    error_message: Mapped[str | None] = mapped_column(Text)
    error_hint: Mapped[str | None] = mapped_column(Text)
    error_stage: Mapped[str | None] = mapped_column(String(40))
    error_log: Mapped[str | None] = mapped_column(Text)
    retryable: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)
    queued_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)
    started_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    updated_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)

    recording: Mapped[Recording | None] = relationship(lazy="raise")


class JobEvent(Base):
    """What happened to a job, append-only: feeds polling, replay and webhooks. `id` orders events."""

    __tablename__ = "job_events"
    __table_args__ = ({"sqlite_autoincrement": True},)  # an id is never used twice, even when the newest events are deleted

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    data: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)


class QueueTurn(Base):
    """When a job of a user was last begun: the queue goes round by it."""

    __tablename__ = "queue_turns"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    served_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class RunCount(Base):
    """What is told of all that ever was, as services/jobs/queue/counters.py keeps it: one number a row."""

    __tablename__ = "run_counts"

    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    label: Mapped[str] = mapped_column(String(60), primary_key=True)
    part: Mapped[str] = mapped_column(String(16), primary_key=True, default="")
    value: Mapped[float] = mapped_column(default=0.0)


class QueuePause(Base):
    """There is a row, and only one, while the queue is paused for maintenance."""

    __tablename__ = "queue_pauses"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    reason: Mapped[str] = mapped_column(String(500), default="")
    paused_by: Mapped[str] = mapped_column(String(254), default="")
    paused_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)


class StageSpeed(Base):
    """What a stage took in the past, as sums for a line through (media seconds, wall seconds); older runs weigh less.

    The stage "" is a whole run.
    """

    __tablename__ = "stage_speeds"

    pipeline: Mapped[str] = mapped_column(String(40), primary_key=True)
    stage: Mapped[str] = mapped_column(String(40), primary_key=True)
    runs: Mapped[float]
    media_s: Mapped[float]
    wall_s: Mapped[float]
    media_squared: Mapped[float]
    media_wall: Mapped[float]


class Webhook(Base):
    """An address that a user wants to be told at, of all jobs or of one (`job_id`).

    `events` are final kinds of JobEvent; `failing_since` is the first failure in a row.
    """

    __tablename__ = "webhooks"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    job_id: Mapped[str | None] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), index=True)
    url: Mapped[str] = mapped_column(String(2000))
    description: Mapped[str] = mapped_column(String(200), default="")
    events: Mapped[list[str]] = mapped_column(Json)
    secret: Mapped[str] = mapped_column(String(100))
    active: Mapped[bool] = mapped_column(default=True, server_default=true())
    failing_since: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    disabled_reason: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)


class Notice(Base):
    """What a user is told on the page: how a job ended. `text` is the error and what to do about it."""

    __tablename__ = "notices"
    __table_args__ = (Index("ix_notices_user_id_created_at", "user_id", "created_at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(40))
    job_id: Mapped[str | None] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), index=True)
    recording_id: Mapped[str | None] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(500))
    text: Mapped[str] = mapped_column(Text, default="")
    read_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now, index=True)


class NotificationChoice(Base):
    """Which ends of jobs a user wants to hear of, by a notice and by e-mail; without a row, of those in services/jobs/notifications.py."""

    __tablename__ = "notification_choices"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    in_app: Mapped[list[str]] = mapped_column(Json)
    email: Mapped[list[str]] = mapped_column(Json)


class Delivery(Base):
    """One event for somebody outside: the outbox while it is `waiting`, then (`delivered`, `failed`) the log.

    `channel` says how (webhook, mail, account_mail); `user_id` is None where it is not looked at yet whose it is. `due_at` is when it
    is tried next, for a claimed one when it may be claimed again, for an ended one when it ended.
    """

    __tablename__ = "deliveries"
    __table_args__ = (Index("ix_deliveries_due", "state", "due_at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    channel: Mapped[str] = mapped_column(String(16))
    user_id: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    webhook_id: Mapped[str | None] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"), index=True)
    event: Mapped[str] = mapped_column(String(40))
    job_id: Mapped[str | None] = mapped_column(String(36))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    due_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)
    status_code: Mapped[int | None] = mapped_column(Integer)
    response: Mapped[str] = mapped_column(String(500), default="")
    error: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)
    tried_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class Artifact(Base):
    """A document made from a recording; the newest successful job's replaces the one before it."""

    __tablename__ = "artifacts"
    __table_args__ = (UniqueConstraint("recording_id", "format"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    recording_id: Mapped[str] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"), index=True)
    job_id: Mapped[str] = mapped_column(String(36))
    format: Mapped[str] = mapped_column(String(20))
    filename: Mapped[str] = mapped_column(String(255))
    storage_key: Mapped[str] = mapped_column(String(600))
    content_type: Mapped[str] = mapped_column(String(120))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)


class PendingDeletion(Base):
    """A key in the store that has to go once it is due; see services/library/object_deletion.py."""

    __tablename__ = "doomed_objects"

    key: Mapped[str] = mapped_column(String(600), primary_key=True)
    due_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True)


class AuditEntry(Base):
    """An act of an admin, append-only; it outlives whom it is about. `actor_id` is None for the operator at the command line."""

    __tablename__ = "audit_log"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now, index=True)
    actor_id: Mapped[str | None] = mapped_column(String(36), index=True)
    actor_email: Mapped[str] = mapped_column(String(254))
    action: Mapped[str] = mapped_column(String(40))
    target_kind: Mapped[str] = mapped_column(String(20))
    target_id: Mapped[str] = mapped_column(String(80), index=True)
    before: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    after: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    request_id: Mapped[str] = mapped_column(String(64), default="")


class ErrorEntry(Base):
    """A failed attempt at a job (`source` job) or a request that crashed (`source` request), append-only, kept for a while."""

    __tablename__ = "error_log"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now, index=True)
    source: Mapped[str] = mapped_column(String(10))
    code: Mapped[str] = mapped_column(String(60))
    message: Mapped[str] = mapped_column(Text, default="")
    hint: Mapped[str] = mapped_column(Text, default="")
    stage: Mapped[str] = mapped_column(String(40), default="")
    log: Mapped[str] = mapped_column(Text, default="")
    attempt: Mapped[int] = mapped_column(Integer, default=0)
    job_id: Mapped[str | None] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), index=True)
    recording_id: Mapped[str | None] = mapped_column(String(36))
    user_id: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    request_id: Mapped[str] = mapped_column(String(64), default="")
    path: Mapped[str] = mapped_column(String(500), default="")


class ChangedSetting(Base):
    """A setting that an admin changed while the server runs; it counts instead of the environment's."""

    __tablename__ = "changed_settings"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[Any] = mapped_column(Json)
    description: Mapped[str] = mapped_column(String(500), default="")
    changed_by: Mapped[str] = mapped_column(String(254), default="")
    changed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)


class Prompt(Base):
    """A version of what a language model is told, append-only. `name` is what for (services/prompts.py)."""

    __tablename__ = "prompts"
    __table_args__ = (UniqueConstraint("name", "version"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(String(20))
    version: Mapped[str] = mapped_column(String(60))
    text: Mapped[str] = mapped_column(Text)
    created_by: Mapped[str] = mapped_column(String(254), default="")
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)


class ActivePrompt(Base):
    """The version that counts, one a name; the database itself keeps it from being deleted."""

    __tablename__ = "active_prompts"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    prompt_id: Mapped[int] = mapped_column(ForeignKey("prompts.id", ondelete="RESTRICT"), unique=True)


class ProcessingServer(Base):
    """A machine that runs jobs. `name` is its host name where it works on this queue; `health` what its last look said."""

    __tablename__ = "processing_servers"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    url: Mapped[str] = mapped_column(String(2000))
    type: Mapped[str] = mapped_column(String(20), default="processing")
    description: Mapped[str] = mapped_column(String(500), default="")
    status: Mapped[str] = mapped_column(String(16), default="active")
    health: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    checked_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)
