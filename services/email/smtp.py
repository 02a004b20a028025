"""E-mail over SMTP (RFC 5321) with TLS, with STARTTLS, or unencrypted within a private network."""

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

from config import Settings
from lib.waiting import before_waiting
from services.email.port import MailRefused, MailUnavailable, Message

_CONTROLS = dict.fromkeys((*range(32), 127, 0x85, 0x2028, 0x2029), " ")


@dataclass(frozen=True)
class SmtpConfig:
    """A mail server and the sender. `ca_file`: a private certificate authority, PEM."""

    host: str
    port: int
    sender: str
    sender_name: str = ""
    user: str = ""
    password: str = ""
    tls: Literal["starttls", "tls", "none"] = "starttls"
    ca_file: Path | None = None
    timeout_s: float = 15.0

    @classmethod
    def from_settings(cls, settings: Settings) -> SmtpConfig:
        return cls(
            host=settings.smtp_host,
            port=settings.smtp_port,
            sender=settings.mail_sender,
            sender_name=settings.smtp_from_name,
            user=settings.smtp_user,
            password=settings.smtp_password.get_secret_value(),
            tls=settings.mail_encryption,
            ca_file=settings.smtp_ca_file,
        )


class SmtpMailer:
    """Opens a connection for each message: few are sent, and servers close idle connections."""

    name = "smtp"

    def __init__(self, config: SmtpConfig) -> None:
        self._place = config

    def send(self, message: Message) -> None:
        before_waiting()
        config = self._place
        email = compose(message, config)
        try:
            with self._connect() as server:
                refused_recipients = server.send_message(email, config.sender, [message.to, *message.bcc])
        except smtplib.SMTPRecipientsRefused as error:
            raise _error_for(error.recipients.get(message.to) or next(iter(error.recipients.values()))) from error
        except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
            raise _error_for((error.smtp_code, error.smtp_error), final=isinstance(error, smtplib.SMTPDataError)) from error
        except smtplib.SMTPNotSupportedError as error:
            raise MailUnavailable(f"{config.host} does not support a required feature: {error}"[:400]) from error
        except smtplib.SMTPResponseException as error:  # an invalid greeting, a wrong password
            raise MailUnavailable(_server_reply((error.smtp_code, error.smtp_error))) from error
        except UnicodeError as error:  # smtplib's login and the resolver require ASCII
            raise MailUnavailable("Server, user and password must be ASCII.") from error
        except (smtplib.SMTPException, OSError) as error:
            raise MailUnavailable(f"{config.host}:{config.port}: {type(error).__name__}: {error}"[:400]) from error
        if message.to in refused_recipients:
            raise _error_for(refused_recipients[message.to])

    @contextlib.contextmanager
    def _connect(self) -> Iterator[smtplib.SMTP]:
        config = self._place
        tls_context = ssl.create_default_context(cafile=str(config.ca_file) if config.ca_file else None)
        if config.tls == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(config.host, config.port, timeout=config.timeout_s, context=tls_context)
        else:
            server = smtplib.SMTP(config.host, config.port, timeout=config.timeout_s)
        try:
            if config.tls == "starttls":
                server.starttls(context=tls_context)  # raises if the server does not support it; never falls back to plain text
            if config.user:
                server.login(config.user, config.password)
            yield server
        finally:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                server.quit()
            server.close()


def compose(message: Message, config: SmtpConfig) -> EmailMessage:
    """Build a message of plain text and HTML, without header injection. Raises MailRefused for an invalid address."""
    domain = config.sender.rpartition("@")[2]
    email = EmailMessage(policy=SMTP)
    try:
        email["From"] = Address(display_name=_single_line(config.sender_name), addr_spec=config.sender)
        email["To"] = Address(addr_spec=message.to)
    except (ValueError, IndexError, MessageError) as error:
        raise MailRefused(f"Invalid address: {error}"[:200]) from error
    email["Subject"] = _single_line(message.subject)
    email["Date"] = formatdate()
    email["Message-ID"] = f"<{message.key}@{domain}>" if message.key else make_msgid(domain=domain)
    email["Auto-Submitted"] = "auto-generated"  # RFC 3834: suppresses automatic replies
    email.set_content(message.text)
    if message.html:
        email.add_alternative(message.html, subtype="html")
    for attachment in message.attachments:
        kind, _, subtype = attachment.content_type.partition(";")[0].partition("/")
        email.add_attachment(attachment.read(), maintype=kind, subtype=subtype, filename=_single_line(attachment.filename))
    return email


def _single_line(text: str) -> str:
    """Return one line of at most 200 characters, without lone surrogates."""
    return " ".join(text.translate(_CONTROLS).encode("utf-8", "replace").decode().split())[:200]


def _error_for(reply: tuple[int, bytes | str], *, final: bool = True) -> MailRefused | MailUnavailable:
    """4xx is temporary (RFC 5321, 4.2.1). 5xx is permanent, except about the sender, which the operator can correct."""
    return MailRefused(_server_reply(reply)) if final and reply[0] >= 500 else MailUnavailable(_server_reply(reply))


def _server_reply(reply: tuple[int, bytes | str]) -> str:
    code, text = reply
    return f"The server answered {code} {text.decode('utf-8', 'replace') if isinstance(text, bytes) else text}"[:400]
