"""Thakii's batch import: requests and responses."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from lib.clock import iso
from schemas.links import LinkUrl
from services.downloaders import LinkItem
from services.links import batch_states
from services.links.batch_states import BatchRow, ItemRow

_MAX_SELECTED = 2000
_STATUSES = {
    batch_states.WAITING: "queued",
    batch_states.QUEUED: "queued",
    batch_states.DOWNLOADING: "downloading",
    batch_states.FAILED: "failed",
    batch_states.CANCELLED: "failed",
    batch_states.DELETED: "failed",
}
_BATCH_STATUSES = {
    batch_states.LISTING: "pending",
    batch_states.RUNNING: "processing",
    batch_states.COMPLETED: "completed",
    batch_states.FAILED: "failed",
    batch_states.CANCELLED: "failed",
}
_IMPORTED_STATES = (batch_states.CONVERTING, batch_states.COMPLETED, batch_states.KNOWN)
_UNSUCCESSFUL_STATES = (batch_states.FAILED, batch_states.CANCELLED, batch_states.DELETED)


class ShareIn(BaseModel):
    share_url: LinkUrl
    password: str = Field("", max_length=200)


class SelectedVideo(BaseModel):
    """A row of list-videos; other fields are ignored."""

    model_config = ConfigDict(extra="ignore")

    name: str = Field("", max_length=500)
    download_url: str = Field("", max_length=2000)


class SelectionIn(ShareIn):
    selected_videos: Annotated[
        list[Annotated[str, StringConstraints(max_length=2000)] | SelectedVideo], Field(min_length=1, max_length=_MAX_SELECTED)
    ]


class ListedVideo(BaseModel):
    name: str
    size: int | None
    type: str
    is_video: bool
    download_url: str

    @classmethod
    def of(cls, item: LinkItem, kind: str) -> ListedVideo:
        return cls(name=name_of(item), size=item.size_bytes, type=kind, is_video=True, download_url=item.url)


class ListedVideosOut(BaseModel):
    success: bool = True
    videos: list[ListedVideo]
    total_count: int
    total_size: int


class ImportedOut(BaseModel):
    success: bool = True
    batch_id: str
    total_count: int
    success_count: int
    failed_count: int
    imported_videos: list[dict[str, Any]]
    failed_videos: list[dict[str, Any]]


class SubmittedOut(BaseModel):
    success: bool = True
    job_id: str
    total_videos: int
    total_size: int
    message: str


class BatchVideoOut(BaseModel):
    id: str
    video_name: str
    video_id: str | None
    status: str = Field(json_schema_extra={"enum": ["queued", "downloading", "uploading", "completed", "failed"]})
    progress_percent: int
    error_message: str | None

    @classmethod
    def of(cls, row: ItemRow) -> BatchVideoOut:
        """A video is completed when it is in the library; `/status/{video_id}` follows its conversion."""
        message = row.item.error_message or (row.job.error_message if row.job and row.state == batch_states.FAILED else None)
        if row.state == batch_states.CANCELLED:
            message = "The import was cancelled."
        is_imported = row.state in _IMPORTED_STATES
        return cls(
            id=row.item.id,
            video_name=row.item.title or row.item.url,
            video_id=row.item.recording_id,
            status="completed" if is_imported else _STATUSES[row.state],
            progress_percent=100 if is_imported else round(min(2 * row.progress, 99)),
            error_message=None if is_imported else message,
        )


class BatchJobOut(BaseModel):
    job_id: str
    share_url: str
    status: str = Field(json_schema_extra={"enum": ["pending", "processing", "completed", "failed"]})
    total_videos: int
    processed_videos: int
    failed_videos: int
    error_message: str | None
    created_at: str | None

    @classmethod
    def of(cls, row: BatchRow) -> BatchJobOut:
        is_cancelled = row.state == batch_states.CANCELLED
        return cls(
            job_id=row.batch.id,
            share_url=row.batch.url,
            status=_BATCH_STATUSES[row.state],
            total_videos=row.total,
            processed_videos=sum(row.counts.get(each, 0) for each in _IMPORTED_STATES),
            failed_videos=sum(row.counts.get(each, 0) for each in _UNSUCCESSFUL_STATES),
            error_message="The batch was cancelled." if is_cancelled else row.list_job.error_message if row.list_job else None,
            created_at=iso(row.batch.created_at),
        )


class BatchStatusOut(BatchJobOut):
    videos: list[BatchVideoOut]


class BatchJobsOut(BaseModel):
    jobs: list[BatchJobOut]
    total: int


def name_of(item: LinkItem) -> str:
    """Return the name that a row of list-videos has."""
    return item.filename or item.title or item.url
