"""Tables of the job queue: jobs, their events, scheduling state and measured durations."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from database import Base, UtcDateTime
from lib.clock import now
from lib.request_id import request_id
from lib.tracing import traceparent
from tables.columns import BigKey, Json, new_id
from tables.recordings import Recording


class Job(Base):
    """A job and its current state. `attempt` is the fencing token: every write of a worker names it.

    `queued_at`: when the job was last submitted or retried; `expected_duration_s`: the estimate at that time.
    `staged_at`: when it was handed to a broker or a remote worker, until it is claimed. `wait_reason`: why a free worker
    could not claim it. `progress_at_last_loss`: its progress when a worker was last lost. `payer_id`: the user whose credits pay for it;
    nobody does if it `is_free`. `media_s`: seconds of media that its price was computed for.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        Index("ix_jobs_claim_order", "state", "priority", "lane", "user_id", "queued_at"),
        Index("ix_jobs_staged_at", "staged_at", sqlite_where=text("staged_at IS NOT NULL"), postgresql_where=text("staged_at IS NOT NULL")),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    payer_id: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    is_free: Mapped[bool] = mapped_column(default=False, server_default=false())
    recording_id: Mapped[str | None] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"), index=True)
    project_id: Mapped[str | None] = mapped_column(ForeignKey("projects.id", ondelete="SET NULL"), index=True)
    pipeline: Mapped[str] = mapped_column(String(40))
    options: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    request_id: Mapped[str] = mapped_column(String(64), default=request_id, server_default="")
    traceparent: Mapped[str] = mapped_column(String(55), default=traceparent, server_default="")
    state: Mapped[str] = mapped_column(String(16), default="queued")
    priority: Mapped[int] = mapped_column(Integer, default=0)
    lane: Mapped[str] = mapped_column(String(8), default="short", server_default="short")
    media_s: Mapped[float] = mapped_column(default=0.0, server_default="0")
    expected_duration_s: Mapped[float | None]
    wait_reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    attempt: Mapped[int] = mapped_column(Integer, default=0)
    max_attempts: Mapped[int] = mapped_column(Integer, default=5)
    progress_at_last_loss: Mapped[float] = mapped_column(default=0.0, server_default="0")
    run_after: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    staged_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    worker: Mapped[str | None] = mapped_column(String(120))
    lease_expires_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    cancel_requested: Mapped[bool] = mapped_column(default=False, server_default=false())
    cancelled_by: Mapped[str | None] = mapped_column(String(254))
    cancellation_reason: Mapped[str | None] = mapped_column(Text)
    stage: Mapped[str] = mapped_column(String(40), default="")
    progress: Mapped[float] = mapped_column(default=0.0)
    seconds_left: Mapped[float | None]
    warnings: Mapped[list[str]] = mapped_column(Json, default=list)
    metrics: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
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
    """An event of a job, append-only: the source of polling, replay and webhooks. Events are ordered by `id`."""

    __tablename__ = "job_events"
    __table_args__ = ({"sqlite_autoincrement": True},)  # an id is never reused, even after the newest events are deleted

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    data: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)


class FairShare(Base):
    """The time at which a job of this user last started, by which the scheduler serves users in turn."""

    __tablename__ = "fair_shares"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    last_served_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class JobCounter(Base):
    """A lifetime counter that outlives the rows it counts; see services/jobs/queue/counters.py."""

    __tablename__ = "job_counters"

    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    label: Mapped[str] = mapped_column(String(60), primary_key=True)
    part: Mapped[str] = mapped_column(String(16), primary_key=True, default="")
    value: Mapped[float] = mapped_column(default=0.0)


class QueuePause(Base):
    """The maintenance pause of the queue. The table holds one row while the queue is paused, else none."""

    __tablename__ = "queue_pauses"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    reason: Mapped[str] = mapped_column(String(500), default="")
    paused_by: Mapped[str] = mapped_column(String(254), default="")
    paused_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)


class StageDuration(Base):
    """Measured durations of a stage, as weighted sums for a linear regression of wall seconds (y) on media seconds (x).

    `run_weight` is the sum of the weights; older runs weigh less. The stage "" is the whole run.
    """

    __tablename__ = "stage_durations"

    pipeline: Mapped[str] = mapped_column(String(40), primary_key=True)
    stage: Mapped[str] = mapped_column(String(40), primary_key=True)
    run_weight: Mapped[float]
    sum_media_s: Mapped[float]
    sum_wall_s: Mapped[float]
    sum_media_squared: Mapped[float]
    sum_media_times_wall: Mapped[float]
