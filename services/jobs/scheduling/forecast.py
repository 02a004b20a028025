"""When a waiting job will begin: the queue played through by the same rules by which jobs are claimed."""

from __future__ import annotations

import datetime as dt
import heapq
import itertools
import threading
import time
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from database import db
from domain import JobState
from lib.clock import iso, now
from models import Job
from services.jobs.queue import candidates as readings
from services.jobs.queue.maintenance import Pause, present_pause
from services.jobs.scheduling.scheduler import ConcurrencyLimits, Lane, QueuedJob, RunningJob, Scheduler, last_slot_reserved

_MOST = 2000  # waiting jobs that are looked at
_MOST_LOOKS = 50_000  # heads of groups compared before the rest is put in order by what counts now
_UNKNOWN_S = 60.0  # what a job of unknown cost is taken to cost for the order of others; no time is told then
_KEPT_S = 1.5
_KEPT_TIMES = 20  # an outlook is kept for at least so many times of what it took to make


@dataclass(frozen=True)
class QueuePosition:
    """`position` 1 begins next; `limit` says which limit keeps it from beginning although a worker is free."""

    position: int
    starts_in_s: float | None
    limit: str = ""


@dataclass(frozen=True)
class WaitInfo:
    """What a user is told of a job that does not run: everything empty where it does or has ended."""

    position: int | None = None
    seconds_left: float | None = None
    wait_reason: str = ""


@dataclass
class _Slots:
    """Workers and when they are free again. `known` turns false where a time was taken that nobody knows."""

    idle: int
    ends: list[tuple[float, int, QueuedJob | RunningJob, bool]] = field(default_factory=list)
    _ties: itertools.count[int] = field(default_factory=itertools.count)

    def take(self, until: float, job: QueuedJob | RunningJob, known: bool) -> None:
        heapq.heappush(self.ends, (until, next(self._ties), job, known))


def simulate(
    waiting: Iterable[QueuedJob], running: Sequence[RunningJob], rules: ConcurrencyLimits, slots: int, at: dt.datetime
) -> dict[str, QueuePosition]:
    """The place of each waiting job, if `slots` jobs run at once, each takes what it is expected to, and no other comes."""
    groups: dict[tuple[int, str, str], deque[QueuedJob]] = {}
    for job in sorted(waiting, key=lambda each: (each.queued_at, each.job_id)):
        groups.setdefault((job.priority, job.lane, job.user_id), deque()).append(job)
    turns, capacity = Scheduler(rules, running), max(slots, len(running))
    workers = _Slots(capacity - len(running))
    for each in running:
        left = each.seconds_left if each.seconds_left is not None else _left_of(each, at)
        workers.take(_UNKNOWN_S if left is None else left, each, left is not None)
    places: dict[str, QueuePosition] = {}
    elapsed, known, looks = 0.0, True, 0
    limits = {job.job_id: _limit(job, turns, capacity) for group in groups.values() for job in group} if workers.idle else {}
    while groups and looks < _MOST_LOOKS:
        looks += len(groups)
        first = _next(groups, turns, capacity, at + dt.timedelta(seconds=elapsed)) if workers.idle else None
        if first is not None:
            places[first.job_id] = QueuePosition(len(places) + 1, round(elapsed, 1) if known else None, limits.get(first.job_id, ""))
            turns.begin(first, at + dt.timedelta(seconds=elapsed))
            workers.idle -= 1
            workers.take(
                elapsed + (_UNKNOWN_S if first.expected_duration_s is None else first.expected_duration_s),
                first,
                known and first.expected_duration_s is not None,
            )
        elif workers.ends:
            elapsed, _, ended, was_known = heapq.heappop(workers.ends)
            known = known and was_known
            turns.end(ended)
            workers.idle += 1
        else:
            break
    for job in turns.in_order((each for group in groups.values() for each in group), at):
        places[job.job_id] = QueuePosition(len(places) + 1, None, limits.get(job.job_id, ""))
    return places


def _next(groups: dict[tuple[int, str, str], deque[QueuedJob]], turns: Scheduler, capacity: int, at: dt.datetime) -> QueuedJob | None:
    """Take the job out of its group whose turn it is; one worker of several is kept for short jobs."""
    lanes = turns.lanes_open()
    if last_slot_reserved(capacity, turns.lanes[Lane.LONG]):
        lanes = [lane for lane in lanes if lane != Lane.LONG]
    full = turns.full_kinds()
    open_heads = [
        job
        for group in groups.values()
        if (job := next((each for each in group if each.pipeline not in full), None)) is not None
        and job.lane in lanes
        and not turns.user_is_full(job.user_id)
    ]
    if not open_heads:
        return None
    first = min(open_heads, key=lambda job: turns.key(job, at))
    group = groups[(first.priority, first.lane, first.user_id)]
    group.remove(first)
    if not group:
        del groups[(first.priority, first.lane, first.user_id)]
    return first


def _limit(job: QueuedJob, turns: Scheduler, capacity: int) -> str:
    kept = job.lane == Lane.LONG and last_slot_reserved(capacity, turns.lanes[Lane.LONG])
    return turns.limit(job) or ("One worker is kept for short jobs; it begins when a long one has ended." if kept else "")


def _left_of(job: RunningJob, at: dt.datetime) -> float | None:
    return None if job.expected_duration_s is None else max(0.0, job.expected_duration_s - (at - job.started_at).total_seconds())


class QueueForecast:
    """The present outlook, made again when it is older than a moment. For requests of any thread, with an app context."""

    def __init__(self, rules: ConcurrencyLimits, slots: int) -> None:
        self._rules, self._slots = rules, slots
        self._lock = threading.Lock()
        self._places: dict[str, QueuePosition] = {}
        self._pause: Pause | None = None
        self._made_at, self._good_until = dt.datetime.min.replace(tzinfo=dt.UTC), 0.0

    def of(self, job: Job) -> WaitInfo:
        if job.state != JobState.QUEUED:
            return WaitInfo()
        place = self._place_of(job)
        seconds = None
        if place and place.starts_in_s is not None and job.expected_duration_s is not None and not self._pause:
            seconds = round(place.starts_in_s + job.expected_duration_s, 1)
        return WaitInfo(place.position if place else None, seconds, self._reason(job, place))

    def places(self) -> dict[str, QueuePosition]:
        """Of all jobs that wait for their turn."""
        with self._lock:
            if time.monotonic() >= self._good_until:
                self._make()
            return self._places

    def _place_of(self, job: Job) -> QueuePosition | None:
        place = self.places().get(job.id)
        if place is None and self._made_at < job.updated_at and (job.run_after is None or job.run_after <= now()):
            with self._lock:
                self._make()  # it was not there yet
            place = self._places.get(job.id)
        return place

    def _reason(self, job: Job, place: QueuePosition | None) -> str:
        if self._pause:
            return self._pause.sentence
        if job.run_after is not None and job.run_after > now():
            return f"It is tried again at {iso(job.run_after)}."
        if job.wait_reason:
            return job.wait_reason
        if place is None:
            return "It waits for its turn."
        if place.limit:
            return place.limit
        before = place.position - 1
        return "It begins as soon as a worker is free." if not before else f"{before} {'job goes' if before == 1 else 'jobs go'} before it."

    def _make(self) -> None:
        began, at = time.monotonic(), now()
        with Session(db.engine) as reading:  # a request's own session keeps what it has read
            self._pause = present_pause(reading)
            ready = readings.waiting_jobs().where(*readings.ready()).order_by(Job.priority.desc(), Job.queued_at)
            waiting = [readings.as_waiting(row) for row in reading.execute(ready.limit(_MOST))]
            running = readings.running_jobs(reading) if waiting else []
        self._places = simulate(waiting, running, self._rules, self._slots, at)
        self._made_at = at
        self._good_until = time.monotonic() + max(_KEPT_S, _KEPT_TIMES * (time.monotonic() - began))
