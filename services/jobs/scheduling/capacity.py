"""Whether this machine has room for a job: on the disk for its files, in memory for its engines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from config import Settings
from lib.clock import now
from services.jobs.queue.worker_id import is_here
from services.jobs.scheduling.scheduler import QueuedJob, RunningJob

_YOUNG = dt.timedelta(seconds=60)  # what began later has not taken its room yet
_GIB = 2**30


@dataclass(frozen=True)
class CapacityLimits:
    """A job needs `disk_factor` times its recording on the disk beyond a floor that stays free, and `memory_bytes` of memory."""

    disk_factor: float = 3.0
    disk_floor_bytes: int = _GIB
    memory_bytes: int = _GIB // 2

    @classmethod
    def from_settings(cls, settings: Settings) -> CapacityLimits:
        return cls(settings.job_disk_factor, settings.job_disk_reserve_bytes, settings.job_memory_bytes)


@dataclass(frozen=True)
class AdmissionDenied:
    """Why a job may not begin here. `of_all`: no other may, either."""

    sentence: str
    of_all: bool


@dataclass(frozen=True)
class Capacity:
    """What was free on this machine a moment ago, bytes. `memory_total`: of the machine or the container."""

    rules: CapacityLimits
    disk_free: int
    memory_free: int
    memory_total: int

    def refusal(self, job: QueuedJob, running: Iterable[RunningJob]) -> AdmissionDenied | None:
        young = [each for each in running if is_here(each.worker) and now() - each.started_at < _YOUNG]
        memory = min(self.rules.memory_bytes, self.memory_total // 2)  # a small machine runs one job at least
        if self.memory_free < memory * (1 + len(young)):
            return AdmissionDenied(f"It waits for memory: a job needs {_size(memory)}, and the machine has less to spare.", of_all=True)
        if self.disk_free < self.rules.disk_floor_bytes:
            return AdmissionDenied(f"It waits for room on the disk: {_size(self.rules.disk_floor_bytes)} have to stay free.", of_all=True)
        needed = int(self.rules.disk_factor * (job.size_bytes + sum(each.size_bytes for each in young)))
        if self.disk_free - self.rules.disk_floor_bytes < needed:
            return AdmissionDenied(f"It waits for room on the disk: its files need {_size(needed)}.", of_all=False)
        return None


def _size(many_bytes: int) -> str:
    return f"{many_bytes / _GIB:.1f} GiB" if many_bytes >= _GIB // 10 else f"{max(1, many_bytes >> 20)} MiB"
