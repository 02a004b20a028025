"""One thread per process reads new events and passes them to all listeners: the database load does not depend on their number."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

import structlog
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

import errors
from database import db, end_read, session
from domain import FINAL_STATES
from lib import metrics
from lib.background_loop import BackgroundLoop
from lib.user_concurrency_limit import UserConcurrencyLimit
from lib.waiting import before_waiting
from models import Job, JobEvent
from services import accounts
from services.accounts import Caller
from services.events.frames import (
    HEARTBEAT,
    OPENING,
    Frame,
    event_frame,
    events,
    progress_frame,
    running_jobs,
    waiting_frame,
    waiting_jobs,
)
from services.events.reader import EventReader
from services.jobs.scheduling.forecast import QueueForecast

log = structlog.get_logger(__name__)
_POLL_S = 0.5
_IDLE_AFTER_S = 10.0
_LISTENERS_PER_BATCH, _BATCH_PAUSE_S = 10, 0.004
_QUEUE_SIZE = 256  # frames; a listener that falls further behind is disconnected
_REPLAY_PAGE_SIZE = 500
_START_TIMEOUT_S = 5.0


class TooManyListeners(errors.TransientError):
    """Too many event streams are open on this server."""

    hint = "Try again later, or poll the status of the job."


class TooManyOwnListeners(errors.TooManyRequests):
    """You have too many event streams open."""

    code = "too_many_listeners"
    hint = "Close one, or read the events of all your jobs in one stream: /api/v1/events."


@dataclass(eq=False)
class Listener:
    """A stream of one job (`job_id`) or of all jobs of the caller. Events with ids above `position` arrive through the queue.

    Progress that was read before the newest event that the client has (`after`, `position`) is out of date for it; until newer progress
    has been read, the listener has none (`has_progress`).
    """

    caller: Caller
    job_id: str | None
    after: int
    position: int
    frames: queue.Queue[Frame | None] = field(default_factory=lambda: queue.Queue(_QUEUE_SIZE))
    has_progress: bool = False
    has_ended: bool = False
    is_closed: bool = False

    def accepts(self, frame: Frame) -> bool:
        is_addressed = frame.user_id == self.caller.user_id if self.job_id is None else frame.job_id == self.job_id
        return is_addressed and (frame.id is None or frame.id > self.after or frame.is_late)

    def offer(self, frame: Frame) -> None:
        """Queue the frame. A listener that is too far behind is disconnected; it reconnects and gets the missed events."""
        try:
            self.frames.put_nowait(frame)
        except queue.Full:
            if frame.id is not None:
                self.end()

    def end(self) -> None:
        self.has_ended = True
        with contextlib.suppress(queue.Full):  # a full queue wakes it anyway
            self.frames.put_nowait(None)


class EventHub:
    """Polls the database while there are listeners.

    `app_context` opens the app context of the loop, `request_context` that of a stream which reads missed events.
    """

    def __init__(
        self,
        app_context: Callable[[], AbstractContextManager[object]],
        request_context: Callable[[], AbstractContextManager[object]],
        queue_forecast: QueueForecast,
        *,
        max_listeners: int,
        max_listeners_per_user: int,
        heartbeat_s: float,
    ) -> None:
        self._request_context, self.queue_forecast, self._heartbeat_s = request_context, queue_forecast, heartbeat_s
        self._listener_limit = UserConcurrencyLimit(max_listeners, max_listeners_per_user)
        self._lock = threading.Condition()
        self._listeners: set[Listener] = set()
        self._reader: EventReader | None = None
        self._position: int | None = None
        self._progress: dict[str, Frame] = {}
        self._progress_position = 0  # the position of the events that were read before the progress
        self._last_listened_at = self._checked_at = 0.0
        self._loop = BackgroundLoop("events", self._tick, context=app_context, every_s=_POLL_S, on_stop=self._end_all)

    def listen(self, caller: Caller, job_id: str | None, after: int | None) -> Listener:
        """Register a listener; `close` removes it. Without `after`, a single job is replayed from its start, and all jobs from now on.

        Raises TooManyListeners and TooManyOwnListeners.
        """
        before_waiting()
        with self._lock:
            if self._loop.stopping:
                raise TooManyListeners
            self._count_listener(caller)
            self._last_listened_at = time.monotonic()
            if self._position is None:
                self._loop.wake()
            self._lock.wait_for(lambda: self._position is not None or self._loop.stopping, _START_TIMEOUT_S)
            if self._position is None:
                self._discount_listener(caller)
                raise errors.TransientError("Events cannot be read at present.")
            position = self._position
            since = after if after is not None else 0 if job_id else position
            listener = Listener(caller, job_id, since, position)
            self._listeners.add(listener)
            _offer(listener, self._first_progress(listener))
        return listener

    def close(self, listener: Listener) -> None:
        with self._lock:
            self._listeners.discard(listener)
            if not listener.is_closed:
                self._discount_listener(listener.caller)
            listener.is_closed = True

    def _count_listener(self, caller: Caller) -> None:
        self._listener_limit.acquire(caller.user_id, TooManyListeners, TooManyOwnListeners)
        metrics.EVENT_STREAMS.set(self._listener_limit.in_use)

    def _discount_listener(self, caller: Caller) -> None:
        self._listener_limit.release(caller.user_id)
        metrics.EVENT_STREAMS.set(self._listener_limit.in_use)

    def stream(self, listener: Listener) -> Iterator[bytes]:
        """Yield missed events, then new ones, with heartbeats in between. The stream of a job ends with the job."""
        yield OPENING
        last = None
        try:
            for last in self._replay(listener):
                yield last.text
        except OperationalError as error:
            log.warning("event_stream_ended", code="database_away", detail=str(error.orig))  # the client reconnects and gets the rest
            return
        if last is not None and listener.job_id and last.kind in FINAL_STATES:
            return
        while not listener.has_ended or not listener.frames.empty():
            try:
                frame = listener.frames.get(timeout=self._heartbeat_s)
            except queue.Empty:
                yield HEARTBEAT
                continue
            if frame is None:
                return
            yield frame.text
            if listener.job_id and frame.kind in FINAL_STATES:
                return

    def watch(self, listener: Listener, read: Callable[[], Iterable[bytes]]) -> Iterator[bytes]:
        """Yield what `read` returns at first and after each event, with heartbeats in between. It runs with a database session."""
        yield OPENING
        while True:
            try:
                with self._request_context():
                    blocks = list(read())
            except OperationalError as error:
                log.warning("event_stream_ended", code="database_away", detail=str(error.orig))
                return
            yield from blocks
            while True:
                if listener.has_ended and listener.frames.empty():
                    return
                try:
                    frame = listener.frames.get(timeout=self._heartbeat_s)
                except queue.Empty:
                    yield HEARTBEAT
                    continue
                if frame is None:
                    return
                if frame.id is not None:
                    break

    def _replay(self, listener: Listener) -> Iterator[Frame]:
        """Read missed events page by page: no database connection is held while the client reads."""
        condition = JobEvent.user_id == listener.caller.user_id if listener.job_id is None else JobEvent.job_id == listener.job_id
        after, until = listener.after, listener.position
        while after < until:
            with self._request_context():
                query = events().where(condition, JobEvent.id > after, JobEvent.id <= until).order_by(JobEvent.id).limit(_REPLAY_PAGE_SIZE)
                page = [event_frame(row) for row in session().execute(query)]
            yield from page
            after = page[-1].id or until if len(page) == _REPLAY_PAGE_SIZE else until

    def start(self) -> None:
        self._loop.start()

    def _tick(self) -> None:
        end_read()
        reader = self._reader or EventReader(ids_in_order=db.engine.dialect.name == "sqlite")
        with self._lock:
            idle = not self._listeners and time.monotonic() - self._last_listened_at > _IDLE_AFTER_S
        self._reader = reader
        self._distribute_events(reader.read(), reader.position)  # before anything can fail: these events are not read again
        progress = {row.id: progress_frame(row) for row in session().execute(running_jobs())} | self._waiting()
        end_read()
        self._distribute_progress(progress, reader.position)
        if time.monotonic() - self._checked_at >= self._heartbeat_s:
            self._checked_at = time.monotonic()
            self._end_revoked()
        if idle:
            self._idle_without_listeners()

    def _end_all(self) -> None:
        with self._lock:
            for listener in self._listeners:
                listener.end()
            self._lock.notify_all()

    def _waiting(self) -> dict[str, Frame]:
        """Return the frames of queued jobs that have listeners; thousands of others may be queued."""
        with self._lock:
            jobs = {listener.job_id for listener in self._listeners if listener.job_id}
            users = {listener.caller.user_id for listener in self._listeners if not listener.job_id}
        if not jobs and not users:
            return {}
        return {
            job.id: waiting_frame(job, self.queue_forecast.of(job)) for job in session().execute(waiting_jobs(jobs, users)).scalars().all()
        }

    def _distribute_events(self, frames: list[Frame], position: int) -> None:
        """Pass events to the listeners registered before this call; later ones read them from the table."""
        with self._lock:
            self._position = position
            self._lock.notify_all()
            listeners = list(self._listeners) if frames else []
        _offer_in_batches([(listener, frames) for listener in listeners])

    def _distribute_progress(self, progress: dict[str, Frame], position: int) -> None:
        """Pass progress that has changed to the listeners that have the rest, and all of it to the others."""
        new_frames = [frame for job_id, frame in progress.items() if self._progress.get(job_id) != frame]
        with self._lock:
            self._progress, self._progress_position = progress, position
            offers = [(listener, new_frames if listener.has_progress else self._first_progress(listener)) for listener in self._listeners]
        _offer_in_batches([(listener, frames) for listener, frames in offers if frames])

    def _first_progress(self, listener: Listener) -> list[Frame]:
        """Return all progress, for a listener that has none; nothing while it is out of date for this listener."""
        listener.has_progress = self._progress_position >= max(listener.after, listener.position)
        return list(self._progress.values()) if listener.has_progress else []

    def _idle_without_listeners(self) -> None:
        """Stop polling until the next listener registers."""
        with self._lock:
            if not self._listeners and time.monotonic() - self._last_listened_at > _IDLE_AFTER_S:
                self._reader, self._position, self._progress, self._progress_position = None, None, {}, 0
                self._loop.idle()

    def _end_revoked(self) -> None:
        """End the streams of revoked sessions and deleted jobs, by two queries in all."""
        with self._lock:
            listeners = list(self._listeners)
        if not listeners:
            return
        live_session_ids = accounts.filter_live({each.caller.session_id for each in listeners})
        job_ids = {each.job_id for each in listeners if each.job_id}
        jobs = set(session().execute(select(Job.id).where(Job.id.in_(job_ids))).scalars())
        end_read()
        for each in listeners:
            is_revoked = each.caller.session_id and each.caller.session_id not in live_session_ids
            if is_revoked or (each.job_id and each.job_id not in jobs):
                each.end()

    def end_soon(self) -> None:
        """End all streams at the next poll. Takes no lock: a signal handler may call it."""
        self._loop.stop_soon()

    def stop(self) -> None:
        self._loop.stop()


def _offer(listener: Listener, frames: list[Frame]) -> None:
    for frame in frames:
        if not listener.has_ended and listener.accepts(frame):
            listener.offer(frame)


def _offer_in_batches(offers: list[tuple[Listener, list[Frame]]]) -> None:
    """Offer frames to many listeners: each has a thread that wakes up, and requests are served in between."""
    for number, (listener, frames) in enumerate(offers, start=1):
        _offer(listener, frames)
        if number % _LISTENERS_PER_BATCH == 0:
            time.sleep(_BATCH_PAUSE_S)
