"""Sends what waits in the outbox: any number of processes, each delivery claimed by one of them at a time."""

from __future__ import annotations

import datetime as dt
import random
import threading
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
from lib.clock import now
from models import Delivery
from services.outbox.port import Channel, Due, Outcome

log = structlog.get_logger(__name__)
MOST_ATTEMPTS = 10
_LONGEST_PAUSE_S = 6 * 3600.0
_GROWTH = 2.85  # from 5 s to about 6 h in nine pauses
_CLAIM_S = 90.0  # longer than an attempt may take
_EVERY_S = 1.0
_AT_ONCE = 4
_KEPT = dt.timedelta(days=30)
_STALE = dt.timedelta(days=1)  # nobody tried: no process here sends these
_TIDY_S = 3600.0
_LANE = func.coalesce(Delivery.webhook_id, Delivery.channel)


def backoff_s(attempt: int, first_s: float) -> float:
    """How long to wait after the nth failed attempt."""
    return min(_LONGEST_PAUSE_S, first_s * _GROWTH ** (attempt - 1))


class Deliverer(threading.Thread):
    """Looks each second for what is due; `wake` makes it look at once. `chores` are run every hour."""

    def __init__(
        self, in_app: Callable[[], AbstractContextManager[object]], channels: Sequence[Channel], chores: Sequence[Callable[[], object]] = ()
    ) -> None:
        super().__init__(name="outbox", daemon=True)
        self._in_app, self._channels, self._chores = in_app, {each.name: each for each in channels}, chores
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="outbox")
        self._busy: dict[str, Future[None]] = {}  # by lane (a webhook, or the channel): a slow receiver holds up itself alone
        self._woken = threading.Event()
        self._stop_asked = threading.Event()
        self._tidied_at = 0.0
        self._away = False

    def run(self) -> None:
        while not self._stop_asked.is_set():
            with self._in_app():
                self._turn()
            self._woken.wait(_EVERY_S)
            self._woken.clear()

    def wake(self) -> None:
        self._woken.set()

    def stop(self) -> None:
        """Attempts under way get a few seconds; what is cut off is tried again by whoever is there."""
        self._stop_asked.set()
        self.wake()
        if self.is_alive():
            self.join(timeout=10)
        self._pool.shutdown(wait=False, cancel_futures=True)
        wait(self._busy.values(), timeout=5)

    def _turn(self) -> None:
        try:
            end_read()
            self._busy = {lane: sending for lane, sending in self._busy.items() if not sending.done()}
            for lane, channel, due in self._waiting():
                if lane not in self._busy and len(self._busy) < _AT_ONCE and _claim(due):
                    self._busy[lane] = self._pool.submit(self._send, self._channels[channel], due)
            if time.monotonic() - self._tidied_at > _TIDY_S:
                self._tidied_at = time.monotonic()
                for chore in (_forget_old, *self._chores):
                    chore()
            self._away = False
        except OperationalError as error:
            if not self._away:  # once each time it goes
                log.warning("outbox_waits", code="database_away", detail=str(error.orig))
            self._away = True
        except Exception:
            log.exception("outbox_failed")

    def _waiting(self) -> list[tuple[str, str, Due]]:
        """The first of each lane that is free."""
        if len(self._busy) >= _AT_ONCE:
            return []
        ready = [and_(Delivery.channel == name, channel.ready()) for name, channel in self._channels.items()]
        waiting = (
            select(Delivery, _LANE.label("lane"))
            .where(Delivery.state == "waiting", Delivery.due_at <= now(), or_(*ready), _LANE.not_in(self._busy))
            .order_by(Delivery.due_at)
            .limit(10 * _AT_ONCE)
        )
        found = [(row.lane, row.Delivery.channel, _due(row.Delivery)) for row in session().execute(waiting)]
        end_read()
        return found

    def _send(self, channel: Channel, due: Due) -> None:
        with self._in_app():
            try:
                self._attempt(channel, due)
            except OperationalError as error:
                log.warning("delivery_not_noted", detail=str(error.orig))  # it is due again when the claim has run out
            except Exception:
                log.exception("delivery_crashed")
        self.wake()

    def _attempt(self, channel: Channel, due: Due) -> None:
        tried_at, outcome = now(), channel.attempt(due)
        with transaction() as writing:
            if _note(writing, due, outcome, tried_at, channel.first_backoff_s):
                channel.note(writing, due, outcome)
        log.info(
            "delivery_tried",
            delivery_id=due.id,
            channel=channel.name,
            attempt=due.attempt,
            delivered=outcome.delivered,
            error=outcome.error,
        )


def _due(row: Delivery) -> Due:
    return Due(row.id, row.attempts + 1, row.event, row.user_id, row.webhook_id, row.job_id, row.body)


def _claim(due: Due) -> bool:
    """One conditional UPDATE: of several processes, one gets it. Whoever dies with it leaves it due again."""
    with transaction() as writing:
        again = now() + dt.timedelta(seconds=_CLAIM_S)
        free = update(Delivery).where(Delivery.due_at <= now())
        return _changes(writing, due.id, due.attempt - 1, {"attempts": due.attempt, "due_at": again}, free)


def _note(writing: Session, due: Due, outcome: Outcome, tried_at: dt.datetime, first_pause_s: float) -> bool:
    """Write what became of an attempt; -> False where another has claimed it since."""
    values: dict[str, Any] = {
        "tried_at": tried_at,
        "status_code": outcome.status_code,
        "response": _short(outcome.response),
        "error": _short(outcome.error),
    }
    if outcome.delivered or outcome.final or due.attempt >= MOST_ATTEMPTS:
        values |= {"state": "delivered" if outcome.delivered else "failed", "due_at": now()}
    else:
        pause = backoff_s(due.attempt, first_pause_s) * random.uniform(0.9, 1.1)  # noqa: S311 (spreads load, hides nothing)
        values["due_at"] = now() + dt.timedelta(seconds=pause)
    return _changes(writing, due.id, due.attempt, values)


def _changes(writing: Session, delivery_id: str, attempts: int, values: dict[str, Any], which: Any = None) -> bool:
    which = update(Delivery) if which is None else which
    mine = which.where(Delivery.id == delivery_id, Delivery.state == "waiting", Delivery.attempts == attempts)
    done = writing.execute(mine.values(**values).execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", done).rowcount == 1


def _short(text: str) -> str:
    return text[:500].replace("\0", "")


def _forget_old() -> None:
    """The log, what waits for disabled webhooks, and e-mails that no process here sends."""
    stale = and_(Delivery.webhook_id.is_(None), Delivery.state == "waiting", Delivery.due_at < now() - _STALE)
    with transaction() as writing:
        writing.execute(delete(Delivery).where(or_(Delivery.due_at < now() - _KEPT, stale)))
