"""What is handed to a broker or an outside worker, and when: a few jobs ahead, the rest waits in the database for its turn."""

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

_SURELY_CLAIMED = dt.timedelta(seconds=30)  # what is still sent after that was refused, lost, or has nobody who is free


@dataclass(frozen=True)
class LaneBacklog:
    """How many jobs of a lane are sent and not claimed, since when the oldest of them is, and whether others wait to be sent."""

    sent: int = 0
    oldest_at: dt.datetime | None = None
    more: bool = False

    @property
    def has_old(self) -> bool:
        """So old that some may have been lost."""
        return self.oldest_at is not None and self.oldest_at < now() - _SURELY_CLAIMED


@dataclass(frozen=True)
class Stager:
    """`ahead`: how many jobs of a lane are sent and not claimed at one time. More are sent once half of them are claimed."""

    rules: ConcurrencyLimits
    ahead: int

    @classmethod
    def from_settings(cls, settings: Settings) -> Stager:
        return cls(ConcurrencyLimits.from_settings(settings), settings.dispatch_prefetch)

    def backlog(self) -> dict[Lane, LaneBacklog]:
        """One query, however many jobs wait."""
        end_read()
        rows = session().execute(_outline(), Candidates(tuple(Lane)).parameters()).all()
        return {lane: LaneBacklog(row.sent, row.oldest_at, bool(row.more)) for lane in Lane for row in rows if row.lane == lane}

    def wants(self, state: LaneBacklog) -> bool:
        return state.more and self._room(state.sent) > 0

    def stage(self, lane: Lane) -> Sequence[str]:
        """Mark the next jobs of a lane as sent; -> their ids, in order. Whoever can't send them gives them back."""
        with transaction() as writing:
            paused = claiming.claim_lock(writing)  # a claim passes over rows that are locked
            room = 0 if paused else self._room(_sent(writing, lane))
            ids = claiming.peek_next(writing, lane, room, self.rules, unsent=True) if room else []
            if ids:
                writing.execute(_among(ids).values(staged_at=now()))
        return ids

    def _room(self, sent: int) -> int:
        """Several at a time: to look whose turn it is costs nearly the same for one."""
        return self.ahead - sent if sent <= self.ahead // 2 else 0

    def restage_lost(self, lane: Lane, there: int) -> None:
        """Where fewer than were sent are `there` to be claimed, the old ones are sent again: a job that is sent twice runs once."""
        with transaction() as writing:
            claiming.claim_lock(writing)
            if there < _sent(writing, lane):
                old = (_IS_SENT, Job.lane == lane, Job.staged_at < now() - _SURELY_CLAIMED)
                unstage(writing.execute(select(Job.id).where(*old)).scalars().all())


def unstage(ids: Sequence[str]) -> int:
    """These could not be sent, were lost on the way, or may not run yet; -> how many of them wait now to be sent again."""
    with transaction() as writing:
        claiming.claim_lock(writing)
        given = writing.execute(_among(ids).where(_IS_SENT).values(staged_at=None))
        return int(cast("CursorResult[Any]", given).rowcount)


_IS_SENT = Job.staged_at.is_not(None)  # claimed and cancelled ones are not: no other condition, and the index of these few is used


def _sent(reading: Session, lane: Lane) -> int:
    return reading.execute(_COUNTED, {"lane": lane}).scalar_one()


_COUNTED = select(func.count()).select_from(Job).where(_IS_SENT, Job.lane == bindparam("lane"))


@functools.cache
def _outline() -> Any:
    """Of each lane in which anything waits: what was sent and not claimed, and whether there is more."""
    more = select(first_of_each(("priority", "lane"), unsent=True).c.lane, literal(1).label("unsent"), null().label("staged_at"))
    sent = select(Job.lane, literal(0).label("unsent"), Job.staged_at).where(_IS_SENT)
    both = union_all(sent, more).subquery()
    told = (
        func.count(both.c.staged_at).label("sent"),
        func.min(both.c.staged_at).label("oldest_at"),
        func.max(both.c.unsent).label("more"),
    )
    return select(both.c.lane, *told).group_by(both.c.lane)


def _among(ids: Sequence[str]) -> Any:
    return update(Job).where(Job.id.in_(ids)).execution_options(synchronize_session=False)
