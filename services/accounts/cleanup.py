"""Hourly deletion of old login failures, e-mail tokens and sessions."""

from __future__ import annotations

from services.accounts import account_emails, login_throttle, sessions


def delete_expired() -> None:
    login_throttle.delete_expired()
    account_emails.delete_expired()
    sessions.delete_expired()
