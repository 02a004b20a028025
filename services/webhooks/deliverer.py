"""Sends what waits in the outbox: any number of processes, each delivery claimed by one of them at a time."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, cast

import structlog
from sqlalchemy import CursorResult, delete, or_, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

import errors
from config import VERSION
from database import session, transaction
from models import Webhook, WebhookDelivery
from services.tools import http_client
from services.tools.clock import now
from services.webhooks.subscriptions import TEST

log = structlog.get_logger(__name__)
MOST_ATTEMPTS = 10
_LONGEST_PAUSE_S = 6 * 3600.0
_GROWTH = 2.85  # from 5 s to about 6 h in nine pauses
_CLAIM_S = 60.0  # longer than an attempt may take
_EVERY_S = 1.0
_AT_ONCE = 4
_KEPT = dt.timedelta(days=30)
_TIDY_S = 3600.0


@dataclass(frozen=True)
class DeliveryRules:
    allow_private: bool
    first_pause_s: float
    disable_after_s: float


def pause_s(attempt: int, first_s: float) -> float:
    """How long to wait after the nth failed attempt."""
    return min(_LONGEST_PAUSE_S, first_s * _GROWTH ** (attempt - 1))


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """What receivers compare: `v1=` and HMAC-SHA256, in hex, over the timestamp, a dot and the body."""
    return "v1=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


class Deliverer(threading.Thread):
    """Looks each second for what is due; `wake` makes it look at once."""

    def __init__(self, in_app: Callable[[], AbstractContextManager[object]], rules: DeliveryRules) -> None:
        super().__init__(name="webhooks", daemon=True)
        self._in_app, self._rules = in_app, rules
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="webhook")
        self._busy: dict[str, Future[None]] = {}  # by webhook: a slow receiver holds up itself alone
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
            session().rollback()
            self._busy = {webhook_id: sending for webhook_id, sending in self._busy.items() if not sending.done()}
            for each in self._due():
                if each.webhook_id not in self._busy and len(self._busy) < _AT_ONCE and _claim(each):
                    self._busy[each.webhook_id] = self._pool.submit(self._send, each.id, each.attempts + 1)
            if time.monotonic() - self._tidied_at > _TIDY_S:
                self._tidied_at = time.monotonic()
                _forget_old()
            self._away = False
        except OperationalError as error:
            if not self._away:  # once each time it goes
                log.warning("webhooks_wait", code="database_away", detail=str(error.orig))
            self._away = True
        except Exception:
            log.exception("webhooks_failed")

    def _due(self) -> list[Any]:
        """The first of each webhook that is free."""
        if len(self._busy) >= _AT_ONCE:
            return []
        waiting = (
            select(WebhookDelivery.id, WebhookDelivery.webhook_id, WebhookDelivery.attempts)
            .join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
            .where(
                WebhookDelivery.state == "waiting",
                WebhookDelivery.due_at <= now(),
                or_(Webhook.active, WebhookDelivery.event == TEST),
                WebhookDelivery.webhook_id.not_in(self._busy),
            )
            .order_by(WebhookDelivery.due_at)
            .limit(10 * _AT_ONCE)
        )
        found = list(session().execute(waiting))
        session().rollback()
        return found

    def _send(self, delivery_id: str, attempt: int) -> None:
        with self._in_app():
            try:
                self._attempt(delivery_id, attempt)
            except OperationalError as error:
                log.warning("webhook_not_noted", detail=str(error.orig))  # it is due again when the claim has run out
            except Exception:
                log.exception("webhook_crashed")
        self.wake()

    def _attempt(self, delivery_id: str, attempt: int) -> None:
        this = select(WebhookDelivery.body, WebhookDelivery.event, Webhook.id, Webhook.url, Webhook.secret)
        found = session().execute(this.join(Webhook).where(WebhookDelivery.id == delivery_id)).one_or_none()
        session().rollback()  # nothing is held while the receiver thinks
        if found is None:
            return
        body, timestamp = found.body.encode(), str(int(time.time()))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"Lectern/{VERSION}",
            "Webhook-Id": delivery_id,
            "Webhook-Timestamp": timestamp,
            "Webhook-Signature": sign(found.secret, timestamp, body),
        }
        outcome: dict[str, Any] = {"tried_at": now(), "status_code": None, "response": "", "error": ""}
        try:
            answer = http_client.post(found.url, body, headers, allow_private=self._rules.allow_private)
            outcome |= {"status_code": answer.status, "response": answer.text[:500]}
            delivered = 200 <= answer.status < 300
        except errors.LecternError as error:
            outcome["error"] = f"{error.message} {error.detail}"[:500].replace("\0", "")
            delivered = False
        with transaction() as writing:
            self._note(writing, delivery_id, attempt, found, outcome, delivered)
        log.info("webhook_tried", delivery_id=delivery_id, attempt=attempt, delivered=delivered, status=outcome["status_code"])

    def _note(self, writing: Session, delivery_id: str, attempt: int, found: Any, outcome: dict[str, Any], delivered: bool) -> None:
        last = found.event == TEST or attempt >= MOST_ATTEMPTS
        if delivered or last:
            outcome |= {"state": "delivered" if delivered else "failed", "due_at": now()}
        else:
            pause = pause_s(attempt, self._rules.first_pause_s) * random.uniform(0.9, 1.1)  # noqa: S311 (spreads load, hides nothing)
            outcome["due_at"] = now() + dt.timedelta(seconds=pause)
        if not _changes(writing, delivery_id, attempt, outcome):
            return
        webhook = writing.get(Webhook, found.id, populate_existing=True)
        if webhook is None or (found.event == TEST and not delivered):
            return
        webhook.failing_since = None if delivered else webhook.failing_since or now()
        if webhook.failing_since and now() - webhook.failing_since >= dt.timedelta(seconds=self._rules.disable_after_s):
            webhook.active, webhook.disabled_reason = False, "Every attempt failed for too long."
            log.info("webhook_disabled", webhook_id=webhook.id)


def _claim(due: Any) -> bool:
    """One conditional UPDATE: of several processes, one gets it. Whoever dies with it leaves it due again."""
    with transaction() as writing:
        again = now() + dt.timedelta(seconds=_CLAIM_S)
        free = update(WebhookDelivery).where(WebhookDelivery.due_at <= now())
        return _changes(writing, due.id, due.attempts, {"attempts": due.attempts + 1, "due_at": again}, free)


def _changes(writing: Session, delivery_id: str, attempts: int, values: dict[str, Any], which: Any = None) -> bool:
    which = update(WebhookDelivery) if which is None else which
    mine = which.where(WebhookDelivery.id == delivery_id, WebhookDelivery.state == "waiting", WebhookDelivery.attempts == attempts)
    done = writing.execute(mine.values(**values).execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", done).rowcount == 1


def _forget_old() -> None:
    with transaction() as writing:
        writing.execute(delete(WebhookDelivery).where(WebhookDelivery.due_at < now() - _KEPT))  # waiting ones of disabled webhooks too
