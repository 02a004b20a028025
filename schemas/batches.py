"""Batches of links: requests and responses."""

from __future__ import annotations

from pydantic import BaseModel, Field, StrictBool

from lib.clock import iso
from schemas.links import DOWNLOAD_FIELDS, DownloadOptionsIn, LinkUrl
from schemas.recordings import ErrorOut
from services.links.batch_states import BATCH_STATES, ITEM_STATES, BatchRow, ItemRow


class BatchIn(DownloadOptionsIn):
    """A link to several recordings, and the options of the conversion of each."""

    url: LinkUrl = Field(description="http or https URL of a playlist, a podcast feed, a folder of Google Drive or of Nextcloud.")
    title: str = Field("", max_length=500, description="Title of the batch; if omitted, that of the playlist, feed or folder.")
    import_known: StrictBool = Field(False, description="Import recordings once more that your library has from the same link.")


BATCH_FIELDS = DOWNLOAD_FIELDS | {"import_known"}


class BatchItemOut(BaseModel):
    id: str
    position: int
    url: str
    title: str
    duration_s: float | None
    size_bytes: int | None
    state: str = Field(json_schema_extra={"enum": list(ITEM_STATES)})
    progress: float = Field(description="0 to 100: the download is the first half, the conversion the second.")
    recording_id: str | None = Field(description="The recording, once the item has started; of a known item, the one that you have.")
    job_id: str | None = Field(description="The newest job: the download or the conversion.")
    error: ErrorOut | None

    @classmethod
    def of(cls, row: ItemRow) -> BatchItemOut:
        item = row.item
        error = ErrorOut.of(row.job) if row.state == "failed" else None
        if item.error_code:
            message, hint = item.error_message or "", item.error_hint or ""
            error = ErrorOut(code=item.error_code, message=message, hint=hint, stage="", retryable=True)
        return cls(
            id=item.id,
            position=item.position,
            url=item.url,
            title=item.title,
            duration_s=item.duration_s,
            size_bytes=item.size_bytes,
            state=row.state,
            progress=round(row.progress, 1),
            recording_id=item.recording_id,
            job_id=row.job.id if row.job else None,
            error=error,
        )


class BatchOut(BaseModel):
    id: str
    url: str
    title: str
    state: str = Field(json_schema_extra={"enum": list(BATCH_STATES)})
    total: int
    counts: dict[str, int] = Field(description="Number of items in each state.")
    is_truncated: bool = Field(description="The list has more items than a batch may have.")
    wait_reason: str = Field(description="A sentence: the reason why the next item has to wait.")
    error: ErrorOut | None = Field(description="Why the list can't be read.")
    created_at: str | None

    @classmethod
    def of(cls, row: BatchRow) -> BatchOut:
        return cls(
            id=row.batch.id,
            url=row.batch.url,
            title=row.batch.title,
            state=row.state,
            total=row.total,
            counts=dict(row.counts),
            is_truncated=row.batch.is_truncated,
            wait_reason=row.batch.wait_reason,
            error=ErrorOut.of(row.list_job) if row.state == "failed" else None,
            created_at=iso(row.batch.created_at),
        )


class BatchDetailOut(BatchOut):
    items: list[BatchItemOut]


class BatchesOut(BaseModel):
    batches: list[BatchOut]
    total: int
