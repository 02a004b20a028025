"""The background parts of projects: e-mails about invitations."""

from __future__ import annotations

from collections.abc import Sequence

from services.feature import Context, Feature
from services.outbox.port import Channel
from services.projects.invitation_email import InvitationEmailChannel


def _channels(context: Context) -> Sequence[Channel]:
    current = context.current_settings
    return [InvitationEmailChannel(context.mail, lambda: current().email_verification != "off", lambda: current().public_url)]


FEATURE = Feature("projects", channels=_channels)
