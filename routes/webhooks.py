"""Webhooks: addresses of the caller's that are told how jobs end."""

from __future__ import annotations

from typing import Any

from flask import Response
from pydantic import BaseModel, Field

from lib.http_client import check_url
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
from services.webhooks.subscriptions import JobHook

webhooks = Blueprint("webhooks", __name__, scope="webhooks", tag="Webhooks")


class WebhooksQuery(BaseModel):
    job_id: str | None = Field(None, max_length=36)


def job_hook(given: JobWebhookIn) -> JobHook | None:
    """The address that is to be told of the job that this request makes. Raises UrlRefused."""
    if given.webhook_url is None:
        return None
    check_url(given.webhook_url, allow_private=container().settings.webhook_allow_private)
    return JobHook(given.webhook_url, given.webhook_secret)


def made_for(job_id: str, given: JobHook | None) -> JobWebhookOut | None:
    """What its maker is told of it."""
    made = subscriptions.find_for_job(job_id) if given else None
    return JobWebhookOut(id=made.id, url=made.url, secret=None if given and given.secret else made.secret) if made else None


@webhooks.get("")
@login_required
@webhooks.input(WebhooksQuery, location="query")
@webhooks.output(WebhooksOut)
def list_webhooks(query_data: WebhooksQuery) -> Any:
    """The caller's webhooks: those that are told of all jobs, or with `job_id` those of one job."""
    return WebhooksOut(webhooks=[WebhookOut.of(each) for each in subscriptions.list_own(caller(), query_data.job_id)])


@webhooks.post("")
@login_required
@webhooks.input(WebhookIn)
@webhooks.output(NewWebhookOut, status_code=201)
@webhooks.doc(responses={409: "There are too many"})
def create_webhook(json_data: WebhookIn) -> Any:
    """Have an address told how jobs end. The answer holds the secret of its signatures, this once."""
    allowed = container().settings.webhook_allow_private
    made = subscriptions.create(caller(), **json_data.model_dump(), allow_private=allowed)
    return NewWebhookOut.of(made, secret=made.secret)


@webhooks.get("/<webhook_id>")
@login_required
@webhooks.output(WebhookOut)
@webhooks.doc(responses={404: "Not found"})
def show_webhook(webhook_id: str) -> Any:
    """One webhook, without its secret."""
    return WebhookOut.of(subscriptions.owned(caller(), webhook_id))


@webhooks.patch("/<webhook_id>")
@login_required
@webhooks.input(WebhookPatch)
@webhooks.output(WebhookOut)
@webhooks.doc(responses={404: "Not found"})
def change_webhook(webhook_id: str, json_data: WebhookPatch) -> Any:
    """Change its address, its events or its description; turn it off or on."""
    allowed = container().settings.webhook_allow_private
    return WebhookOut.of(subscriptions.change(caller(), webhook_id, allow_private=allowed, **json_data.given()))


@webhooks.delete("/<webhook_id>")
@login_required
@webhooks.output(MessageOut)
@webhooks.doc(responses={404: "Not found"})
def delete_webhook(webhook_id: str) -> Any:
    """Delete it with its log; what waits is not sent."""
    subscriptions.delete(caller(), webhook_id)
    return MessageOut(message="Deleted.")


@webhooks.post("/<webhook_id>/test")
@login_required
@webhooks.output(DeliveryOut, status_code=202)
@webhooks.doc(responses={404: "Not found"})
def test_webhook(webhook_id: str) -> Any:
    """Send it the event `test`, once; the log of deliveries says how it went."""
    delivery = DeliveryOut.of(subscriptions.test(caller(), webhook_id))
    container().deliverer.wake()
    return delivery


@webhooks.get("/<webhook_id>/deliveries")
@login_required
@webhooks.input(PageQuery, location="query")
@webhooks.output(DeliveriesOut)
@webhooks.doc(responses={404: "Not found"})
def list_deliveries(webhook_id: str, query_data: PageQuery) -> Response:
    """What it was told, newest first, and what became of it; kept for 30 days."""
    page = subscriptions.deliveries(caller(), webhook_id, query_data.paging)
    body = DeliveriesOut(deliveries=[DeliveryOut.of(each) for each in page.rows], total=page.total)
    return page_response(body, query_data, page.total)
