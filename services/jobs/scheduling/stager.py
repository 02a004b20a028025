"""Stages the next few jobs for a broker or a remote worker; the other jobs wait in the database, in the order of the scheduler.

A staged job has been reserved (`staged_at` is set) and handed to a broker or remote worker, but no worker has claimed it yet.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, literal, null, select, union_all, update
from sqlalchemy.orm import Session

from config import Settings
from database import changed_rows, end_read, session, transaction
from lib.clock import now
from models import Job
from services.jobs.queue import claiming
from services.jobs.queue.candidates import Candidates, first_of_each
from services.jobs.scheduling.scheduler import ConcurrencyLimits, Lane

_CLAIM_TIMEOUT = dt.timedelta(seconds=30)  # a job staged for longer was refused or lost, or no worker is free

# Do not add a condition on `state`: the partial index would not be used. Claimed and cancelled jobs are not staged.
_IS_STAGED = Job.staged_at.is_not(None)
_COUNT_STAGED = select(func.count()).select_from(Job).where(_IS_STAGED, Job.lane == bindparam("lane"))


@dataclass(frozen=True)
class LaneStaging:
    """The number of staged jobs of a lane, since when the oldest is staged, and whether other jobs of the lane are ready."""

    staged: int = 0
    oldest_staged_at: dt.datetime | None = None
    has_unstaged: bool = False

    @property
    def has_overdue(self) -> bool:
        """Whether some staged jobs may have been lost."""
        return self.oldest_staged_at is not None and self.oldest_staged_at < now() - _CLAIM_TIMEOUT


@dataclass(frozen=True)
class Stager:
    """`prefetch`: how many jobs of a lane are staged at one time. More are staged once half of them are claimed."""

    limits: ConcurrencyLimits
    prefetch: int

    @classmethod
    def from_settings(cls, settings: Settings) -> Stager:
        return cls(ConcurrencyLimits.from_settings(settings), settings.dispatch_prefetch)

    def staging_by_lane(self) -> dict[Lane, LaneStaging]:
        """Return the state of each lane that has staged or ready jobs, by a single query; other lanes are absent."""
        end_read()
        rows = session().execute(_staging_query(), Candidates(tuple(Lane)).parameters()).all()
        return {
            lane: LaneStaging(row.staged, row.oldest_staged_at, bool(row.has_unstaged)) for lane in Lane for row in rows if row.lane == lane
        }

    def needs_staging(self, staging: LaneStaging) -> bool:
        return staging.has_unstaged and self._batch_size(staging.staged) > 0

    def stage(self, lane: Lane) -> Sequence[str]:
        """Mark the next jobs of a lane as staged. Return their ids, in order; a caller that cannot send them calls `unstage`."""
        with transaction() as session:
            is_paused = claiming.claim_lock(session)  # serialised with claims: they skip locked rows
            batch_size = 0 if is_paused else self._batch_size(_count_staged(session, lane))
            ids = claiming.peek_next(session, lane, batch_size, self.limits, is_unstaged=True) if batch_size else []
            if ids:
                session.execute(_update_jobs(ids).values(staged_at=now()))
        return ids

    def _batch_size(self, staged_count: int) -> int:
        """Return how many jobs to stage now: none, or several, as staging one costs nearly as much."""
        return self.prefetch - staged_count if staged_count <= self.prefetch // 2 else 0

    def restage_lost(self, lane: Lane, held_by_receiver: int) -> None:
        """Unstage overdue jobs if the receiver holds fewer jobs than were staged, so that they are staged again.

        A job that is sent twice runs once.
        """
        with transaction() as session:
            claiming.claim_lock(session)
            if held_by_receiver < _count_staged(session, lane):
                is_overdue = (_IS_STAGED, Job.lane == lane, Job.staged_at < now() - _CLAIM_TIMEOUT)
                unstage(session.execute(select(Job.id).where(*is_overdue)).scalars().all())


def unstage(ids: Sequence[str]) -> int:
    """Mark jobs as not staged that could not be sent, were lost, or may not run yet. Return how many of them were staged."""
    with transaction() as session:
        claiming.claim_lock(session)
        result = session.execute(_update_jobs(ids).where(_IS_STAGED).values(staged_at=None))
        return changed_rows(result)


def _count_staged(session: Session, lane: Lane) -> int:
    return session.execute(_COUNT_STAGED, {"lane": lane}).scalar_one()


@functools.cache
def _staging_query() -> Any:
    """Return the query of `staging_by_lane`: one row for each lane with staged or ready jobs."""
    first_ready = first_of_each(("priority", "lane"), is_unstaged=True)
    ready_rows = select(first_ready.c.lane, literal(1).label("unstaged"), null().label("staged_at"))
    staged_rows = select(Job.lane, literal(0).label("unstaged"), Job.staged_at).where(_IS_STAGED)
    staged_and_ready = union_all(staged_rows, ready_rows).subquery()
    columns = (
        func.count(staged_and_ready.c.staged_at).label("staged"),
        func.min(staged_and_ready.c.staged_at).label("oldest_staged_at"),
        func.max(staged_and_ready.c.unstaged).label("has_unstaged"),
    )
    return select(staged_and_ready.c.lane, *columns).group_by(staged_and_ready.c.lane)


def _update_jobs(ids: Sequence[str]) -> Any:
    return update(Job).where(Job.id.in_(ids)).execution_options(synchronize_session=False)
