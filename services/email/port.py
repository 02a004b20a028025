"""What sends e-mail, and what goes wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import errors


@dataclass(frozen=True)
class Message:
    """One e-mail. `key` is the same however often it is sent: readers' programs show it once. `also`: further recipients, unseen."""

    to: str
    subject: str
    text: str
    html: str = ""
    key: str = ""
    bcc: tuple[str, ...] = ()


class MailRefused(errors.LecternError):
    """The mail server takes no such e-mail."""

    code = "mail_refused"
    status = 422
    hint = "Check the address."


class MailUnavailable(errors.TransientError):
    """The mail server did not take the e-mail now."""

    code = "mail_unavailable"
    hint = "Nothing is lost; it is sent again by itself. `flask mail test ADDRESS` shows what is wrong."


class Mailer(Protocol):
    name: str

    def send(self, message: Message) -> None:
        """Hand one message over. Raises MailRefused (this message will never go) and MailUnavailable (later it may)."""
        ...
