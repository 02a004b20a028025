"""Predicts when queued jobs start, by a simulation of the queue with the rules of the scheduler."""

from __future__ import annotations

import datetime as dt
import heapq
import itertools
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from database import background_engine
from domain import JobState
from lib.clock import iso, now
from lib.waiting import before_waiting
from models import Job
from services.jobs.queue import candidates
from services.jobs.queue.maintenance import Pause, current_pause
from services.jobs.scheduling.scheduler import (
    ConcurrencyLimits,
    Lane,
    QueuedJob,
    RunningJob,
    Scheduler,
    last_slot_reserved,
)

_MAX_QUEUED_JOBS = 2000  # that a forecast covers
_MAX_COMPARISONS = 50_000  # of jobs that could be next; the remaining ones are sorted by their current keys
_FALLBACK_DURATION_S = 60.0  # of a job whose duration is unknown; later start times are then not reported
_MIN_AGE_S = 1.5
_MIN_AGE_FACTOR = 20  # a forecast is kept for at least this multiple of the time that it took
_MAX_WAIT_S = 1.0
_RESERVED_MESSAGE = "One worker is reserved for short jobs; this job starts when a long one has ended."


@dataclass(frozen=True)
class QueuePosition:
    """`position` 1 starts next. `limit_message`: a sentence about the limit that delays the job although a worker is free."""

    position: int
    starts_in_s: float | None
    limit_message: str = ""


@dataclass(frozen=True)
class WaitInfo:
    """The information about waiting that the user of a queued job sees; empty for other jobs."""

    position: int | None = None
    seconds_left: float | None = None
    wait_reason: str = ""


@dataclass
class _Slots:
    """Workers and the times when they become free. The last value of an entry is false where the time is a guess."""

    idle: int
    ends: list[tuple[float, int, QueuedJob | RunningJob, bool]] = field(default_factory=list)
    _ties: itertools.count[int] = field(default_factory=itertools.count)

    def take(self, until: float, job: QueuedJob | RunningJob, is_known: bool) -> None:
        heapq.heappush(self.ends, (until, next(self._ties), job, is_known))


def simulate(
    waiting_jobs: Iterable[QueuedJob], running_jobs: Sequence[RunningJob], limits: ConcurrencyLimits, slots: int, at: dt.datetime
) -> dict[str, QueuePosition]:
    """Return the position of each queued job if `slots` jobs run at once, each takes its expected time, and no other arrives."""
    groups: dict[tuple[int, str, str], deque[QueuedJob]] = {}
    for job in sorted(waiting_jobs, key=lambda each: (each.queued_at, each.job_id)):
        groups.setdefault((job.priority, job.lane, job.user_id), deque()).append(job)
    scheduler, capacity = Scheduler(limits, running_jobs), max(slots, len(running_jobs))
    workers = _Slots(capacity - len(running_jobs))
    for each in running_jobs:
        seconds_left = each.seconds_left if each.seconds_left is not None else _seconds_left(each, at)
        workers.take(_FALLBACK_DURATION_S if seconds_left is None else seconds_left, each, seconds_left is not None)
    positions: dict[str, QueuePosition] = {}
    elapsed_s, is_known, comparisons = 0.0, True, 0
    limit_messages = (
        {job.job_id: _limit_message(job, scheduler, capacity) for group in groups.values() for job in group} if workers.idle else {}
    )
    while groups and comparisons < _MAX_COMPARISONS:
        comparisons += len(groups)
        first = _pop_next(groups, scheduler, capacity, at + dt.timedelta(seconds=elapsed_s)) if workers.idle else None
        if first is not None:
            positions[first.job_id] = QueuePosition(
                len(positions) + 1, round(elapsed_s, 1) if is_known else None, limit_messages.get(first.job_id, "")
            )
            scheduler.begin(first, at + dt.timedelta(seconds=elapsed_s))
            workers.idle -= 1
            workers.take(
                elapsed_s + (_FALLBACK_DURATION_S if first.expected_duration_s is None else first.expected_duration_s),
                first,
                is_known and first.expected_duration_s is not None,
            )
        elif workers.ends:
            elapsed_s, _, ended_job, is_end_known = heapq.heappop(workers.ends)
            is_known = is_known and is_end_known
            scheduler.end(ended_job)
            workers.idle += 1
        else:
            break
    for job in scheduler.sort((each for group in groups.values() for each in group), at):
        positions[job.job_id] = QueuePosition(len(positions) + 1, None, limit_messages.get(job.job_id, ""))
    return positions


def _pop_next(
    groups: dict[tuple[int, str, str], deque[QueuedJob]], scheduler: Scheduler, capacity: int, at: dt.datetime
) -> QueuedJob | None:
    """Remove the next job from its group and return it; the last of several workers is reserved for short jobs."""
    lanes = scheduler.open_lanes()
    if last_slot_reserved(capacity, scheduler.lanes[Lane.LONG]):
        lanes = [lane for lane in lanes if lane != Lane.LONG]
    full = scheduler.full_pipelines()
    eligible_jobs = [
        job
        for group in groups.values()
        if (job := next((each for each in group if each.pipeline not in full), None)) is not None
        and job.lane in lanes
        and not scheduler.is_user_at_limit(job.user_id)
    ]
    if not eligible_jobs:
        return None
    first = min(eligible_jobs, key=lambda job: scheduler.key(job, at))
    group = groups[(first.priority, first.lane, first.user_id)]
    group.remove(first)
    if not group:
        del groups[(first.priority, first.lane, first.user_id)]
    return first


def _limit_message(job: QueuedJob, scheduler: Scheduler, capacity: int) -> str:
    is_reserved = job.lane == Lane.LONG and last_slot_reserved(capacity, scheduler.lanes[Lane.LONG])
    return scheduler.limit_message(job) or (_RESERVED_MESSAGE if is_reserved else "")


def _seconds_left(job: RunningJob, at: dt.datetime) -> float | None:
    return None if job.expected_duration_s is None else max(0.0, job.expected_duration_s - (at - job.started_at).total_seconds())


class QueueForecast:
    """A cached forecast that is renewed when it is outdated. Thread-safe; needs an app context.

    One thread renews it, with a connection that requests don't use; meanwhile the others read the previous one.
    """

    def __init__(self, limits: ConcurrencyLimits, slots: int, download_slots: int = 0, download_pipelines: Collection[str] = ()) -> None:
        self._limits, self._slots = limits, slots
        self._download_slots, self._download_pipelines = download_slots, frozenset(download_pipelines)
        self._lock = threading.Lock()
        self._positions: dict[str, QueuePosition] = {}
        self._pause: Pause | None = None
        self._refreshed_at, self._valid_until = dt.datetime.min.replace(tzinfo=dt.UTC), 0.0

    def of(self, job: Job) -> WaitInfo:
        if job.state != JobState.QUEUED:
            return WaitInfo()
        position = self._position_of(job)
        seconds = None
        if position and position.starts_in_s is not None and job.expected_duration_s is not None and not self._pause:
            seconds = round(position.starts_in_s + job.expected_duration_s, 1)
        return WaitInfo(position.position if position else None, seconds, self._reason(job, position))

    def positions(self) -> dict[str, QueuePosition]:
        """Return the positions of the first jobs in the queue. Downloads with slots of their own and conversions are counted separately."""
        if time.monotonic() >= self._valid_until:
            self._refresh_once(lambda: time.monotonic() < self._valid_until, wait=self._valid_until == 0.0)
        return self._positions

    def _position_of(self, job: Job) -> QueuePosition | None:
        position = self.positions().get(job.id)
        if position is None and self._refreshed_at < job.updated_at and (job.run_after is None or job.run_after <= now()):
            updated_at, job_id = job.updated_at, job.id
            self._refresh_once(lambda: self._refreshed_at >= updated_at, wait=True)  # the job is newer than the forecast
            position = self._positions.get(job_id)
        return position

    def _reason(self, job: Job, position: QueuePosition | None) -> str:
        if self._pause:
            return self._pause.message
        if job.run_after is not None and job.run_after > now():
            return f"It is retried at {iso(job.run_after)}."
        if job.wait_reason:
            return job.wait_reason
        if position is None:
            return "It waits for its turn."
        if position.limit_message:
            return position.limit_message
        before = position.position - 1
        return (
            "It starts as soon as a worker is free." if not before else f"{before} {'job is' if before == 1 else 'jobs are'} ahead of it."
        )

    def _refresh_once(self, is_recent: Callable[[], bool], *, wait: bool) -> None:
        """Renew the forecast unless another thread has done so. `wait`: for that thread, at most _MAX_WAIT_S, without a connection."""
        if not self._lock.acquire(blocking=False):
            if not wait:
                return
            before_waiting()
            if not self._lock.acquire(timeout=_MAX_WAIT_S):
                return
        try:
            if not is_recent():
                self._refresh()
        finally:
            self._lock.release()

    def _refresh(self) -> None:
        start_s, at = time.monotonic(), now()
        with Session(background_engine()) as session:  # the session of a request would return the rows that it has read before
            self._pause = current_pause(session)
            ready = candidates.queued_jobs_query().where(*candidates.ready()).order_by(Job.priority.desc(), Job.queued_at)
            waiting_jobs = [candidates.as_queued_job(row) for row in session.execute(ready.limit(_MAX_QUEUED_JOBS))]
            running_jobs = candidates.running_jobs(session) if waiting_jobs else []
        self._positions = self._simulate(waiting_jobs, running_jobs, at)
        self._refreshed_at = at
        self._valid_until = time.monotonic() + max(_MIN_AGE_S, _MIN_AGE_FACTOR * (time.monotonic() - start_s))

    def _simulate(self, waiting_jobs: Sequence[QueuedJob], running_jobs: Sequence[RunningJob], at: dt.datetime) -> dict[str, QueuePosition]:
        """Return the positions; downloads that have slots of their own do not wait for conversions, nor these for them."""
        if not self._download_slots:
            return simulate(waiting_jobs, running_jobs, self._limits, self._slots, at)
        positions: dict[str, QueuePosition] = {}
        for slots, are_downloads in ((self._slots, False), (self._download_slots, True)):
            some_waiting = [each for each in waiting_jobs if (each.pipeline in self._download_pipelines) == are_downloads]
            some_running = [each for each in running_jobs if (each.pipeline in self._download_pipelines) == are_downloads]
            positions |= simulate(some_waiting, some_running, self._limits, slots, at)
        return positions
