"""Totals and daily counts of users, recordings, documents, jobs and errors, for admins.

The daily counts include deleted rows: before rows are deleted, their counts are added to the lifetime counters
(`services/jobs/queue/counters.py`).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Date, cast, false, func, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from database import db, session
from domain import FINAL_STATES, JobState
from lib.clock import now
from lib.paging import count_rows
from models import Artifact, ErrorEntry, Job, JobEvent, Recording, User
from services.accounts.callers import ADMIN_ROLES
from services.documents import FORMATS
from services.jobs.queue import counters
from services.library import hidden_formats

Conditions = Sequence[ColumnElement[bool]]
_TRANSCRIPT_FORMATS = tuple(each.name for each in FORMATS.values() if each.is_transcript)


@dataclass(frozen=True)
class Totals:
    """`transcripts`: recordings with at least one text document; `jobs`: number by state."""

    users: int
    active_users: int
    suspended_users: int
    admins: int
    recordings: int
    transcripts: int
    pdfs: int
    documents: int
    recordings_duration_s: float
    recordings_bytes: int
    documents_bytes: int
    jobs: Mapping[str, int]
    errors: int


def total_counts() -> Totals:
    """Return the totals. The number of queries does not depend on the amount of data."""
    jobs_by_state = {
        row.state: row.number for row in session().execute(select(Job.state, func.count().label("number")).group_by(Job.state))
    }
    users = session().execute(
        select(
            func.count(),
            func.count().filter(User.status == "active"),
            func.count().filter(User.status == "suspended"),
            func.count().filter(User.role.in_(ADMIN_ROLES)),
        ).select_from(User)
    )
    all_users, active_count, suspended_count, admins = users.one()
    recordings, duration_s, recordings_bytes = (
        session()
        .execute(select(func.count(), func.coalesce(func.sum(Recording.duration_s), 0.0), func.coalesce(func.sum(Recording.size_bytes), 0)))
        .one()
    )
    text_count = func.count(Artifact.recording_id.distinct()).filter(Artifact.format.in_(_TRANSCRIPT_FORMATS))
    pdf_count = func.count().filter(Artifact.format == "pdf")
    document_count = func.count().filter(Artifact.format.not_in(hidden_formats.ALL))
    documents, documents_bytes, pdfs, transcripts = (
        session()
        .execute(select(document_count, func.coalesce(func.sum(Artifact.size_bytes), 0), pdf_count, text_count).select_from(Artifact))
        .one()
    )
    return Totals(
        users=all_users,
        active_users=active_count,
        suspended_users=suspended_count,
        admins=admins,
        recordings=recordings,
        transcripts=transcripts,
        pdfs=pdfs,
        documents=documents,
        recordings_duration_s=round(float(duration_s), 1),
        recordings_bytes=int(recordings_bytes),
        documents_bytes=int(documents_bytes),
        # CANCELLING is not a state of a row: it is shown for a running job that has a cancel request.
        jobs={state.value: int(jobs_by_state.get(state, 0)) for state in JobState if state is not JobState.CANCELLING},
        errors=count_rows(ErrorEntry),
    )


@dataclass(frozen=True)
class DailyCounts:
    """Counts of one day in UTC; jobs count on the day they ended."""

    date: str
    users: int
    recordings: int
    recordings_bytes: int
    succeeded: int
    failed: int
    cancelled: int
    errors: int


def daily_statistics(days: int) -> list[DailyCounts]:
    """Return the counts of the last `days` days up to today, oldest first.

    Deleted rows are included, except entries of the error log, which are deleted after a retention period.
    """
    today = now().date()
    first = today - dt.timedelta(days=days - 1)
    since = dt.datetime.combine(first, dt.time(), dt.UTC)
    counts = Counter(_count_rows_by_day([User.created_at >= since], [Recording.created_at >= since], [JobEvent.created_at >= since]))
    counts.update(counters.deleted_counts_since(session(), first.isoformat()))
    counts.update(_count_by_day("errors", select(_day(ErrorEntry.created_at), func.count()).where(ErrorEntry.created_at >= since)))
    dates = [(first + dt.timedelta(days=offset)).isoformat() for offset in range(days)]
    names = [field.name for field in fields(DailyCounts) if field.name != "date"]
    return [DailyCounts(date, **{name: int(counts[date, name]) for name in names}) for date in dates]


def preserve_counts_of_recording(session: Session, recording_id: str) -> None:
    """Save the daily counts of a recording before it is deleted."""
    events = [JobEvent.job_id.in_(select(Job.id).where(Job.recording_id == recording_id))]
    counters.add_deleted_counts(session, _count_rows_by_day([false()], [Recording.id == recording_id], events))


def preserve_counts_of_user(session: Session, user_id: str) -> None:
    """Save the daily counts of a user before they are deleted. Their recordings must be locked, against concurrent deletion."""
    counters.add_deleted_counts(
        session, _count_rows_by_day([User.id == user_id], [Recording.user_id == user_id], [JobEvent.user_id == user_id])
    )


def _count_rows_by_day(users: Conditions, recordings: Conditions, events: Conditions) -> dict[tuple[str, str], int]:
    """Return the counts of the matching rows by (day, field of `DailyCounts`)."""
    counts = _count_by_day("users", select(_day(User.created_at), func.count()).where(*users))
    counts |= _count_by_day("recordings", select(_day(Recording.created_at), func.count()).where(*recordings))
    counts |= _count_by_day("recordings_bytes", select(_day(Recording.created_at), func.sum(Recording.size_bytes)).where(*recordings))
    for kind in FINAL_STATES:
        counts |= _count_by_day(kind.value, select(_day(JobEvent.created_at), func.count()).where(JobEvent.kind == kind, *events))
    return counts


def _day(column: Any) -> ColumnElement[Any]:
    """Return the UTC day of a time column: PostgreSQL connections use UTC, and SQLite stores UTC."""
    return func.date(column) if db.engine.dialect.name == "sqlite" else cast(column, Date)


def _count_by_day(name: str, query: Any) -> dict[tuple[str, str], int]:
    day = query.selected_columns[0]
    return {(str(row[0]), name): int(row[1] or 0) for row in session().execute(query.group_by(day))}
