"""Taking the next job: whose turn it is, within the limits, where there is room for it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, cast

import structlog
from sqlalchemy import ColumnElement, CursorResult, Select, and_, func, insert, or_, select, update
from sqlalchemy.orm import Session, aliased

from database import db, session, transaction
from domain import JobState
from models import Job, QueuePause, QueueTurn, Recording
from services.jobs import history
from services.jobs.attempts import Claim, after
from services.jobs.drained import is_drained
from services.jobs.room import Room
from services.jobs.turns import Lane, Rules, Running, Turns, Waiting
from services.tools.clock import now

log = structlog.get_logger(__name__)
_LOCK = 0x1EC7E4  # of PostgreSQL's advisory locks: one process at a time finds out whose turn it is
_LOOKS = 20  # jobs that may be refused for want of room before a claim gives up
_ANY_LANE = tuple(Lane)
_SIZE = func.coalesce(Recording.size_bytes, 0).label("size_bytes")


def claim(
    worker: str,
    lease_s: float,
    job_id: str | None = None,
    *,
    rules: Rules = Rules(),
    lanes: Sequence[str] = _ANY_LANE,
    room: Room | None = None,
) -> Claim | None:
    """Take the next job of these lanes, or `job_id` if it may run now; or None.

    One conditional UPDATE: two workers can't both get it. Claims come one after the other, so that limits hold.
    """
    refused: dict[str, str] = {}
    with transaction() as writing:
        one_after_the_other(writing)
        held = is_paused(writing) or is_drained(writing, worker)
        taken = None if held else _take_first(writing, worker, lease_s, job_id, rules, lanes, room, refused)
    for waiting_id, reason in refused.items():
        log.warning("job_waits", job_id=waiting_id, reason=reason)
    return taken


def one_after_the_other(writing: Session) -> None:
    """Wait until no other transaction that looks whose turn it is goes on; SQLite lets one write at a time anyway."""
    if db.engine.dialect.name == "postgresql":
        writing.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def next_up(writing: Session, lane: str, most: int, rules: Rules = Rules(), *conditions: ColumnElement[bool]) -> list[str]:
    """Ids of the jobs of a lane that would begin next if nothing else came, in order; for executors that hand jobs on.

    `conditions` on Job say which count at all.
    """
    turns, at, found = turns_now(writing, rules)[0], now(), list[str]()
    while len(found) < most and not is_paused(writing):
        lanes = turns.lanes_open((lane,))
        ready = heads(writing, Job.pipeline.not_in(turns.full_kinds()), Job.lane.in_(lanes), Job.id.not_in(found), *conditions)
        first = next((job for job in turns.in_order(ready, at) if not turns.user_is_full(job.user_id)), None)
        if first is None:
            break
        found.append(first.job_id)
        turns.begin(first, at)
    return found


def is_paused(reading: Session) -> bool:
    return reading.execute(select(QueuePause.id)).first() is not None


def ready() -> tuple[ColumnElement[bool], ...]:
    """What holds for a job that may begin now, as far as it alone is concerned."""
    return (Job.state == JobState.QUEUED, or_(Job.run_after.is_(None), Job.run_after <= now()))


def turns_now(reading: Session, rules: Rules) -> tuple[Turns, list[Running]]:
    """Who runs how much and was served when."""
    found = reading.execute(
        select(
            *(Job.user_id, Job.pipeline, Job.lane, Job.worker, Job.started_at, Job.seconds_left, Job.cost_s),
            _SIZE,
        )
        .outerjoin(Recording, Recording.id == Job.recording_id)
        .where(Job.state == JobState.RUNNING)
    )
    running = [
        Running(
            *(row.user_id, row.pipeline, row.lane, row.worker or "", row.started_at or now(), row.size_bytes),
            seconds_left=row.seconds_left,
            cost_s=row.cost_s,
        )
        for row in found
    ]
    served = {row.user_id: row.served_at for row in reading.execute(select(QueueTurn.user_id, QueueTurn.served_at))}
    return Turns(rules, running, served), running


def heads(reading: Session, *conditions: ColumnElement[bool]) -> list[Waiting]:
    """Of each priority, lane and user the ready job that was asked for first, among those that meet the conditions on Job.

    One step along the index for each of them, however many jobs wait (a loose index scan by a recursive query,
    https://wiki.postgresql.org/wiki/Loose_indexscan).
    """
    columns = (Job.priority, Job.lane, Job.user_id)

    def first(*beyond: ColumnElement[bool]) -> Select[Any]:
        return select(Job.id).where(*ready(), *conditions, *beyond).order_by(*columns, Job.queued_at).limit(1)

    start, step = aliased(Job), aliased(Job)
    begin = select(*_told_of(start)).where(start.id == first().scalar_subquery())
    found = begin.cte("heads", recursive=True)
    same_priority, same_lane = Job.priority == found.c.priority, Job.lane == found.c.lane
    following = (  # three searches that each begin where an index can: SQLite seeks by the first column alone of (a, b, c) > (x, y, z)
        first(same_priority, same_lane, Job.user_id > found.c.user_id),
        first(same_priority, Job.lane > found.c.lane),
        first(Job.priority > found.c.priority),
    )
    next_id = func.coalesce(*(each.correlate(found).scalar_subquery() for each in following))
    found = found.union_all(select(*_told_of(step)).join_from(found, step, step.id == next_id))
    told = select(found, _SIZE).outerjoin(Recording, Recording.id == found.c.recording_id)
    return [as_waiting(row) for row in reading.execute(told)]


def waiting_jobs() -> Any:
    """What `as_waiting` takes."""
    return select(*_told_of(Job), _SIZE).outerjoin(Recording, Recording.id == Job.recording_id)


def _told_of(job: Any) -> tuple[Any, ...]:
    return (job.id, job.user_id, job.pipeline, job.lane, job.priority, job.queued_at, job.cost_s, job.waiting_for, job.recording_id)


def as_waiting(row: Any) -> Waiting:
    return Waiting(
        row.id, row.user_id, row.pipeline, row.lane, row.priority, row.queued_at, row.cost_s, row.size_bytes, row.waiting_for
    )  # fmt: skip


def _take_first(
    writing: Session,
    worker: str,
    lease_s: float,
    job_id: str | None,
    rules: Rules,
    lanes: Sequence[str],
    room: Room | None,
    refused: dict[str, str],
) -> Claim | None:
    """`refused` gets the jobs that are kept waiting from now on, with the reasons."""
    turns, running = turns_now(writing, rules)
    passed: set[str] = set()
    for _ in range(_LOOKS):
        job = _first(writing, turns, lanes, job_id, passed)
        if job is None:
            return None
        reason = room.refusal(job, running) if room else None
        if reason is None:
            taken = _take(writing, job, worker, lease_s)
            if taken is not None:
                return taken
        else:
            _keep_waiting(writing, job, reason.sentence, refused)
            if reason.of_all:
                return None
        passed.add(job.job_id)
    return None


def _first(writing: Session, turns: Turns, lanes: Sequence[str], job_id: str | None, passed: Collection[str]) -> Waiting | None:
    named = () if job_id is None else (Job.id == job_id,)
    of_these = (Job.pipeline.not_in(turns.full_kinds()), Job.lane.in_(turns.lanes_open(lanes)), Job.id.not_in(passed))
    candidates = heads(writing, *of_these, *named)
    return next((job for job in turns.in_order(candidates, now()) if not turns.user_is_full(job.user_id)), None)


def _take(writing: Session, job: Waiting, worker: str, lease_s: float) -> Claim | None:
    free = select(Job.id).where(Job.id == job.job_id, Job.state == JobState.QUEUED)
    if db.engine.dialect.name == "postgresql":
        free = free.with_for_update(skip_locked=True)
    begun = now()
    taken = writing.execute(
        update(Job)
        .where(and_(Job.id == free.scalar_subquery(), Job.state == JobState.QUEUED))
        .values(
            state=JobState.RUNNING,
            attempt=Job.attempt + 1,
            worker=worker,
            lease_until=after(lease_s),
            sent_at=None,
            started_at=begun,
            finished_at=None,
            waiting_for="",
            error_code=None,
            error_message=None,
            error_hint=None,
            error_stage=None,
        )
        .returning(Job)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if taken is None:
        return None
    served = writing.execute(update(QueueTurn).where(QueueTurn.user_id == job.user_id).values(served_at=begun))
    if cast("CursorResult[Any]", served).rowcount == 0:
        writing.execute(insert(QueueTurn).values(user_id=job.user_id, served_at=begun))
    history.append(writing, taken.id, taken.user_id, "running", {"attempt": taken.attempt})
    return Claim(
        *(taken.id, taken.attempt, worker, taken.user_id, taken.recording_id, taken.pipeline, dict(taken.options), taken.created_at),
        lane=taken.lane,
    )


def _keep_waiting(writing: Session, job: Waiting, reason: str, refused: dict[str, str]) -> None:
    if job.waiting_for == reason:
        return
    still = update(Job).where(Job.id == job.job_id, Job.state == JobState.QUEUED).values(waiting_for=reason)
    writing.execute(still.execution_options(synchronize_session=False))
    if not job.waiting_for:
        refused[job.job_id] = reason


def has_waiting() -> bool:
    session().rollback()
    return session().execute(select(Job.id).where(*ready()).limit(1)).first() is not None
