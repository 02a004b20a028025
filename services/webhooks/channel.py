"""Webhook delivery: signed POST requests; a webhook that fails for days is disabled."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

import errors
from config import VERSION
from database import end_read, session
from lib import http_client
from lib.clock import now
from models import Delivery, Webhook
from services.jobs.notifications import with_public_links
from services.outbox.port import DeliveryAttempt, Outcome
from services.webhooks.subscriptions import TEST

log = structlog.get_logger(__name__)


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Return the signature: `v1=` and the hex HMAC-SHA256 of timestamp, dot and body."""
    return "v1=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class WebhookChannel:
    """Status 2xx means delivered. The event `test` is attempted once."""

    allow_private: Callable[[], bool]
    first_backoff_s: float
    disable_after_s: float
    public_url: Callable[[], str] = lambda: ""
    name: str = "webhook"
    workers: int = 8
    workers_per_user: int = 2

    def ready(self) -> ColumnElement[bool]:
        return or_(Delivery.event == TEST, Delivery.webhook_id.in_(select(Webhook.id).where(Webhook.active)))

    def attempt(self, delivery: DeliveryAttempt) -> Outcome:
        hook = session().execute(select(Webhook.url, Webhook.secret).where(Webhook.id == delivery.webhook_id)).one_or_none()
        end_read()  # hold no connection while the receiver answers
        if hook is None:
            return Outcome(is_delivered=False, is_final=True)
        body, timestamp = with_public_links(delivery.body, self.public_url()).encode(), str(int(time.time()))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"Lectern/{VERSION}",
            "Webhook-Id": delivery.id,
            "Webhook-Timestamp": timestamp,
            "Webhook-Signature": sign(hook.secret, timestamp, body),
        }
        is_test = delivery.event == TEST
        try:
            response = http_client.post(hook.url, body, headers, allow_private=self.allow_private())
        except errors.LecternError as error:
            return Outcome(is_delivered=False, is_final=is_test, error=f"{error.message} {error.detail}")
        return Outcome(200 <= response.status < 300, is_test, response.status, response.text)

    def record(self, session: Session, delivery: DeliveryAttempt, outcome: Outcome) -> None:
        webhook = session.get(Webhook, delivery.webhook_id, populate_existing=True)
        if webhook is None or (delivery.event == TEST and not outcome.is_delivered):
            return
        webhook.failing_since = None if outcome.is_delivered else webhook.failing_since or now()
        if webhook.failing_since and now() - webhook.failing_since >= dt.timedelta(seconds=self.disable_after_s):
            webhook.active, webhook.disabled_reason = False, "All deliveries failed for too long."
            log.info("webhook_disabled", webhook_id=webhook.id)
