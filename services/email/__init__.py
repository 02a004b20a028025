"""Outgoing e-mail: a port and its SMTP adapter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.email.port import Mailer
from services.email.smtp import SmtpConfig, SmtpMailer

if TYPE_CHECKING:
    from config import Settings


def from_settings(settings: Settings) -> Mailer | None:
    """Return the configured mailer, or None if no mail server is set."""
    return SmtpMailer(SmtpConfig.from_settings(settings)) if settings.smtp_host else None
