"""Checks whether this machine has enough disk space and memory for a job."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from config import Settings
from lib.clock import now
from services.jobs.queue.worker_id import is_here
from services.jobs.scheduling.scheduler import QueuedJob, RunningJob

_RECENT = dt.timedelta(seconds=60)  # recenter jobs have not yet used the space that they need
_GIB = 2**30


@dataclass(frozen=True)
class CapacityLimits:
    """A job needs `disk_factor` times the size of its recording, besides a reserve that stays free, and `memory_bytes` of memory."""

    disk_factor: float = 3.0
    disk_floor_bytes: int = _GIB
    memory_bytes: int = _GIB // 2

    @classmethod
    def from_settings(cls, settings: Settings) -> CapacityLimits:
        return cls(settings.job_disk_factor, settings.job_disk_reserve_bytes, settings.job_memory_bytes)


@dataclass(frozen=True)
class AdmissionDenied:
    """The reason why a job may not start here. `for_all_jobs`: no other job may start either."""

    message: str
    for_all_jobs: bool


@dataclass(frozen=True)
class Capacity:
    """Free bytes on this machine. `memory_total` is that of the machine or the container."""

    limits: CapacityLimits
    disk_free: int
    memory_free: int
    memory_total: int

    def denial(self, job: QueuedJob, running: Iterable[RunningJob]) -> AdmissionDenied | None:
        recent = [each for each in running if is_here(each.worker) and now() - each.started_at < _RECENT]
        memory = min(self.limits.memory_bytes, self.memory_total // 2)  # so that a small machine runs at least one job
        if self.memory_free < memory * (1 + len(recent)):
            return AdmissionDenied(f"It waits for memory: a job needs {_size(memory)}.", for_all_jobs=True)
        if self.disk_free < self.limits.disk_floor_bytes:
            return AdmissionDenied(f"It waits for disk space: {_size(self.limits.disk_floor_bytes)} must stay free.", for_all_jobs=True)
        needed_bytes = int(self.limits.disk_factor * (job.size_bytes + sum(each.size_bytes for each in recent)))
        if self.disk_free - self.limits.disk_floor_bytes < needed_bytes:
            return AdmissionDenied(f"It waits for disk space: its files need {_size(needed_bytes)}.", for_all_jobs=False)
        return None


def _size(size_bytes: int) -> str:
    return f"{size_bytes / _GIB:.1f} GiB" if size_bytes >= _GIB // 10 else f"{max(1, size_bytes >> 20)} MiB"
