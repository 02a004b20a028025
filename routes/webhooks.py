"""Webhooks: URLs of the caller that receive an event when a job ends."""

from __future__ import annotations

from typing import Any

from flask import Response
from pydantic import BaseModel, Field

from routes.caller import caller, login_required
from routes.container import container
from routes.endpoints import Blueprint
from routes.paging import PageQuery, page_response
from schemas.accounts import MessageOut
from schemas.webhooks import (
    DeliveriesOut,
    DeliveryOut,
    JobWebhookIn,
    JobWebhookOut,
    NewWebhookOut,
    WebhookIn,
    WebhookOut,
    WebhookPatch,
    WebhooksOut,
)
from services.webhooks import subscriptions
from services.webhooks.subscriptions import JobWebhook

webhooks = Blueprint("webhooks", __name__, scope="webhooks", tag="Webhooks")


class WebhooksQuery(BaseModel):
    job_id: str | None = Field(None, max_length=36)


def webhook_target(payload: JobWebhookIn) -> JobWebhook | None:
    """Return the webhook that a request asks for its job. Raises UrlRefused."""
    if payload.webhook_url is None:
        return None
    subscriptions.check_url(payload.webhook_url, allow_private=container().settings.webhook_allow_private)
    return JobWebhook(payload.webhook_url, payload.webhook_secret)


def job_webhook_out(job_id: str, target: JobWebhook | None) -> JobWebhookOut | None:
    """Describe the webhook of a new job; the secret is included only if it was generated."""
    webhook = subscriptions.find_for_job(job_id) if target else None
    if webhook is None or target is None:
        return None
    return JobWebhookOut(id=webhook.id, url=webhook.url, secret=None if target.secret else webhook.secret)


@webhooks.get("")
@login_required
@webhooks.input(WebhooksQuery, location="query")
@webhooks.output(WebhooksOut)
def list_webhooks(query_data: WebhooksQuery) -> Any:
    """List the caller's webhooks for all jobs, or with `job_id` those of one job."""
    return WebhooksOut(webhooks=[WebhookOut.of(each) for each in subscriptions.list_own(caller(), query_data.job_id)])


@webhooks.post("")
@login_required
@webhooks.input(WebhookIn)
@webhooks.output(NewWebhookOut, status_code=201)
@webhooks.doc(responses={409: "Too many webhooks"})
def create_webhook(json_data: WebhookIn) -> Any:
    """Add a webhook. Only this response contains the secret of its signatures."""
    allow_private = container().settings.webhook_allow_private
    webhook = subscriptions.create(caller(), **json_data.model_dump(), allow_private=allow_private)
    return NewWebhookOut.of(webhook, secret=webhook.secret)


@webhooks.get("/<webhook_id>")
@login_required
@webhooks.output(WebhookOut)
@webhooks.doc(responses={404: "Not found"})
def show_webhook(webhook_id: str) -> Any:
    """Show a webhook, without its secret."""
    return WebhookOut.of(subscriptions.get_owned(caller(), webhook_id))


@webhooks.patch("/<webhook_id>")
@login_required
@webhooks.input(WebhookPatch)
@webhooks.output(WebhookOut)
@webhooks.doc(responses={404: "Not found"})
def change_webhook(webhook_id: str, json_data: WebhookPatch) -> Any:
    """Change a webhook's URL, events or description, or turn it off or on."""
    allow_private = container().settings.webhook_allow_private
    return WebhookOut.of(subscriptions.change(caller(), webhook_id, allow_private=allow_private, **json_data.changes()))


@webhooks.delete("/<webhook_id>")
@login_required
@webhooks.output(MessageOut)
@webhooks.doc(responses={404: "Not found"})
def delete_webhook(webhook_id: str) -> Any:
    """Delete a webhook and its delivery log; waiting deliveries are not sent."""
    subscriptions.delete(caller(), webhook_id)
    return MessageOut(message="Deleted.")


@webhooks.post("/<webhook_id>/test")
@login_required
@webhooks.output(DeliveryOut, status_code=202)
@webhooks.doc(responses={404: "Not found"})
def test_webhook(webhook_id: str) -> Any:
    """Send the event `test` once; the delivery log shows the result."""
    return DeliveryOut.of(subscriptions.test(caller(), webhook_id), container().settings.public_url)


@webhooks.get("/<webhook_id>/deliveries")
@login_required
@webhooks.input(PageQuery, location="query")
@webhooks.output(DeliveriesOut)
@webhooks.doc(responses={404: "Not found"})
def list_deliveries(webhook_id: str, query_data: PageQuery) -> Response:
    """List a webhook's deliveries and their results, newest first; they are kept for 30 days."""
    page = subscriptions.deliveries(caller(), webhook_id, query_data.paging)
    body = DeliveriesOut(deliveries=[DeliveryOut.of(each, container().settings.public_url) for each in page.rows], total=page.total)
    return page_response(body, query_data, page.total)
