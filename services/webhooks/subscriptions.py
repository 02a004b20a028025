"""Webhook subscriptions of users."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

import errors
from database import notify_after_commit, session, transaction
from domain import FINAL_STATES
from lib import http_client
from lib.clock import iso, now
from lib.paging import Page, Paging, count_rows, fetch_page
from models import Delivery, Job, Webhook
from services.accounts import Caller
from services.accounts.user_lock import lock_user
from services.outbox.topics import DELIVERIES_WAITING

MAX_WEBHOOKS = 20
TEST = "test"
_MAX_WAITING_TESTS = 10  # of one user
_TEST_WAIT_S = 20


def check_url(url: str, *, allow_private: bool) -> None:
    """Raise UrlRefused unless a webhook may have this URL."""
    try:
        http_client.check_url(url, allow_private=allow_private)
    except errors.UrlRefused as error:
        hint = f"{error.hint} The operator can allow private addresses with WEBHOOK_ALLOW_PRIVATE."
        raise errors.UrlRefused(error.detail, hint=hint) from None


def create(caller: Caller, *, url: str, events: Sequence[str], description: str, allow_private: bool) -> Webhook:
    """Create a webhook; its secret is shown once. Raises UrlRefused, and Conflict if there are too many."""
    check_url(url, allow_private=allow_private)
    with transaction() as session:
        lock_user(session, caller.user_id)
        if count_rows(Webhook, *_of_all_jobs(caller)) >= MAX_WEBHOOKS:
            raise errors.Conflict(f"You already have {MAX_WEBHOOKS} webhooks.", hint="Delete one that you no longer need.")
        webhook = Webhook(user_id=caller.user_id, url=url, events=list(events), description=description, secret=_new_secret())
        session.add(webhook)
    return webhook


@dataclass(frozen=True)
class JobWebhook:
    """A webhook for one job; without a secret, one is generated."""

    url: str
    secret: str | None = None


def add_for_job(session: Session, job: Job, address: JobWebhook) -> Webhook:
    """Add a webhook for one job, deleted with the job. The caller has checked the URL."""
    secret = address.secret or _new_secret()
    webhook = Webhook(user_id=job.user_id, job_id=job.id, url=address.url, events=[str(kind) for kind in FINAL_STATES], secret=secret)
    session.add(webhook)
    session.flush()
    return webhook


def find_for_job(job_id: str) -> Webhook | None:
    """Return the newest webhook that was added for this job."""
    newest = select(Webhook).where(Webhook.job_id == job_id).order_by(Webhook.created_at.desc()).limit(1)
    return session().execute(newest).scalar_one_or_none()


def get_owned(caller: Caller, webhook_id: str) -> Webhook:
    """Return a webhook of the caller. Raises NotFound."""
    webhook = session().get(Webhook, webhook_id, populate_existing=True)
    if webhook is None or webhook.user_id != caller.user_id:
        raise errors.NotFound("webhook")
    return webhook


def list_own(caller: Caller, job_id: str | None = None) -> Sequence[Webhook]:
    """Return the caller's webhooks for all jobs, or those of one job."""
    conditions = _of_all_jobs(caller) if job_id is None else (Webhook.user_id == caller.user_id, Webhook.job_id == job_id)
    query = select(Webhook).where(*conditions).order_by(Webhook.created_at, Webhook.id)
    return session().execute(query).scalars().all()


def change(caller: Caller, webhook_id: str, *, allow_private: bool, **values: Any) -> Webhook:
    """Change a webhook. Reactivating it also delivers the waiting messages."""
    get_owned(caller, webhook_id)
    if "url" in values:
        check_url(values["url"], allow_private=allow_private)
    with transaction() as session:
        webhook = session.get_one(Webhook, webhook_id)
        for name, value in values.items():
            setattr(webhook, name, value)
        if values.get("active"):
            webhook.failing_since, webhook.disabled_reason = None, ""
    return webhook


def delete(caller: Caller, webhook_id: str) -> None:
    get_owned(caller, webhook_id)
    with transaction() as session:
        session.delete(session.get_one(Webhook, webhook_id))


def test(caller: Caller, webhook_id: str) -> Delivery:
    """Queue a delivery of the event `test`, which is attempted once. Raises TooManyRequests."""
    webhook = get_owned(caller, webhook_id)
    body = json.dumps({"event": TEST, "at": iso(now()), "job": None, "links": {}})
    with transaction() as session:
        conditions = (Delivery.user_id == webhook.user_id, Delivery.event == TEST, Delivery.state == "waiting")
        if count_rows(Delivery, *conditions) >= _MAX_WAITING_TESTS:
            raise errors.TooManyRequests(f"{_MAX_WAITING_TESTS} test events are waiting for delivery.", wait_s=_TEST_WAIT_S)
        delivery = Delivery(channel="webhook", user_id=webhook.user_id, webhook_id=webhook.id, event=TEST, body=body)
        session.add(delivery)
        notify_after_commit(DELIVERIES_WAITING)
    return delivery


def deliveries(caller: Caller, webhook_id: str, paging: Paging) -> Page[Delivery]:
    """List a webhook's deliveries, newest first. Raises NotFound."""
    of_webhook = Delivery.webhook_id == get_owned(caller, webhook_id).id
    return fetch_page(select(Delivery).where(of_webhook).order_by(Delivery.created_at.desc(), Delivery.id), paging)


def _of_all_jobs(caller: Caller) -> tuple[ColumnElement[bool], ...]:
    return Webhook.user_id == caller.user_id, Webhook.job_id.is_(None)


def _new_secret() -> str:
    return f"whsec_{secrets.token_urlsafe(32)}"
