"""Sending of e-mails for outbox channels, with the mail server that is currently configured."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, false, true

from services.email.port import Mailer, MailRefused, MailUnavailable, Message
from services.outbox.port import Outcome


class MailSender:
    """Sends e-mails. During an outage, or without a mail server, deliveries wait, and the wait does not count as an attempt."""

    def __init__(self, mailer: Callable[[], Mailer | None], first_backoff_s: float) -> None:
        self._mailer, self.first_backoff_s = mailer, first_backoff_s
        self._outage_until = 0.0

    def ready(self) -> ColumnElement[bool]:
        """Return the SQL condition for deliveries that may start: none during an outage or without a mail server."""
        return true() if time.monotonic() >= self._outage_until and self._mailer() is not None else false()

    def send(self, message: Message) -> Outcome:
        mailer = self._mailer()
        if mailer is None:
            return Outcome(is_delivered=False, error="No mail server is configured any more.")
        try:
            mailer.send(message)
        except MailUnavailable as error:
            self._outage_until = time.monotonic() + self.first_backoff_s
            return Outcome(is_delivered=False, error=f"{error.message} {error.detail}")
        except MailRefused as error:
            return Outcome(is_delivered=False, is_final=True, error=f"{error.message} {error.detail}")
        return Outcome(is_delivered=True)


@dataclass(frozen=True)
class EmailChannel:
    """Base of the channels that send e-mails."""

    sender: MailSender
    workers: int = field(default=1, kw_only=True)  # one connection to the mail server at a time
    workers_per_user: int = field(default=1, kw_only=True)

    @property
    def first_backoff_s(self) -> float:
        return self.sender.first_backoff_s

    def ready(self) -> ColumnElement[bool]:
        return self.sender.ready()
