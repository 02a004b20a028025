"""Storage usage in total and by user."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from database import session
from lib.paging import count_rows
from models import Artifact, PendingDeletion, Recording, User


@dataclass(frozen=True)
class UserUsage:
    """Storage usage of one user in bytes. `quota_bytes`: None means the default of the server."""

    user_id: str
    email: str
    recordings: int
    recordings_bytes: int
    documents_bytes: int
    quota_bytes: int | None


@dataclass(frozen=True)
class StorageUsage:
    """Bytes. `disk_*`: the disk of the data folder; `waiting_to_go`: number of objects with a scheduled deletion."""

    recordings_bytes: int
    documents_bytes: int
    by_format: dict[str, int]
    waiting_to_go: int
    disk_total_bytes: int
    disk_free_bytes: int
    largest: Sequence[UserUsage]


def usage(data_dir: Path, max_users: int) -> StorageUsage:
    """Return the total usage and the `max_users` users with the highest usage."""
    query = select(Recording.user_id.label("user_id"), func.count().label("number"), func.sum(Recording.size_bytes).label("size"))
    own_by_user = query.group_by(Recording.user_id).subquery()
    documents = select(Recording.user_id.label("user_id"), func.sum(Artifact.size_bytes).label("size"))
    documents_by_user = documents.join(Artifact, Artifact.recording_id == Recording.id).group_by(Recording.user_id).subquery()
    document_bytes = func.coalesce(documents_by_user.c.size, 0)
    rows = session().execute(
        select(User.id, User.email, own_by_user.c.number, own_by_user.c.size, document_bytes, User.quota_bytes)
        .join(own_by_user, own_by_user.c.user_id == User.id)
        .outerjoin(documents_by_user, documents_by_user.c.user_id == User.id)
        .order_by((own_by_user.c.size + document_bytes).desc(), User.id)
        .limit(max_users)
    )
    formats = session().execute(select(Artifact.format, func.sum(Artifact.size_bytes)).group_by(Artifact.format))
    by_format = {name: int(size) for name, size in formats}
    disk = shutil.disk_usage(data_dir)
    return StorageUsage(
        recordings_bytes=int(session().execute(select(func.coalesce(func.sum(Recording.size_bytes), 0))).scalar_one()),
        documents_bytes=sum(by_format.values()),
        by_format=by_format,
        waiting_to_go=count_rows(PendingDeletion),
        disk_total_bytes=disk.total,
        disk_free_bytes=disk.free,
        largest=[UserUsage(row[0], row[1], row[2], int(row[3]), int(row[4]), row[5]) for row in rows],
    )
