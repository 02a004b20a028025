"""E-mail over SMTP (RFC 5321), by TLS from the start, by STARTTLS, or on a network of one's own by neither."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid
from pathlib import Path
from typing import Literal

from services.email.port import MailRefused, MailUnavailable, Message

_CONTROLS = dict.fromkeys((*range(32), 127, 0x85, 0x2028, 0x2029), " ")


@dataclass(frozen=True)
class SmtpConfig:
    """A mail server and who writes. `ca_file`: a certificate authority of one's own, PEM."""

    host: str
    port: int
    sender: str
    sender_name: str = ""
    user: str = ""
    password: str = ""
    tls: Literal["starttls", "tls", "none"] = "starttls"
    ca_file: Path | None = None
    timeout_s: float = 15.0


class SmtpMailer:
    """A connection per message: few are sent, and none is left open for the server to end."""

    name = "smtp"

    def __init__(self, config: SmtpConfig) -> None:
        self._place = config

    def send(self, message: Message) -> None:
        config = self._place
        made = compose(message, config)
        try:
            with self._connected() as server:
                refused = server.send_message(made, config.sender, [message.to, *message.bcc])
        except smtplib.SMTPRecipientsRefused as error:
            raise _error_for(error.recipients.get(message.to) or next(iter(error.recipients.values()))) from error
        except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
            raise _error_for((error.smtp_code, error.smtp_error), final=isinstance(error, smtplib.SMTPDataError)) from error
        except smtplib.SMTPNotSupportedError as error:
            raise MailUnavailable(f"{config.host} does not offer what is asked of it: {error}"[:400]) from error
        except smtplib.SMTPResponseException as error:  # a greeting that is none, a wrong password
            raise MailUnavailable(_server_reply((error.smtp_code, error.smtp_error))) from error
        except UnicodeError as error:  # smtplib's log-in and the resolver take plain letters alone
            raise MailUnavailable("Server, user and password have to be plain ASCII.") from error
        except (smtplib.SMTPException, OSError) as error:
            raise MailUnavailable(f"{config.host}:{config.port}: {type(error).__name__}: {error}"[:400]) from error
        if message.to in refused:
            raise _error_for(refused[message.to])

    @contextlib.contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        config = self._place
        trusted = ssl.create_default_context(cafile=str(config.ca_file) if config.ca_file else None)
        if config.tls == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(config.host, config.port, timeout=config.timeout_s, context=trusted)
        else:
            server = smtplib.SMTP(config.host, config.port, timeout=config.timeout_s)
        try:
            if config.tls == "starttls":
                server.starttls(context=trusted)  # raises where the server has none: never in the clear instead
            if config.user:
                server.login(config.user, config.password)
            yield server
        finally:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                server.quit()
            server.close()


def compose(message: Message, config: SmtpConfig) -> EmailMessage:
    """Plain text, and HTML beside it. Nothing in a header can begin another. Raises MailRefused for an address that is none."""
    domain = config.sender.rpartition("@")[2]
    made = EmailMessage(policy=SMTP)
    try:
        made["From"] = Address(display_name=_single_line(config.sender_name), addr_spec=config.sender)
        made["To"] = Address(addr_spec=message.to)
    except (ValueError, IndexError, MessageError) as error:
        raise MailRefused(f"It is no address: {error}"[:200]) from error
    made["Subject"] = _single_line(message.subject)
    made["Date"] = formatdate()
    made["Message-ID"] = f"<{message.key}@{domain}>" if message.key else make_msgid(domain=domain)
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: holiday replies stay at home
    made.set_content(message.text)
    if message.html:
        made.add_alternative(message.html, subtype="html")
    return made


def _single_line(text: str) -> str:
    """One line of at most 200 characters, without halves of surrogate pairs."""
    return " ".join(text.translate(_CONTROLS).encode("utf-8", "replace").decode().split())[:200]


def _error_for(answer: tuple[int, bytes | str], *, final: bool = True) -> MailRefused | MailUnavailable:
    """4xx passes (RFC 5321, 4.2.1); 5xx about a recipient or the contents does not, about the sender the operator can mend it."""
    return MailRefused(_server_reply(answer)) if final and answer[0] >= 500 else MailUnavailable(_server_reply(answer))


def _server_reply(answer: tuple[int, bytes | str]) -> str:
    code, words = answer
    return f"It said {code} {words.decode('utf-8', 'replace') if isinstance(words, bytes) else words}"[:400]
