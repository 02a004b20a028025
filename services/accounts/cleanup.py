"""What an hourly chore takes away: old pauses, spent mails' tokens, log-ins that ended long ago."""

from __future__ import annotations

from services.accounts import account_emails, login_throttle, sessions


def tidy() -> None:
    login_throttle.forget_old()
    account_emails.forget_old()
    sessions.forget_old()
