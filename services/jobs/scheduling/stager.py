"""Stages the next few jobs for a broker or a remote worker; the other jobs wait in the database, in the order of the scheduler."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import CursorResult, bindparam, func, literal, null, select, union_all, update
from sqlalchemy.orm import Session

from config import Settings
from database import end_read, session, transaction
from lib.clock import now
from models import Job
from services.jobs.queue import claiming
from services.jobs.queue.candidates import Candidates, first_of_each
from services.jobs.scheduling.scheduler import ConcurrencyLimits, Lane

_CLAIM_TIMEOUT = dt.timedelta(seconds=30)  # a job staged for longer was refused or lost, or no worker is free


@dataclass(frozen=True)
class LaneBacklog:
    """The staged jobs of a lane that are not claimed yet, and whether more jobs could be staged."""

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

    def backlog(self) -> dict[Lane, LaneBacklog]:
        """Return the backlog of each lane, by a single query."""
        end_read()
        rows = session().execute(_backlog_query(), Candidates(tuple(Lane)).parameters()).all()
        return {
            lane: LaneBacklog(row.staged, row.oldest_staged_at, bool(row.has_unstaged)) for lane in Lane for row in rows if row.lane == lane
        }

    def needs_staging(self, state: LaneBacklog) -> bool:
        return state.has_unstaged and self._free_places(state.staged) > 0

    def stage(self, lane: Lane) -> Sequence[str]:
        """Mark the next jobs of a lane as staged; -> their ids, in order. A caller that cannot send them calls `unstage`."""
        with transaction() as session:
            paused = claiming.claim_lock(session)  # a claim skips locked rows
            capacity = 0 if paused else self._free_places(_count_staged(session, lane))
            ids = claiming.peek_next(session, lane, capacity, self.limits, unstaged=True) if capacity else []
            if ids:
                session.execute(_update_jobs(ids).values(staged_at=now()))
        return ids

    def _free_places(self, staged: int) -> int:
        """How many jobs to stage now: several at a time, because one costs nearly as much."""
        return self.prefetch - staged if staged <= self.prefetch // 2 else 0

    def restage_lost(self, lane: Lane, waiting: int) -> None:
        """Unstage the overdue jobs if fewer than all staged ones are `waiting` at the other side. A job that is sent twice runs once."""
        with transaction() as session:
            claiming.claim_lock(session)
            if waiting < _count_staged(session, lane):
                old = (_IS_STAGED, Job.lane == lane, Job.staged_at < now() - _CLAIM_TIMEOUT)
                unstage(session.execute(select(Job.id).where(*old)).scalars().all())


def unstage(ids: Sequence[str]) -> int:
    """Return jobs to the backlog that could not be sent, were lost, or may not run yet; -> their number."""
    with transaction() as session:
        claiming.claim_lock(session)
        unstaged_rows = session.execute(_update_jobs(ids).where(_IS_STAGED).values(staged_at=None))
        return int(cast("CursorResult[Any]", unstaged_rows).rowcount)


_IS_STAGED = Job.staged_at.is_not(None)  # alone, so that the partial index is used; claimed and cancelled jobs are not staged


def _count_staged(session: Session, lane: Lane) -> int:
    return session.execute(_COUNT_STAGED, {"lane": lane}).scalar_one()


_COUNT_STAGED = select(func.count()).select_from(Job).where(_IS_STAGED, Job.lane == bindparam("lane"))


@functools.cache
def _backlog_query() -> Any:
    """The query of `backlog`: one row for each lane with staged or ready jobs."""
    more = select(first_of_each(("priority", "lane"), unstaged=True).c.lane, literal(1).label("unstaged"), null().label("staged_at"))
    staged = select(Job.lane, literal(0).label("unstaged"), Job.staged_at).where(_IS_STAGED)
    both = union_all(staged, more).subquery()
    columns = (
        func.count(both.c.staged_at).label("staged"),
        func.min(both.c.staged_at).label("oldest_staged_at"),
        func.max(both.c.unstaged).label("has_unstaged"),
    )
    return select(both.c.lane, *columns).group_by(both.c.lane)


def _update_jobs(ids: Sequence[str]) -> Any:
    return update(Job).where(Job.id.in_(ids)).execution_options(synchronize_session=False)
