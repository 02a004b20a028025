"""Reads queued and running jobs for the scheduler.

Statements are built once and take parameters: building one took ten times as long as its execution.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, bindparam, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from database import end_read, session
from domain import JobState
from lib.clock import now
from models import FairShare, Job, Recording
from services.jobs.scheduling.scheduler import NEVER, QueuedJob, RunningJob

_QUEUE_ORDER = (Job.priority, Job.lane, Job.user_id, Job.queued_at)  # the order of the index, so that the database does not sort
_SIZE = func.coalesce(Recording.size_bytes, 0).label("size_bytes")


@dataclass(frozen=True)
class Candidates:
    """Selects ready jobs: of these lanes, of no full pipeline, and not among the skipped ids; with `is_unstaged` only those not staged."""

    lanes: Sequence[str]
    full_pipelines: Sequence[str] = ()
    skipped_ids: Collection[str] = ()
    is_unstaged: bool = False

    def parameters(self) -> dict[str, Any]:
        return {"at": now(), "lanes": list(self.lanes), "full_pipelines": list(self.full_pipelines), "skipped": list(self.skipped_ids)}


def head_of_each_group(session: Session, candidates: Candidates) -> list[QueuedJob]:
    """Return the oldest ready job of each priority, lane and user.

    The cost depends on the number of groups, not of jobs: a loose index scan by a recursive query
    (https://wiki.postgresql.org/wiki/Loose_indexscan).
    """
    return [as_queued_job(row) for row in session.execute(_group_heads_query(candidates.is_unstaged), candidates.parameters())]


def by_id(session: Session, job_id: str, candidates: Candidates) -> QueuedJob | None:
    """Return this job if it is one of the candidates."""
    row = session.execute(_by_id_query(), {"job_id": job_id}).first()
    if row is None or row.state != JobState.QUEUED or (row.run_after is not None and row.run_after > now()):
        return None
    if row.lane not in candidates.lanes or row.pipeline in candidates.full_pipelines or row.id in candidates.skipped_ids:
        return None
    return as_queued_job(row)


def running_jobs(session: Session) -> list[RunningJob]:
    """Return the running jobs of all workers."""
    return [
        RunningJob(
            *(row.user_id, row.pipeline, row.lane, row.worker or "", row.started_at or now(), row.size_bytes),
            seconds_left=row.seconds_left,
            expected_duration_s=row.expected_duration_s,
        )
        for row in session.execute(_running_jobs_query())
    ]


def queued_jobs_query(*extra_columns: Any) -> Any:
    """Return the query for `as_queued_job`, with additional columns."""
    query = select(*_job_columns(Job), _SIZE, FairShare.last_served_at, *extra_columns).outerjoin(
        Recording, Recording.id == Job.recording_id
    )
    return query.outerjoin(FairShare, FairShare.user_id == Job.user_id)


def as_queued_job(row: Any) -> QueuedJob:
    return QueuedJob(
        *(
            row.id,
            row.user_id,
            row.pipeline,
            row.lane,
            row.priority,
            row.queued_at,
            row.expected_duration_s,
            row.size_bytes,
            row.wait_reason,
        ),
        last_served_at=row.last_served_at or NEVER,
    )


def ready() -> tuple[ColumnElement[bool], ...]:
    """Return the conditions for a job that may start now, limits aside."""
    return _ready_at(now())


def has_waiting() -> bool:
    """Return whether any job may start now, limits aside."""
    end_read()
    return session().execute(select(Job.id).where(*ready()).limit(1)).first() is not None


def _ready_at(at: Any) -> tuple[ColumnElement[bool], ...]:
    return (Job.state == JobState.QUEUED, or_(Job.run_after.is_(None), Job.run_after <= at))


def in_state(state: JobState) -> ColumnElement[bool]:
    """Return the condition in a form that keeps the database from using the index of states; for queries by id."""
    return (Job.state == state).is_(true())


def _candidate_conditions() -> tuple[ColumnElement[bool], ...]:
    return (
        *_ready_at(bindparam("at", type_=Job.run_after.type)),
        Job.lane.in_(bindparam("lanes", expanding=True)),
        Job.pipeline.not_in(bindparam("full_pipelines", expanding=True)),
        Job.id.not_in(bindparam("skipped", expanding=True)),
    )


@functools.cache
def _group_heads_query(is_unstaged: bool) -> Any:
    first_jobs = first_of_each(("priority", "lane", "user_id"), is_unstaged)
    query = select(first_jobs, _SIZE, FairShare.last_served_at).outerjoin(Recording, Recording.id == first_jobs.c.recording_id)
    return query.outerjoin(FairShare, FairShare.user_id == first_jobs.c.user_id)


def first_of_each(group: Sequence[str], is_unstaged: bool) -> CTE:
    """Select the first ready job of each group; `group` names columns in the order of the index of queued jobs."""
    columns = [getattr(Job, name) for name in group]
    conditions = (*_candidate_conditions(), *((Job.staged_at.is_(None),) if is_unstaged else ()))

    def first(*beyond: ColumnElement[bool]) -> Select[Any]:
        return select(Job.id).where(*conditions, *beyond).order_by(*_QUEUE_ORDER).limit(1)

    start, step = aliased(Job), aliased(Job)
    begin = select(*_job_columns(start)).where(start.id == first().scalar_subquery())
    first_jobs = begin.cte("first_jobs", recursive=True)
    last = [first_jobs.c[name] for name in group]
    equal_columns = [column == value for column, value in zip(columns, last, strict=True)]
    following = [  # one search per depth: for (a, b, c) > (x, y, z), SQLite would seek by the first column alone
        first(*equal_columns[:depth], columns[depth] > last[depth]).correlate(first_jobs).scalar_subquery()
        for depth in reversed(range(len(columns)))
    ]
    return first_jobs.union_all(select(*_job_columns(step)).join_from(first_jobs, step, step.id == func.coalesce(*following)))


@functools.cache
def _by_id_query() -> Any:
    return queued_jobs_query(Job.state, Job.run_after).where(
        Job.id == bindparam("job_id")
    )  # by id alone: faster than an index with the state


@functools.cache
def _running_jobs_query() -> Any:
    columns = (Job.user_id, Job.pipeline, Job.lane, Job.worker, Job.started_at, Job.seconds_left, Job.expected_duration_s, _SIZE)
    return select(*columns).outerjoin(Recording, Recording.id == Job.recording_id).where(Job.state == JobState.RUNNING)


def _job_columns(job: Any) -> tuple[Any, ...]:
    return (
        job.id,
        job.user_id,
        job.pipeline,
        job.lane,
        job.priority,
        job.queued_at,
        job.expected_duration_s,
        job.wait_reason,
        job.recording_id,
    )
