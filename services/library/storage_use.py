"""The storage that a user's files take, by kind, and how long they are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from config import Settings
from database import session
from models import Artifact, Recording, UploadedFile, User
from services.accounts import Caller
from services.library import hidden_formats, recordings
from services.subscriptions.plans import PlanTable


@dataclass(frozen=True)
class StorageRules:
    """The server's rules, for users without rules of their own. `retention_days`: 0 keeps recordings without limit."""

    quota_bytes: int
    retention_days: int
    trash_days: int

    @classmethod
    def from_settings(cls, settings: Settings) -> StorageRules:
        return cls(settings.user_quota_bytes, settings.retention_days, settings.trash_days)


@dataclass(frozen=True)
class StorageUse:
    """Bytes of a user's files. `trash_bytes` is a part of `recording_bytes`. Days are None where nothing is deleted by itself."""

    used_bytes: int
    quota_bytes: int
    recording_bytes: int
    stream_bytes: int
    document_bytes: int
    file_bytes: int
    trash_bytes: int
    retention_days: int | None
    trash_days: int


def of_user(caller: Caller, rules: StorageRules, plans: PlanTable) -> StorageUse:
    """Return the use of the caller's quota."""
    is_of_caller = Recording.user_id == caller.user_id
    artifacts = (
        select(func.coalesce(func.sum(Artifact.size_bytes), 0)).join(Recording, Recording.id == Artifact.recording_id).where(is_of_caller)
    )
    size_query = select(func.coalesce(func.sum(Recording.size_bytes), 0)).where(is_of_caller)
    is_stream = Artifact.format.in_(hidden_formats.STREAMS)
    current = session()
    return StorageUse(
        used_bytes=recordings.used_bytes(current, caller.user_id),
        quota_bytes=recordings.quota_bytes(current, caller.user_id, rules.quota_bytes),
        recording_bytes=_sum(size_query),
        stream_bytes=_sum(artifacts.where(is_stream)),
        document_bytes=_sum(artifacts.where(~is_stream)),
        file_bytes=_sum(select(func.coalesce(func.sum(UploadedFile.size_bytes), 0)).where(UploadedFile.user_id == caller.user_id)),
        trash_bytes=_sum(size_query.where(Recording.deleted_at.is_not(None))),
        retention_days=_retention_days(caller, rules, plans),
        trash_days=rules.trash_days,
    )


def _sum(query: Select[Any]) -> int:
    return int(session().execute(query).scalar_one())


def _retention_days(caller: Caller, rules: StorageRules, plans: PlanTable) -> int | None:
    """Return the user's own days, else the shorter of those of the plan and of the server."""
    own_days = session().execute(select(User.retention_days).where(User.id == caller.user_id)).scalar_one_or_none()
    if own_days is not None:
        return own_days or None
    plan = plans.current(session(), caller.user_id)
    of_plan = plan.retention_days if plan is not None else None
    return min((days for days in (of_plan, rules.retention_days or None) if days is not None), default=None)
