"""Limits for the jobs of one process."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from config import Settings
from services.jobs.scheduling.capacity import CapacityLimits
from services.jobs.scheduling.scheduler import ConcurrencyLimits


@dataclass(frozen=True)
class RunSettings:
    """`slots`: jobs that this process runs at once; the last one of several is reserved for short jobs.

    `download_slots`: further jobs that download; 0: the slots are for all kinds of jobs, as with Celery and remote workers.

    With `several_machines`, finished stages are kept in storage until the job has ended.
    A stage fails after `base_timeout_s + timeout_per_media_s * media seconds`, and after `stall_s` without progress.
    """

    lease_s: float
    data_dir: Path = Path("data")
    slots: int = 1
    download_slots: int = 0
    concurrency: ConcurrencyLimits = ConcurrencyLimits()
    capacity: CapacityLimits = CapacityLimits()
    base_timeout_s: float = 1800.0
    timeout_per_media_s: float = 6.0
    stall_s: float = 1800.0
    several_machines: bool = False

    @classmethod
    def from_settings(cls, settings: Settings) -> RunSettings:
        return cls(
            lease_s=settings.lease_s,
            data_dir=settings.data_dir,
            slots=settings.job_threads,
            download_slots=settings.link_threads if settings.job_executor == "threads" else 0,
            concurrency=ConcurrencyLimits.from_settings(settings),
            capacity=CapacityLimits.from_settings(settings),
            base_timeout_s=settings.stage_timeout_base_s,
            timeout_per_media_s=settings.stage_timeout_factor,
            stall_s=settings.stage_stall_s,
            several_machines=settings.shares_queue and settings.uses_s3,
        )
