"""What is handed to a broker or an outside worker, and when: a few jobs ahead, the rest waits in the database for its turn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select, update

from database import session, transaction
from models import Job
from services.jobs import claiming, queue
from services.jobs.turns import Lane, Rules
from services.tools.clock import now

_SURELY_CLAIMED = dt.timedelta(seconds=30)  # what is still sent after that was refused, lost, or has nobody who is free


@dataclass(frozen=True)
class Lanes:
    """`ahead`: how many jobs of a lane are sent and not claimed at one time."""

    rules: Rules
    ahead: int

    def take(self, lane: Lane) -> Sequence[str]:
        """Mark the next jobs of a lane as sent; -> their ids, in order. Whoever can't send them gives them back."""
        with transaction() as writing:
            claiming.one_after_the_other(writing)  # a claim passes over rows that are locked
            room = self.ahead - _count(_sent(lane))
            ids = queue.next_up(writing, lane, room, self.rules, Job.sent_at.is_(None)) if room > 0 else []
            writing.execute(_among(ids).values(sent_at=now()))
        return ids

    def any_old(self, lane: Lane) -> bool:
        """Whether jobs were sent so long ago that they may have been lost."""
        session().rollback()
        return _count(_old(lane)) > 0

    def take_back_lost(self, lane: Lane, there: int) -> None:
        """Where fewer than were sent are `there` to be claimed, the old ones are sent again: a job that is sent twice runs once."""
        with transaction() as writing:
            claiming.one_after_the_other(writing)
            if there < _count(_sent(lane)):
                give_back(writing.execute(select(Job.id).where(*_old(lane))).scalars().all())


def give_back(ids: Sequence[str]) -> None:
    """These could not be sent, were lost on the way, or may not run yet."""
    with transaction() as writing:
        claiming.one_after_the_other(writing)
        writing.execute(_among(ids).values(sent_at=None))


def _sent(lane: Lane) -> tuple[ColumnElement[bool], ...]:
    return (*queue.ready(), Job.lane == lane, Job.sent_at.is_not(None))


def _old(lane: Lane) -> tuple[ColumnElement[bool], ...]:
    return (*_sent(lane), Job.sent_at < now() - _SURELY_CLAIMED)


def _count(conditions: tuple[ColumnElement[bool], ...]) -> int:
    return session().execute(select(func.count()).select_from(Job).where(*conditions)).scalar_one()


def _among(ids: Sequence[str]) -> Any:
    return update(Job).where(Job.id.in_(ids)).execution_options(synchronize_session=False)
