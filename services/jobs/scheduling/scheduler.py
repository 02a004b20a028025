"""The order in which queued jobs start, for claims and for forecasts.

Within a priority, short jobs start before long ones until a long one has waited for `aging_after_s`; then jobs of the user with the
fewest running jobs, then of the user who was served least recently. No job starves, however many new users arrive: a user counts as
served no earlier than `aging_after_s` before the job was queued.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from config import Settings

NEVER = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class Lane(StrEnum):
    SHORT = "short"
    LONG = "long"


@dataclass(frozen=True)
class LaneThresholds:
    """A job is short if its media lasts at most `media_s` and its expected duration is at most `expected_duration_s`."""

    media_s: float = 1200.0
    expected_duration_s: float = 600.0

    @classmethod
    def from_settings(cls, settings: Settings) -> LaneThresholds:
        return cls(settings.short_job_max_media_s, settings.short_job_max_expected_s)

    def lane_of(self, media_s: float, expected_duration_s: float | None) -> Lane:
        return Lane.LONG if media_s > self.media_s or (expected_duration_s or 0.0) > self.expected_duration_s else Lane.SHORT


@dataclass(frozen=True)
class ConcurrencyLimits:
    """Maximum numbers of running jobs on all machines together: per user, per pipeline, of long ones. 0 means no limit.

    `closed_pipelines`: those of which no job may start, for a worker that can't run them.
    """

    max_jobs_per_user: int = 0
    max_jobs_per_pipeline: Mapping[str, int] = field(default_factory=dict)
    max_long_jobs: int = 0
    aging_after_s: float = 1800.0
    closed_pipelines: frozenset[str] = frozenset()

    @classmethod
    def from_settings(cls, settings: Settings) -> ConcurrencyLimits:
        return cls(settings.max_jobs_per_user, settings.max_jobs_per_pipeline, settings.max_long_jobs, settings.long_job_aging_s)

    @property
    def has_limits(self) -> bool:
        return bool(self.max_jobs_per_user or self.max_long_jobs or any(self.max_jobs_per_pipeline.values()))


@dataclass(frozen=True)
class QueuedJob:
    """A job in the queue. `last_served_at`: when a job of the same user was last started."""

    job_id: str
    user_id: str
    pipeline: str
    lane: str
    priority: int
    queued_at: dt.datetime
    expected_duration_s: float | None = None
    size_bytes: int = 0
    wait_reason: str = ""
    last_served_at: dt.datetime = NEVER


@dataclass(frozen=True)
class RunningJob:
    """A job that some worker runs. `seconds_left` is the worker's last report, if there is any."""

    user_id: str
    pipeline: str
    lane: str
    worker: str = ""
    started_at: dt.datetime = NEVER
    size_bytes: int = 0
    seconds_left: float | None = None
    expected_duration_s: float | None = None


def last_slot_reserved(slots: int, long_jobs: int) -> bool:
    """Return whether the only free slot is reserved for short jobs, with this many long jobs running."""
    return slots > 1 and long_jobs >= slots - 1


class Scheduler:
    """Counts running jobs by user, pipeline and lane. A simulation keeps the counts up to date by `begin` and `end`."""

    def __init__(self, limits: ConcurrencyLimits, running: Iterable[RunningJob]) -> None:
        self._limits, self._served_at = limits, dict[str, dt.datetime]()
        self.users, self.pipelines, self.lanes = Counter[str](), Counter[str](), Counter[str]()
        for job in running:
            self._count(job, 1)

    def key(self, job: QueuedJob, at: dt.datetime) -> tuple[object, ...]:
        """Return the sort key of a job; the smallest starts first."""
        aging = dt.timedelta(seconds=self._limits.aging_after_s)
        waits_behind = job.lane == Lane.LONG and at - job.queued_at < aging
        turn = max(self._served_at.get(job.user_id, job.last_served_at), job.queued_at - aging)
        return (-job.priority, waits_behind, self.users[job.user_id], turn, job.queued_at, job.job_id)

    def sort(self, jobs: Iterable[QueuedJob], at: dt.datetime) -> list[QueuedJob]:
        return sorted(jobs, key=lambda job: self.key(job, at))

    def full_pipelines(self) -> list[str]:
        """Return the pipelines of which no further job may start."""
        limits = self._limits.max_jobs_per_pipeline.items()
        full = [pipeline for pipeline, limit in limits if limit and self.pipelines[pipeline] >= limit]
        return [*full, *sorted(self._limits.closed_pipelines.difference(full))]

    def open_lanes(self, lanes: Sequence[str] = tuple(Lane)) -> list[str]:
        """Return those of these lanes in which a further job may start."""
        full = self._limits.max_long_jobs and self.lanes[Lane.LONG] >= self._limits.max_long_jobs
        return [lane for lane in lanes if not (full and lane == Lane.LONG)]

    def is_user_at_limit(self, user_id: str) -> bool:
        return bool(self._limits.max_jobs_per_user) and self.users[user_id] >= self._limits.max_jobs_per_user

    def limit_message(self, job: QueuedJob) -> str:
        """Return a sentence about the limit that keeps a job from starting; "" if none does."""
        if self.is_user_at_limit(job.user_id):
            jobs = _count_of_jobs(self._limits.max_jobs_per_user)
            return f"One user may run {jobs} at once; this one starts when another of yours has ended."
        if job.pipeline in self.full_pipelines():
            jobs = _count_of_jobs(self._limits.max_jobs_per_pipeline[job.pipeline])
            return f"{jobs} of this kind may run at once; this one starts when another has ended."
        if job.lane not in self.open_lanes():
            return f"{_count_of_jobs(self._limits.max_long_jobs)} of this length may run at once; this one starts when another has ended."
        return ""

    def begin(self, job: QueuedJob, at: dt.datetime) -> None:
        self._served_at[job.user_id] = at
        self._count(job, 1)

    def end(self, job: QueuedJob | RunningJob) -> None:
        self._count(job, -1)

    def _count(self, job: QueuedJob | RunningJob, by: int) -> None:
        self.users[job.user_id] += by
        self.pipelines[job.pipeline] += by
        self.lanes[job.lane] += by


def _count_of_jobs(count: int) -> str:
    return "1 job" if count == 1 else f"{count} jobs"
