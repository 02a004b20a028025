"""Webhooks and their deliveries: requests and responses."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints, model_validator

from domain import FINAL_STATES
from lib.clock import iso
from lib.validation_messages import HTTP_URL
from models import Delivery, Webhook
from schemas.spec_hints import dependent_fields
from services.jobs.notifications import with_public_links

Url = Annotated[str, StringConstraints(strip_whitespace=True, min_length=8, max_length=2000, pattern=rf"^{HTTP_URL}$")]
Kinds = Annotated[list[Literal["succeeded", "failed", "cancelled"]], Field(min_length=1, description="Job results to be notified of.")]
Description = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


class WebhookIn(BaseModel):
    url: Url = Field(description="http or https URL that accepts POST requests.")
    events: Kinds = Field(default_factory=lambda: [str(kind) for kind in FINAL_STATES])  # type: ignore[arg-type]
    description: Description = ""


SIGNING_KEY = r"[\x21-\x7e]{16,100}"
Secret = Annotated[str, StringConstraints(pattern=f"^{SIGNING_KEY}$")]


class JobWebhookIn(BaseModel):
    """A webhook for the end of one job."""

    model_config = ConfigDict(json_schema_extra=dependent_fields("webhook_secret", "webhook_url"))

    webhook_url: Url | None = Field(None, description="http or https URL that receives an event when this job ends.")
    webhook_secret: Secret | None = Field(None, description="Key of the webhook's signatures; generated if omitted.")

    @model_validator(mode="after")
    def _secret_needs_url(self) -> JobWebhookIn:
        if self.webhook_secret and not self.webhook_url:
            raise ValueError("webhook_secret needs webhook_url")
        return self


JOB_WEBHOOK = frozenset(JobWebhookIn.model_fields)


class JobWebhookOut(BaseModel):
    """`GET /api/v1/webhooks/{id}/deliveries` lists its deliveries."""

    id: str
    url: str
    secret: str | None = Field(description="Generated key of the signatures; null if the request set one. It is not shown again.")


class WebhookPatch(BaseModel):
    url: Url | None = None
    events: Kinds | None = None
    description: Description | None = None
    active: StrictBool | None = Field(None, description="`true` enables a disabled webhook again.")

    def changes(self) -> dict[str, Any]:
        return self.model_dump(exclude_none=True)


class WebhookOut(BaseModel):
    id: str
    job_id: str | None = Field(description="The job of this webhook; null: all jobs.")
    url: str
    events: list[str]
    description: str
    active: bool
    failing_since: str | None
    disabled_reason: str
    created_at: str | None

    @classmethod
    def of(cls, webhook: Webhook, **extra_fields: str) -> WebhookOut:
        return cls(
            id=webhook.id,
            job_id=webhook.job_id,
            url=webhook.url,
            events=webhook.events,
            description=webhook.description,
            active=webhook.active,
            failing_since=iso(webhook.failing_since),
            disabled_reason=webhook.disabled_reason,
            created_at=iso(webhook.created_at),
            **extra_fields,
        )


class NewWebhookOut(WebhookOut):
    secret: str = Field(description="Key of the signatures. It is not shown again.")


class WebhooksOut(BaseModel):
    webhooks: list[WebhookOut]


class DeliveryOut(BaseModel):
    id: str = Field(description="The same for all attempts; sent as `Webhook-Id`.")
    event: str
    job_id: str | None
    state: str = Field(description="waiting, delivered or failed.")
    attempts: int
    next_attempt_at: str | None
    status_code: int | None
    response: str = Field(description="The beginning of the receiver's last response.")
    error: str
    body: str
    created_at: str | None
    last_attempt_at: str | None

    @classmethod
    def of(cls, delivery: Delivery, public_url: str) -> DeliveryOut:
        return cls(
            id=delivery.id,
            event=delivery.event,
            job_id=delivery.job_id,
            state=delivery.state,
            attempts=delivery.attempts,
            next_attempt_at=iso(delivery.due_at) if delivery.state == "waiting" else None,
            status_code=delivery.status_code,
            response=delivery.response,
            error=delivery.error,
            body=with_public_links(delivery.body, public_url),
            created_at=iso(delivery.created_at),
            last_attempt_at=iso(delivery.last_attempt_at),
        )


class DeliveriesOut(BaseModel):
    deliveries: list[DeliveryOut]
    total: int
