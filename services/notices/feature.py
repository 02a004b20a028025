"""The background parts of notices."""

from __future__ import annotations

from collections.abc import Sequence

from services.feature import Context, Feature
from services.notices import inbox
from services.notices.email_channel import NoticeEmailChannel
from services.outbox.port import Channel


def _channels(context: Context) -> Sequence[Channel]:
    current = context.current_settings
    return [
        NoticeEmailChannel(
            context.mail,
            lambda: current().notification_emails,
            lambda: current().email_verification != "off",
            lambda: current().public_url,
            context.store,
            lambda: current().mail_attachment_bytes,
        )
    ]


FEATURE = Feature("notices", channels=_channels, cleanup=lambda _: [inbox.delete_old])
