"""The background parts of webhooks."""

from __future__ import annotations

from collections.abc import Sequence

from services.feature import Context, Feature
from services.outbox.port import Channel
from services.webhooks.channel import WebhookChannel


def _channels(context: Context) -> Sequence[Channel]:
    settings, current = context.settings, context.current_settings
    return [
        WebhookChannel(
            lambda: current().webhook_allow_private,
            settings.webhook_backoff_s,
            settings.webhook_disable_after_s,
            lambda: current().public_url,
        )
    ]


FEATURE = Feature("webhooks", channels=_channels)
