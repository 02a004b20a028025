"""States of batches and their items, as users see them.

An item is stored as `waiting`, `started` (it has a recording), `known` (the user has the recording already), `failed` (it could not
start) or `cancelled`. A started one is shown in the state of its recording's newest job.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from domain import JobState
from models import Batch, BatchItem, Job
from services.links import import_jobs

WAITING, STARTED, KNOWN, FAILED, CANCELLED = "waiting", "started", "known", "failed", "cancelled"
QUEUED, DOWNLOADING, CONVERTING, COMPLETED, DELETED = "queued", "downloading", "converting", "completed", "deleted"
ITEM_STATES = (WAITING, QUEUED, DOWNLOADING, CONVERTING, COMPLETED, KNOWN, FAILED, CANCELLED, DELETED)
UNFINISHED = (WAITING, QUEUED, DOWNLOADING, CONVERTING)
LISTING, RUNNING = "listing", "running"
BATCH_STATES = (LISTING, RUNNING, COMPLETED, FAILED, CANCELLED)


def item_state(stored_state: str, pipeline: str | None, job_state: str | None) -> str:
    """Return the state of an item from its stored state and the newest job of its recording."""
    if stored_state != STARTED:
        return stored_state
    if pipeline is None or job_state is None:
        return DELETED
    if job_state in (JobState.FAILED, JobState.CANCELLED):
        return FAILED if job_state == JobState.FAILED else CANCELLED
    if pipeline == import_jobs.PIPELINE:
        return QUEUED if job_state == JobState.QUEUED else DOWNLOADING if job_state == JobState.RUNNING else CONVERTING
    return COMPLETED if job_state == JobState.SUCCEEDED else CONVERTING


@dataclass(frozen=True)
class ItemRow:
    """An item with the newest job of its recording: its download or its conversion."""

    item: BatchItem
    job: Job | None

    @property
    def state(self) -> str:
        job = self.job
        return item_state(self.item.state, job.pipeline if job else None, job.state if job else None)

    @property
    def has_file(self) -> bool:
        """Whether the download has ended: the newest job is the conversion."""
        return self.job is not None and self.job.pipeline != import_jobs.PIPELINE

    @property
    def progress(self) -> float:
        """Percent: the download is the first half, the conversion the second."""
        if self.state in (COMPLETED, KNOWN):
            return 100.0
        if self.job is None or self.item.state != STARTED:
            return 0.0
        return 50 + self.job.progress / 2 if self.has_file else self.job.progress / 2


@dataclass(frozen=True)
class BatchRow:
    """A batch with the number of its items in each state, and the job that lists them."""

    batch: Batch
    counts: Mapping[str, int]
    list_job: Job | None

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def unfinished_count(self) -> int:
        return sum(self.counts.get(each, 0) for each in UNFINISHED)

    @property
    def state(self) -> str:
        if self.batch.cancelled_at is not None:
            return CANCELLED
        if self.batch.listed_at is None:
            has_failed = self.list_job is None or self.list_job.state == JobState.FAILED
            return FAILED if has_failed else CANCELLED if self.list_job and self.list_job.state == JobState.CANCELLED else LISTING
        if self.unfinished_count:
            return RUNNING
        return FAILED if self.counts.get(FAILED, 0) == self.total else COMPLETED
