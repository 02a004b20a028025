"""The port for sending e-mail, and its errors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import errors


@dataclass(frozen=True)
class Attachment:
    """A file of an e-mail. `read` returns its bytes, when the e-mail is being sent."""

    filename: str
    content_type: str
    read: Callable[[], bytes]


@dataclass(frozen=True)
class Message:
    """An e-mail. `key`: stable over retries, so that mail programs show duplicates once. `bcc`: further, hidden recipients."""

    to: str
    subject: str
    text: str
    html: str = ""
    key: str = ""
    bcc: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()


class MailRefused(errors.LecternError):
    """The mail server rejected the e-mail."""

    code = "mail_refused"
    status = 422
    hint = "Check the address."


class MailUnavailable(errors.TransientError):
    """The mail server cannot accept the e-mail now."""

    code = "mail_unavailable"
    hint = "It is retried automatically. `flask mail test ADDRESS` shows the cause."


class Mailer(Protocol):
    name: str

    def send(self, message: Message) -> None:
        """Send a message. Raises MailRefused (permanent) and MailUnavailable (may succeed later)."""
        ...
