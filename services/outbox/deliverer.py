"""The outbox loop, which claims due deliveries and sends them. Any number of processes may run it."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from typing import Any, cast

import structlog
from sqlalchemy import ColumnElement, CursorResult, and_, delete, func, or_, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from database import end_read, session, transaction
from lib.background_loop import BackgroundLoop
from lib.backoff import backoff_s
from lib.clock import now
from models import Delivery
from services.outbox.port import Channel, DeliveryAttempt, Outcome

log = structlog.get_logger(__name__)
_MAX_ATTEMPTS = 10
# With these values and a first backoff of 5 s, the ninth backoff is about 6 hours.
_MAX_BACKOFF_S = 6 * 3600.0
_BACKOFF_FACTOR = 2.85
_BACKOFF_JITTER = 0.1
_CLAIM_DURATION_S = 90.0  # Must exceed the longest attempt.
_POLL_INTERVAL_S = 1.0
_MAX_CONCURRENT_ATTEMPTS = 4
_MAX_STORED_TEXT_LENGTH = 500
_RETENTION = dt.timedelta(days=30)
_ABANDONED_AFTER = dt.timedelta(days=1)  # An e-mail that is due for a day is never attempted: no process sends e-mail.
_CLEANUP_INTERVAL_S = 3600.0
_DESTINATION = func.coalesce(Delivery.webhook_id, Delivery.channel)


class Deliverer:
    """Sends due deliveries in a thread pool, checking every second and after `wake`. Runs the cleanup tasks every hour."""

    def __init__(
        self,
        app_context: Callable[[], AbstractContextManager[object]],
        channels: Sequence[Channel],
        cleanup_tasks: Sequence[Callable[[], object]] = (),
    ) -> None:
        self._app_context, self._channels, self._cleanup_tasks = app_context, {each.name: each for each in channels}, cleanup_tasks
        self._pool = ThreadPoolExecutor(_MAX_CONCURRENT_ATTEMPTS, thread_name_prefix="outbox")
        # The running attempt of each destination (the id of a webhook, or a channel), so that a slow receiver delays only itself.
        self._running: dict[str, Future[None]] = {}
        self._cleaned_up_at = 0.0
        self._loop = BackgroundLoop("outbox", self._deliver, context=app_context, every_s=_POLL_INTERVAL_S)

    def start(self) -> None:
        self._loop.start()
        self._loop.wake()

    def wake(self) -> None:
        self._loop.wake()

    def stop(self) -> None:
        """Stop the loop and wait a few seconds for running attempts; interrupted ones are due again later."""
        self._loop.stop()
        self._pool.shutdown(wait=False, cancel_futures=True)
        wait(self._running.values(), timeout=5)

    def _deliver(self) -> None:
        end_read()
        self._running = {destination: attempt for destination, attempt in self._running.items() if not attempt.done()}
        for destination, channel, delivery in self._due():
            if destination not in self._running and len(self._running) < _MAX_CONCURRENT_ATTEMPTS and _claim(delivery):
                self._running[destination] = self._pool.submit(self._send, self._channels[channel], delivery)
        if time.monotonic() - self._cleaned_up_at > _CLEANUP_INTERVAL_S:
            self._cleaned_up_at = time.monotonic()
            for task in (_delete_old_deliveries, *self._cleanup_tasks):
                task()

    def _due(self) -> list[tuple[str, str, DeliveryAttempt]]:
        """Return the destination, the channel and the attempt of due deliveries, without destinations that have a running attempt."""
        if len(self._running) >= _MAX_CONCURRENT_ATTEMPTS:
            return []
        ready = [and_(Delivery.channel == name, channel.ready()) for name, channel in self._channels.items()]
        query = (
            select(Delivery, _DESTINATION.label("destination"))
            .where(Delivery.state == "waiting", Delivery.due_at <= now(), or_(*ready), _DESTINATION.not_in(self._running))
            .order_by(Delivery.due_at)
            .limit(10 * _MAX_CONCURRENT_ATTEMPTS)
        )
        due = [(row.destination, row.Delivery.channel, _next_attempt(row.Delivery)) for row in session().execute(query)]
        end_read()
        return due

    def _send(self, channel: Channel, delivery: DeliveryAttempt) -> None:
        with self._app_context():
            try:
                self._attempt(channel, delivery)
            except OperationalError as error:
                log.warning("delivery_not_recorded", detail=str(error.orig))  # The delivery is due again when its claim expires.
            except Exception:
                log.exception("delivery_crashed")
        self.wake()

    def _attempt(self, channel: Channel, delivery: DeliveryAttempt) -> None:
        last_attempt_at, outcome = now(), channel.attempt(delivery)
        with transaction() as session:
            if _record(session, delivery, outcome, last_attempt_at, channel.first_backoff_s):
                channel.record(session, delivery, outcome)
        log.info(
            "delivery_attempted",
            delivery_id=delivery.id,
            channel=channel.name,
            attempt=delivery.attempt,
            delivered=outcome.delivered,
            error=outcome.error,
        )


def _next_attempt(row: Delivery) -> DeliveryAttempt:
    return DeliveryAttempt(row.id, row.attempts + 1, row.event, row.user_id, row.webhook_id, row.job_id, row.body)


def _claim(delivery: DeliveryAttempt) -> bool:
    """Claim a delivery for _CLAIM_DURATION_S with one conditional UPDATE; return False if another process has claimed it."""
    with transaction() as session:
        expires_at = now() + dt.timedelta(seconds=_CLAIM_DURATION_S)
        values = {"attempts": delivery.attempt, "due_at": expires_at}
        return _update_if_unchanged(session, delivery.id, delivery.attempt - 1, values, Delivery.due_at <= now())


def _record(session: Session, delivery: DeliveryAttempt, outcome: Outcome, last_attempt_at: dt.datetime, first_backoff_s: float) -> bool:
    """Save the outcome of an attempt; return False if another process has claimed the delivery since."""
    values: dict[str, Any] = {
        "last_attempt_at": last_attempt_at,
        "status_code": outcome.status_code,
        "response": _truncate_for_storage(outcome.response),
        "error": _truncate_for_storage(outcome.error),
    }
    if outcome.delivered or outcome.final or delivery.attempt >= _MAX_ATTEMPTS:
        values |= {"state": "delivered" if outcome.delivered else "failed", "due_at": now()}
    else:
        delay_s = backoff_s(delivery.attempt, first_backoff_s, factor=_BACKOFF_FACTOR, max_s=_MAX_BACKOFF_S, jitter=_BACKOFF_JITTER)
        values["due_at"] = now() + dt.timedelta(seconds=delay_s)
    return _update_if_unchanged(session, delivery.id, delivery.attempt, values)


def _update_if_unchanged(
    session: Session, delivery_id: str, attempts: int, values: dict[str, Any], *conditions: ColumnElement[bool]
) -> bool:
    """Update a waiting delivery if it still has this number of attempts and meets the conditions; return whether it did."""
    expected = (Delivery.id == delivery_id, Delivery.state == "waiting", Delivery.attempts == attempts, *conditions)
    statement = update(Delivery).where(*expected).values(**values).execution_options(synchronize_session=False)
    result = cast("CursorResult[Any]", session.execute(statement))
    return result.rowcount == 1


def _truncate_for_storage(text: str) -> str:
    """Truncate a text and remove NUL, which PostgreSQL cannot store."""
    return text[:_MAX_STORED_TEXT_LENGTH].replace("\0", "")


def _delete_old_deliveries() -> None:
    """Delete old deliveries, and waiting e-mails that no process sends."""
    abandoned = and_(Delivery.webhook_id.is_(None), Delivery.state == "waiting", Delivery.due_at < now() - _ABANDONED_AFTER)
    with transaction() as session:
        session.execute(delete(Delivery).where(or_(Delivery.due_at < now() - _RETENTION, abandoned)))
