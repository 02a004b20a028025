"""How much work one user may ask for: uploads in a day, jobs at a time. Storage is in services/library/recordings.py."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import errors
from domain import ACTIVE_STATES
from lib.clock import now
from lib.paging import count_rows
from models import Job, Recording, User

_DAY = dt.timedelta(days=1)
_SOON_S = 60


def check_jobs(reading: Session, user_id: str, default: int) -> None:
    """Raise TooManyJobs where one more would be too many."""
    own = reading.execute(select(User.quota_jobs).where(User.id == user_id)).scalar_one()
    most = default if own is None else own
    if count_rows(Job, Job.user_id == user_id, Job.state.in_(ACTIVE_STATES)) >= most:
        raise errors.TooManyJobs(f"The limit is {most}.", wait_s=_SOON_S)


def check_uploads(reading: Session, user_id: str, default: int) -> None:
    """Raise TooManyUploads where one more within 24 hours would be too many."""
    own = reading.execute(select(User.quota_uploads).where(User.id == user_id)).scalar_one()
    most = default if own is None else own
    since = now() - _DAY
    mine = select(func.count(), func.min(Recording.created_at)).where(Recording.user_id == user_id, Recording.created_at > since)
    number, oldest = reading.execute(mine).one()
    if number >= most:
        wait = (oldest + _DAY - now()) if oldest else _DAY
        raise errors.TooManyUploads(f"The limit is {most}.", wait_s=max(1, int(wait.total_seconds())))
