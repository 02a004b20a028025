"""Limits per user: uploads per day and unfinished jobs. The storage quota is in services/library/recordings.py.

Within a transaction the checks lock the user, so that of concurrent requests each counts what those before it have added.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import errors
from config import Settings
from database import in_transaction
from domain import ACTIVE_STATES
from lib.clock import now
from lib.paging import count_rows
from models import Job, Recording, UploadedFile, User
from services.accounts.user_lock import lock_user
from services.jobs.scheduling.scheduler import LaneThresholds
from services.subscriptions import entitlements


class TooManyUnfinishedUploads(errors.TooManyRequests):
    """You have too many unfinished uploads."""

    code = "too_many_unfinished_uploads"
    hint = "Finish one of them; those that do not change are deleted after a day."


@dataclass(frozen=True)
class UploadLimits:
    """The limits of new recordings and their jobs; `is_open` is False while an admin has paused the intake."""

    is_open: bool
    max_upload_bytes: int
    max_duration_s: float
    quota_bytes: int
    uploads_per_day: int
    unfinished_uploads: int
    active_jobs: int
    upload_address_s: int
    lanes: LaneThresholds
    data_dir: Path

    @classmethod
    def from_settings(cls, settings: Settings) -> UploadLimits:
        return cls(
            is_open=settings.transcribing_allowed,
            max_upload_bytes=settings.max_upload_bytes,
            max_duration_s=settings.max_duration_s,
            quota_bytes=settings.user_quota_bytes,
            uploads_per_day=settings.user_uploads_per_day,
            unfinished_uploads=settings.user_chunked_uploads,
            active_jobs=settings.user_active_jobs,
            upload_address_s=settings.signed_url_s,
            lanes=LaneThresholds.from_settings(settings),
            data_dir=settings.data_dir,
        )

    def check_open(self) -> None:
        """Raise IntakePaused while an admin has paused the intake."""
        if not self.is_open:
            raise errors.IntakePaused


_DAY = dt.timedelta(days=1)
_RETRY_AFTER_S = 60


def check_jobs(session: Session, user_id: str, default: int) -> None:
    """Raise TooManyJobs if the user has as many unfinished jobs as allowed."""
    if in_transaction():
        lock_user(session, user_id)
    limit = entitlements.limit(session, user_id, User.quota_jobs, default)
    if count_rows(Job, Job.user_id == user_id, Job.state.in_(ACTIVE_STATES)) >= limit:
        raise errors.TooManyJobs(f"The limit is {limit}.", wait_s=_RETRY_AFTER_S)


def check_uploads(session: Session, user_id: str, default: int) -> None:
    """Raise TooManyUploads if the user has uploaded as many recordings, pictures and documents within 24 hours as allowed."""
    if in_transaction():
        lock_user(session, user_id)
    limit = entitlements.limit(session, user_id, User.quota_uploads, default)
    since = now() - _DAY
    uploads, oldest = 0, None
    for table in (Recording, UploadedFile):
        recent = select(func.count(), func.min(table.created_at)).where(table.user_id == user_id, table.created_at > since)
        count, first = session.execute(recent).one()
        uploads, oldest = uploads + count, min(filter(None, (oldest, first)), default=None)
    if uploads >= limit:
        wait = (oldest + _DAY - now()) if oldest else _DAY
        raise errors.TooManyUploads(f"The limit is {limit}.", wait_s=max(1, int(wait.total_seconds())))
