"""Whose turn it is: the order in which waiting jobs begin, the same for claiming them and for foretelling it.

Within a priority, short jobs go before long ones until a long one has waited for `patience_s`; then the user with the fewest
running jobs goes first, then who was served least recently. A job that waits long enough has a finite number before it,
however many new users come: a turn never counts as older than the job's own wait less the patience.
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
    """A job is short while its recording lasts no longer than `media_s` and it is expected to take no longer than `expected_duration_s`."""

    media_s: float = 1200.0
    expected_duration_s: float = 600.0

    def lane_of(self, media_s: float, expected_duration_s: float | None) -> Lane:
        return Lane.LONG if media_s > self.media_s or (expected_duration_s or 0.0) > self.expected_duration_s else Lane.SHORT


@dataclass(frozen=True)
class ConcurrencyLimits:
    """How many jobs may run at once on all machines together: of one user, of one kind (pipeline), long ones. 0: any number."""

    jobs_per_user: int = 0
    jobs_per_kind: Mapping[str, int] = field(default_factory=dict)
    long_jobs: int = 0
    aging_after_s: float = 1800.0

    @classmethod
    def from_settings(cls, settings: Settings) -> ConcurrencyLimits:
        return cls(settings.max_jobs_per_user, settings.max_jobs_per_pipeline, settings.max_long_jobs, settings.long_job_aging_s)

    @property
    def limit_anything(self) -> bool:
        return bool(self.jobs_per_user or self.long_jobs or any(self.jobs_per_kind.values()))


@dataclass(frozen=True)
class QueuedJob:
    """A job that waits. `last_served_at`: when a job of its user was last begun."""

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
    """A job that runs, somewhere. `seconds_left` as its worker last said, or None."""

    user_id: str
    pipeline: str
    lane: str
    worker: str = ""
    started_at: dt.datetime = NEVER
    size_bytes: int = 0
    seconds_left: float | None = None
    expected_duration_s: float | None = None


def last_slot_reserved(slots: int, long_jobs: int) -> bool:
    """Of several that may run at once one is kept for short jobs: whether no further long one may begin beside these."""
    return slots > 1 and long_jobs >= slots - 1


class Scheduler:
    """Who runs how much; `begin` and `end` keep it, and who was served when, up to date where the future is played through."""

    def __init__(self, rules: ConcurrencyLimits, running: Iterable[RunningJob]) -> None:
        self._rules, self._served = rules, dict[str, dt.datetime]()
        self.users, self.kinds, self.lanes = Counter[str](), Counter[str](), Counter[str]()
        for job in running:
            self._count(job, 1)

    def key(self, job: QueuedJob, at: dt.datetime) -> tuple[object, ...]:
        """What jobs are sorted by: the smallest goes first."""
        patience = dt.timedelta(seconds=self._rules.aging_after_s)
        waits_behind = job.lane == Lane.LONG and at - job.queued_at < patience
        turn = max(self._served.get(job.user_id, job.last_served_at), job.queued_at - patience)
        return (-job.priority, waits_behind, self.users[job.user_id], turn, job.queued_at, job.job_id)

    def in_order(self, jobs: Iterable[QueuedJob], at: dt.datetime) -> list[QueuedJob]:
        return sorted(jobs, key=lambda job: self.key(job, at))

    def full_kinds(self) -> list[str]:
        """Pipelines of which no further job may begin."""
        return [kind for kind, most in self._rules.jobs_per_kind.items() if most and self.kinds[kind] >= most]

    def lanes_open(self, wanted: Sequence[str] = tuple(Lane)) -> list[str]:
        """Of these lanes, those in which a further job may begin."""
        full = self._rules.long_jobs and self.lanes[Lane.LONG] >= self._rules.long_jobs
        return [lane for lane in wanted if not (full and lane == Lane.LONG)]

    def user_is_full(self, user_id: str) -> bool:
        return bool(self._rules.jobs_per_user) and self.users[user_id] >= self._rules.jobs_per_user

    def limit(self, job: QueuedJob) -> str:
        """The sentence that says which limit keeps a job from beginning, or ""."""
        if self.user_is_full(job.user_id):
            return f"One user may run {_jobs(self._rules.jobs_per_user)} at once; it begins when one of yours has ended."
        if job.pipeline in self.full_kinds():
            return f"{_jobs(self._rules.jobs_per_kind[job.pipeline])} of this kind may run at once; it begins when one of them has ended."
        if job.lane not in self.lanes_open():
            return f"{_jobs(self._rules.long_jobs)} of this length may run at once; it begins when one of them has ended."
        return ""

    def begin(self, job: QueuedJob, at: dt.datetime) -> None:
        self._served[job.user_id] = at
        self._count(job, 1)

    def end(self, job: QueuedJob | RunningJob) -> None:
        self._count(job, -1)

    def _count(self, job: QueuedJob | RunningJob, by: int) -> None:
        self.users[job.user_id] += by
        self.kinds[job.pipeline] += by
        self.lanes[job.lane] += by


def _jobs(many: int) -> str:
    return "1 job" if many == 1 else f"{many} jobs"
