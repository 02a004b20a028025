"""Counting what is there, and what happened day by day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Date, cast, func, select
from sqlalchemy.sql.elements import ColumnElement

from database import db, session
from domain import JobState
from models import Artifact, ErrorEntry, Job, JobEvent, Recording, User
from services.tools.clock import now


@dataclass(frozen=True)
class Counts:
    """Bytes and seconds in their names; `transcripts`: recordings with at least one text made of them."""

    users: int
    active_users: int
    suspended_users: int
    admins: int
    recordings: int
    transcripts: int
    pdfs: int
    documents: int
    media_s: float
    recordings_bytes: int
    documents_bytes: int
    jobs: Mapping[str, int]
    errors: int


def count() -> Counts:
    """Six queries, however much there is."""
    states = {row.state: row.number for row in session().execute(select(Job.state, func.count().label("number")).group_by(Job.state))}
    users = session().execute(
        select(
            func.count(),
            func.count().filter(User.status == "active"),
            func.count().filter(User.status == "suspended"),
            func.count().filter(User.role.in_(("admin", "super_admin"))),
        ).select_from(User)
    )
    all_users, active, suspended, admins = users.one()
    recordings, seconds, recordings_bytes = (
        session()
        .execute(select(func.count(), func.coalesce(func.sum(Recording.duration_s), 0.0), func.coalesce(func.sum(Recording.size_bytes), 0)))
        .one()
    )
    texts = func.count(Artifact.recording_id.distinct()).filter(Artifact.format.in_(("txt", "md", "docx", "srt", "vtt")))
    pdfs = func.count().filter(Artifact.format == "pdf")
    documents, documents_bytes, made_pdfs, transcripts = (
        session().execute(select(func.count(), func.coalesce(func.sum(Artifact.size_bytes), 0), pdfs, texts).select_from(Artifact)).one()
    )
    return Counts(
        users=all_users,
        active_users=active,
        suspended_users=suspended,
        admins=admins,
        recordings=recordings,
        transcripts=transcripts,
        pdfs=made_pdfs,
        documents=documents,
        media_s=round(float(seconds), 1),
        recordings_bytes=int(recordings_bytes),
        documents_bytes=int(documents_bytes),
        jobs={state.value: int(states.get(state, 0)) for state in JobState if state is not JobState.CANCELLING},
        errors=session().execute(select(func.count()).select_from(ErrorEntry)).scalar_one(),
    )


@dataclass(frozen=True)
class Day:
    """What happened on one day, UTC."""

    date: str
    users: int
    recordings: int
    recordings_bytes: int
    succeeded: int
    failed: int
    cancelled: int
    errors: int


def by_day(days: int) -> list[Day]:
    """The last days up to today, oldest first, those on which nothing happened too. Jobs count on the day on which they ended."""
    today = now().date()
    first = today - dt.timedelta(days=days - 1)
    since = dt.datetime.combine(first, dt.time(), dt.UTC)
    users = _per_day(select(_day(User.created_at), func.count()).where(User.created_at >= since))
    recordings = _per_day(select(_day(Recording.created_at), func.count()).where(Recording.created_at >= since))
    sizes = _per_day(select(_day(Recording.created_at), func.sum(Recording.size_bytes)).where(Recording.created_at >= since))
    ended = {
        kind: _per_day(select(_day(JobEvent.at), func.count()).where(JobEvent.at >= since, JobEvent.kind == kind))
        for kind in ("succeeded", "failed", "cancelled")
    }
    failures = _per_day(select(_day(ErrorEntry.at), func.count()).where(ErrorEntry.at >= since))
    dates = [(first + dt.timedelta(days=number)).isoformat() for number in range(days)]
    return [
        Day(
            date=date,
            users=users.get(date, 0),
            recordings=recordings.get(date, 0),
            recordings_bytes=sizes.get(date, 0),
            succeeded=ended["succeeded"].get(date, 0),
            failed=ended["failed"].get(date, 0),
            cancelled=ended["cancelled"].get(date, 0),
            errors=failures.get(date, 0),
        )
        for date in dates
    ]


def _day(column: Any) -> ColumnElement[Any]:
    """The day of a time in UTC: PostgreSQL's connections run in UTC, and SQLite keeps UTC without saying so."""
    return func.date(column) if db.engine.dialect.name == "sqlite" else cast(column, Date)


def _per_day(query: Any) -> dict[str, int]:
    day = query.selected_columns[0]
    return {str(row[0]): int(row[1] or 0) for row in session().execute(query.group_by(day))}
