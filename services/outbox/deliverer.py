"""The outbox loop, which claims due deliveries and sends them. Any number of processes may run it."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import ColumnElement, and_, bindparam, delete, func, or_, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from database import changed_rows, end_read, session, transaction
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
_MAX_DUE = 40  # A query returns at most this number of deliveries.
_MAX_STORED_TEXT_LENGTH = 500
_RETENTION = dt.timedelta(days=30)
_ABANDONED_AFTER = dt.timedelta(days=1)  # An e-mail that is due for a day is never attempted: no process sends e-mail.
_CLEANUP_INTERVAL_S = 3600.0
_DESTINATION = func.coalesce(Delivery.webhook_id, Delivery.channel)
_DUE_CHANNELS = select(Delivery.channel).where(Delivery.state == "waiting", Delivery.due_at <= bindparam("now")).distinct()


@dataclass(frozen=True)
class _RunningAttempt:
    """A delivery that is being attempted."""

    user_id: str | None
    future: Future[None]


class Deliverer:
    """Sends due deliveries with the threads of each channel, checking every second and after `wake`. Runs the cleanup tasks every hour."""

    def __init__(
        self,
        app_context: Callable[[], AbstractContextManager[object]],
        channels: Sequence[Channel],
        cleanup_tasks: Sequence[Callable[[], object]] = (),
    ) -> None:
        self._app_context, self._channels, self._cleanup_tasks = app_context, {each.name: each for each in channels}, cleanup_tasks
        self._pools = {each.name: ThreadPoolExecutor(each.workers, thread_name_prefix=f"outbox {each.name}") for each in channels}
        self._running: dict[str, dict[str, _RunningAttempt]] = {each.name: {} for each in channels}
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
        for pool in self._pools.values():
            pool.shutdown(wait=False, cancel_futures=True)
        wait([each.future for attempts in self._running.values() for each in attempts.values()], timeout=5)

    def _deliver(self) -> None:
        end_read()
        due_channels = set(session().execute(_DUE_CHANNELS, {"now": now()}).scalars())  # nearly always empty, and much cheaper than `_due`
        end_read()
        for channel in [each for each in self._channels.values() if each.name in due_channels]:
            for _ in range(channel.workers):  # Repeated, as the deliveries of one user can fill the result.
                if not self._start_due(channel):
                    break
        if time.monotonic() - self._cleaned_up_at > _CLEANUP_INTERVAL_S:
            self._cleaned_up_at = time.monotonic()
            for task in (_delete_old_deliveries, *self._cleanup_tasks):
                task()

    def _start_due(self, channel: Channel) -> bool:
        """Start due deliveries of a channel; return whether any was started.

        A destination (a webhook, or a channel without webhooks) has one attempt at a time, a user `workers_per_user`: a slow receiver
        delays only itself, and a user with many slow receivers delays only their own deliveries.
        """
        attempts = self._running[channel.name]
        for destination in [destination for destination, attempt in attempts.items() if attempt.future.done()]:
            del attempts[destination]
        has_started_any = False
        for destination, delivery in self._due(channel):
            if len(attempts) >= channel.workers:
                break
            if destination not in attempts and not self._is_user_at_limit(channel, delivery.user_id) and _claim(delivery):
                attempts[destination] = _RunningAttempt(delivery.user_id, self._pools[channel.name].submit(self._send, channel, delivery))
                has_started_any = True
        return has_started_any

    def _due(self, channel: Channel) -> list[tuple[str, DeliveryAttempt]]:
        """Return the due deliveries of the destinations without a running attempt and the users that are below their limit."""
        attempts = self._running[channel.name]
        if len(attempts) >= channel.workers:
            return []
        full = {user for each in attempts.values() if (user := each.user_id) and self._is_user_at_limit(channel, user)}
        query = (
            select(Delivery, _DESTINATION.label("destination"))
            .where(Delivery.state == "waiting", Delivery.due_at <= now(), Delivery.channel == channel.name, channel.ready())
            .where(_DESTINATION.not_in(attempts), or_(Delivery.user_id.is_(None), Delivery.user_id.not_in(full)))
            .order_by(Delivery.due_at)
            .limit(_MAX_DUE)
        )
        due_deliveries = [(row.destination, _next_attempt(row.Delivery)) for row in session().execute(query)]
        end_read()
        return due_deliveries

    def _is_user_at_limit(self, channel: Channel, user_id: str | None) -> bool:
        running = sum(each.user_id == user_id for each in self._running[channel.name].values())
        return user_id is not None and running >= channel.workers_per_user

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
            delivered=outcome.is_delivered,
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
    if outcome.is_delivered or outcome.is_final or delivery.attempt >= _MAX_ATTEMPTS:
        values |= {"state": "delivered" if outcome.is_delivered else "failed", "due_at": now()}
    else:
        delay_s = backoff_s(delivery.attempt, first_backoff_s, factor=_BACKOFF_FACTOR, max_s=_MAX_BACKOFF_S, jitter=_BACKOFF_JITTER)
        values["due_at"] = now() + dt.timedelta(seconds=delay_s)
    return _update_if_unchanged(session, delivery.id, delivery.attempt, values)


def _update_if_unchanged(
    session: Session, delivery_id: str, attempts: int, values: dict[str, Any], *conditions: ColumnElement[bool]
) -> bool:
    """Update a waiting delivery if it still has this number of attempts and meets the conditions; return whether it did."""
    conditions_met = (Delivery.id == delivery_id, Delivery.state == "waiting", Delivery.attempts == attempts, *conditions)
    statement = update(Delivery).where(*conditions_met).values(**values).execution_options(synchronize_session=False)
    return changed_rows(session.execute(statement)) == 1


def _truncate_for_storage(text: str) -> str:
    """Truncate a text and remove NUL, which PostgreSQL cannot store."""
    return text[:_MAX_STORED_TEXT_LENGTH].replace("\0", "")


def _delete_old_deliveries() -> None:
    """Delete old deliveries, and waiting e-mails that no process sends."""
    is_abandoned = and_(Delivery.webhook_id.is_(None), Delivery.state == "waiting", Delivery.due_at < now() - _ABANDONED_AFTER)
    with transaction() as session:
        session.execute(delete(Delivery).where(or_(Delivery.due_at < now() - _RETENTION, is_abandoned)))
