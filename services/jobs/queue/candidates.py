"""Who waits and who runs, read as services/jobs/scheduling/scheduler.py wants it.

Statements are built once and take parameters: to put one together took ten times as long as to have it answered.
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

_TURN = (Job.priority, Job.lane, Job.user_id, Job.queued_at)  # as in the index, so that nothing is sorted
_SIZE = func.coalesce(Recording.size_bytes, 0).label("size_bytes")


@dataclass(frozen=True)
class Candidates:
    """Which ready jobs are looked at: those of these lanes that are of no full kind and were not passed over.

    `unsent`: of these, the ones that nobody has handed on to a broker.
    """

    lanes: Sequence[str]
    full_kinds: Sequence[str] = ()
    passed: Collection[str] = ()
    unsent: bool = False

    def parameters(self) -> dict[str, Any]:
        return {"at": now(), "lanes": list(self.lanes), "full_kinds": list(self.full_kinds), "passed": list(self.passed)}


def head_of_each_group(reading: Session, among: Candidates) -> list[QueuedJob]:
    """Of each priority, lane and user the ready job that was asked for first.

    One step along the index for each of them, however many jobs wait (a loose index scan by a recursive query,
    https://wiki.postgresql.org/wiki/Loose_indexscan).
    """
    return [as_waiting(row) for row in reading.execute(_heads(among.unsent), among.parameters())]


def by_id(reading: Session, job_id: str, among: Candidates) -> QueuedJob | None:
    """This very job, if it is one of them."""
    row = reading.execute(_named(), {"job_id": job_id}).first()
    if row is None or row.state != JobState.QUEUED or (row.run_after is not None and row.run_after > now()):
        return None
    if row.lane not in among.lanes or row.pipeline in among.full_kinds or row.id in among.passed:
        return None
    return as_waiting(row)


def running_jobs(reading: Session) -> list[RunningJob]:
    return [
        RunningJob(
            *(row.user_id, row.pipeline, row.lane, row.worker or "", row.started_at or now(), row.size_bytes),
            seconds_left=row.seconds_left,
            expected_duration_s=row.expected_duration_s,
        )
        for row in reading.execute(_running())
    ]


def waiting_jobs(*more: Any) -> Any:
    """What `as_waiting` takes, and these columns."""
    told = select(*_told_of(Job), _SIZE, FairShare.last_served_at, *more).outerjoin(Recording, Recording.id == Job.recording_id)
    return told.outerjoin(FairShare, FairShare.user_id == Job.user_id)


def as_waiting(row: Any) -> QueuedJob:
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
    """What holds for a job that may begin now, as far as it alone is concerned."""
    return _ready_at(now())


def has_waiting() -> bool:
    end_read()
    return session().execute(select(Job.id).where(*ready()).limit(1)).first() is not None


def _ready_at(at: Any) -> tuple[ColumnElement[bool], ...]:
    return (Job.state == JobState.QUEUED, or_(Job.run_after.is_(None), Job.run_after <= at))


def in_state(state: JobState) -> ColumnElement[bool]:
    """For a job named by its id: written so that no database looks for it by its state, of which thousands may be."""
    return (Job.state == state).is_(true())


def _among() -> tuple[ColumnElement[bool], ...]:
    """As `Among.parameters` gives them."""
    return (
        *_ready_at(bindparam("at", type_=Job.run_after.type)),
        Job.lane.in_(bindparam("lanes", expanding=True)),
        Job.pipeline.not_in(bindparam("full_kinds", expanding=True)),
        Job.id.not_in(bindparam("passed", expanding=True)),
    )


@functools.cache
def _heads(unsent: bool) -> Any:
    found = first_of_each(("priority", "lane", "user_id"), unsent)
    told = select(found, _SIZE, FairShare.last_served_at).outerjoin(Recording, Recording.id == found.c.recording_id)
    return told.outerjoin(FairShare, FairShare.user_id == found.c.user_id)


def first_of_each(group: Sequence[str], unsent: bool) -> CTE:
    """Of each group of ready jobs the first; `group` names columns as they stand in the index ix_jobs_claim_order after `state`."""
    columns = [getattr(Job, name) for name in group]
    conditions = (*_among(), *((Job.staged_at.is_(None),) if unsent else ()))

    def first(*beyond: ColumnElement[bool]) -> Select[Any]:
        return select(Job.id).where(*conditions, *beyond).order_by(*_TURN).limit(1)

    start, step = aliased(Job), aliased(Job)
    begin = select(*_told_of(start)).where(start.id == first().scalar_subquery())
    found = begin.cte("heads", recursive=True)
    last = [found.c[name] for name in group]
    same = [column == value for column, value in zip(columns, last, strict=True)]
    following = [  # searches that each begin where an index can: SQLite seeks by the first column alone of (a, b, c) > (x, y, z)
        first(*same[:depth], columns[depth] > last[depth]).correlate(found).scalar_subquery() for depth in reversed(range(len(columns)))
    ]
    return found.union_all(select(*_told_of(step)).join_from(found, step, step.id == func.coalesce(*following)))


@functools.cache
def _named() -> Any:
    return waiting_jobs(Job.state, Job.run_after).where(Job.id == bindparam("job_id"))  # an id is quicker than any index with the state


@functools.cache
def _running() -> Any:
    told = (Job.user_id, Job.pipeline, Job.lane, Job.worker, Job.started_at, Job.seconds_left, Job.expected_duration_s, _SIZE)
    return select(*told).outerjoin(Recording, Recording.id == Job.recording_id).where(Job.state == JobState.RUNNING)


def _told_of(job: Any) -> tuple[Any, ...]:
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
