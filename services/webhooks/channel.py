"""Calls the addresses that users gave, signed; a webhook that fails for days is turned off."""

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
from services.outbox.port import ClaimedDelivery, Outcome
from services.webhooks.subscriptions import TEST

log = structlog.get_logger(__name__)


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """What receivers compare: `v1=` and HMAC-SHA256, in hex, over the timestamp, a dot and the body."""
    return "v1=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class WebhookChannel:
    """Any 2xx is heard; the event `test` is tried once."""

    allow_private: Callable[[], bool]
    first_backoff_s: float
    disable_after_s: float
    name: str = "webhook"

    def ready(self) -> ColumnElement[bool]:
        return or_(Delivery.event == TEST, Delivery.webhook_id.in_(select(Webhook.id).where(Webhook.active)))

    def attempt(self, due: ClaimedDelivery) -> Outcome:
        hook = session().execute(select(Webhook.url, Webhook.secret).where(Webhook.id == due.webhook_id)).one_or_none()
        end_read()  # nothing is held while the receiver thinks
        if hook is None:
            return Outcome(delivered=False, final=True)
        body, timestamp = due.body.encode(), str(int(time.time()))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"Lectern/{VERSION}",
            "Webhook-Id": due.id,
            "Webhook-Timestamp": timestamp,
            "Webhook-Signature": sign(hook.secret, timestamp, body),
        }
        once = due.event == TEST
        try:
            answer = http_client.post(hook.url, body, headers, allow_private=self.allow_private())
        except errors.LecternError as error:
            return Outcome(delivered=False, final=once, error=f"{error.message} {error.detail}")
        return Outcome(200 <= answer.status < 300, once, answer.status, answer.text)

    def record(self, writing: Session, due: ClaimedDelivery, outcome: Outcome) -> None:
        webhook = writing.get(Webhook, due.webhook_id, populate_existing=True)
        if webhook is None or (due.event == TEST and not outcome.delivered):
            return
        webhook.failing_since = None if outcome.delivered else webhook.failing_since or now()
        if webhook.failing_since and now() - webhook.failing_since >= dt.timedelta(seconds=self.disable_after_s):
            webhook.active, webhook.disabled_reason = False, "Every attempt failed for too long."
            log.info("webhook_disabled", webhook_id=webhook.id)
