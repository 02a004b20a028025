"""Settings of webhooks and notification e-mails."""

from __future__ import annotations

from pydantic import BaseModel, Field

from config.types import CommaSeparated


class NotificationSettings(BaseModel):
    """Notifications"""

    webhook_allow_private: bool = Field(False, description="Whether webhooks may use private, loopback and link-local addresses.")
    webhook_backoff_s: float = Field(
        5.0, gt=0, le=3600, description="Delay after the first failed attempt of a webhook, seconds; later delays are longer."
    )
    webhook_disable_after_s: int = Field(3 * 86400, ge=1, description="Seconds of uninterrupted failure after which a webhook is disabled.")
    notification_emails: CommaSeparated = Field((), description="Addresses that get a copy of each e-mail about a job, comma-separated.")
