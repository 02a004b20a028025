"""The outbox loop: claims due deliveries and sends them; any number of processes may run it."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from typing import Any, cast

import structlog
from sqlalchemy import CursorResult, and_, delete, func, or_, select, update
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
_MAX_BACKOFF_S, _BACKOFF_FACTOR, _JITTER = 6 * 3600.0, 2.85, 0.1  # from 5 s to about 6 h in nine steps
_CLAIM_S = 90.0  # longer than an attempt may take
_POLL_INTERVAL_S = 1.0
_MAX_CONCURRENT = 4
_RETENTION = dt.timedelta(days=30)
_ABANDONED_AFTER = dt.timedelta(days=1)  # never attempted: no process has this channel
_CLEANUP_INTERVAL_S = 3600.0
_LANE = func.coalesce(Delivery.webhook_id, Delivery.channel)


class Deliverer:
    """Sends due deliveries in a thread pool, checking every second and after `wake`. Runs `chores` every hour."""

    def __init__(
        self, in_app: Callable[[], AbstractContextManager[object]], channels: Sequence[Channel], chores: Sequence[Callable[[], object]] = ()
    ) -> None:
        self._in_app, self._channels, self._chores = in_app, {each.name: each for each in channels}, chores
        self._pool = ThreadPoolExecutor(_MAX_CONCURRENT, thread_name_prefix="outbox")
        self._busy: dict[str, Future[None]] = {}  # by lane (a webhook or a channel): a slow receiver delays only its own lane
        self._cleaned_up_at = 0.0
        self._loop = BackgroundLoop("outbox", self._deliver, context=in_app, every_s=_POLL_INTERVAL_S)

    def start(self) -> None:
        self._loop.start()
        self._loop.wake()

    def wake(self) -> None:
        self._loop.wake()

    def stop(self) -> None:
        """Stop the loop and wait a few seconds for running attempts; interrupted ones are due again later."""
        self._loop.stop()
        self._pool.shutdown(wait=False, cancel_futures=True)
        wait(self._busy.values(), timeout=5)

    def _deliver(self) -> None:
        end_read()
        self._busy = {lane: sending for lane, sending in self._busy.items() if not sending.done()}
        for lane, channel, delivery in self._due():
            if lane not in self._busy and len(self._busy) < _MAX_CONCURRENT and _claim(delivery):
                self._busy[lane] = self._pool.submit(self._send, self._channels[channel], delivery)
        if time.monotonic() - self._cleaned_up_at > _CLEANUP_INTERVAL_S:
            self._cleaned_up_at = time.monotonic()
            for chore in (_delete_old, *self._chores):
                chore()

    def _due(self) -> list[tuple[str, str, DeliveryAttempt]]:
        """Return the due deliveries of the lanes that are not busy."""
        if len(self._busy) >= _MAX_CONCURRENT:
            return []
        ready = [and_(Delivery.channel == name, channel.ready()) for name, channel in self._channels.items()]
        query = (
            select(Delivery, _LANE.label("lane"))
            .where(Delivery.state == "waiting", Delivery.due_at <= now(), or_(*ready), _LANE.not_in(self._busy))
            .order_by(Delivery.due_at)
            .limit(10 * _MAX_CONCURRENT)
        )
        due = [(row.lane, row.Delivery.channel, _from_row(row.Delivery)) for row in session().execute(query)]
        end_read()
        return due

    def _send(self, channel: Channel, delivery: DeliveryAttempt) -> None:
        with self._in_app():
            try:
                self._attempt(channel, delivery)
            except OperationalError as error:
                log.warning("delivery_not_recorded", detail=str(error.orig))  # due again when the claim expires
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


def _from_row(row: Delivery) -> DeliveryAttempt:
    return DeliveryAttempt(row.id, row.attempts + 1, row.event, row.user_id, row.webhook_id, row.job_id, row.body)


def _claim(delivery: DeliveryAttempt) -> bool:
    """Claim a delivery with one conditional UPDATE; return False if another process has it. A claim expires after _CLAIM_S."""
    with transaction() as session:
        expires_at = now() + dt.timedelta(seconds=_CLAIM_S)
        free = update(Delivery).where(Delivery.due_at <= now())
        return _update_claimed(session, delivery.id, delivery.attempt - 1, {"attempts": delivery.attempt, "due_at": expires_at}, free)


def _record(session: Session, delivery: DeliveryAttempt, outcome: Outcome, last_attempt_at: dt.datetime, first_backoff_s: float) -> bool:
    """Save the outcome of an attempt; return False if another process has claimed the delivery since."""
    values: dict[str, Any] = {
        "last_attempt_at": last_attempt_at,
        "status_code": outcome.status_code,
        "response": _short(outcome.response),
        "error": _short(outcome.error),
    }
    if outcome.delivered or outcome.final or delivery.attempt >= _MAX_ATTEMPTS:
        values |= {"state": "delivered" if outcome.delivered else "failed", "due_at": now()}
    else:
        delay_s = backoff_s(delivery.attempt, first_backoff_s, factor=_BACKOFF_FACTOR, max_s=_MAX_BACKOFF_S, jitter=_JITTER)
        values["due_at"] = now() + dt.timedelta(seconds=delay_s)
    return _update_claimed(session, delivery.id, delivery.attempt, values)


def _update_claimed(session: Session, delivery_id: str, attempts: int, values: dict[str, Any], which: Any = None) -> bool:
    which = update(Delivery) if which is None else which
    mine = which.where(Delivery.id == delivery_id, Delivery.state == "waiting", Delivery.attempts == attempts)
    done = session.execute(mine.values(**values).execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", done).rowcount == 1


def _short(text: str) -> str:
    return text[:500].replace("\0", "")


def _delete_old() -> None:
    """Delete old deliveries, and waiting e-mails that no process sends."""
    stale = and_(Delivery.webhook_id.is_(None), Delivery.state == "waiting", Delivery.due_at < now() - _ABANDONED_AFTER)
    with transaction() as session:
        session.execute(delete(Delivery).where(or_(Delivery.due_at < now() - _RETENTION, stale)))
