"""Statistics of the whole server, counted at each request."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from lib.clock import iso, now
from routes.caller import admin_required
from routes.container import container
from routes.endpoints import Blueprint
from services.operations import statistics, storage_usage

stats = Blueprint("stats", __name__, scope="admin", tag="Admin")
_MAX_SHARES = 20


class StatsQuery(BaseModel):
    days: int = Field(30, ge=1, le=366)


class DayOut(BaseModel):
    date: str
    users: int
    recordings: int
    recordings_bytes: int
    succeeded: int
    failed: int
    cancelled: int
    errors: int


class StatsOut(BaseModel):
    """The same numbers under the names of every documented client."""

    totalUsers: int
    totalVideos: int
    totalPDFs: int
    activeProcessing: int
    inQueue: int
    completed: int
    failed: int
    cancelled: int
    total_users: int
    total_transcriptions: int
    total_errors: int
    active_users: int
    suspended_users: int
    admins: int
    documents: int
    media_hours: float
    storage_bytes: int
    jobs: dict[str, int]
    days: list[DayOut] = Field(description="Oldest first; days are UTC.")
    timestamp: str | None


@stats.get("/stats")
@admin_required
@stats.input(StatsQuery, location="query")
@stats.output(StatsOut)
def show_stats(query_data: StatsQuery) -> Any:
    """Show users, recordings, documents, jobs by state and errors, in total and per day."""
    totals = statistics.total_counts()
    return StatsOut(
        totalUsers=totals.users,
        totalVideos=totals.recordings,
        totalPDFs=totals.pdfs,
        activeProcessing=totals.jobs["running"],
        inQueue=totals.jobs["queued"],
        completed=totals.jobs["succeeded"],
        failed=totals.jobs["failed"],
        cancelled=totals.jobs["cancelled"],
        total_users=totals.users,
        total_transcriptions=totals.transcripts,
        total_errors=totals.errors,
        active_users=totals.active_users,
        suspended_users=totals.suspended_users,
        admins=totals.admins,
        documents=totals.documents,
        media_hours=round(totals.recordings_duration_s / 3600, 2),
        storage_bytes=totals.recordings_bytes + totals.documents_bytes,
        jobs=dict(totals.jobs),
        days=[DayOut(**vars(day)) for day in statistics.daily_statistics(query_data.days)],
        timestamp=iso(now()),
    )


class ShareOut(BaseModel):
    user_id: str
    email: str
    recordings: int
    recordings_bytes: int
    documents_bytes: int
    quota_bytes: int = Field(description="The user's storage quota.")


class StorageOut(BaseModel):
    recordings_bytes: int
    documents_bytes: int
    total_bytes: int
    by_format: dict[str, int]
    waiting_to_go: int = Field(description="Objects whose deletion is pending.")
    disk_total_bytes: int = Field(description="Size of the disk that holds the data folder.")
    disk_free_bytes: int
    store: str
    largest: list[ShareOut]


@stats.get("/storage")
@admin_required
@stats.output(StorageOut)
def show_storage() -> Any:
    """Show the storage used, by format and by user."""
    components = container()
    usage = storage_usage.usage(components.settings.data_dir, max_users=_MAX_SHARES)
    default_quota = components.settings.user_quota_bytes
    return StorageOut(
        recordings_bytes=usage.recordings_bytes,
        documents_bytes=usage.documents_bytes,
        total_bytes=usage.recordings_bytes + usage.documents_bytes,
        by_format=usage.by_format,
        waiting_to_go=usage.waiting_to_go,
        disk_total_bytes=usage.disk_total_bytes,
        disk_free_bytes=usage.disk_free_bytes,
        store=components.store.name,
        largest=[
            ShareOut(**{**vars(share), "quota_bytes": default_quota if share.quota_bytes is None else share.quota_bytes})
            for share in usage.largest
        ],
    )
