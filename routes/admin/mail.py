"""Outgoing e-mail and notices: how they are set up, and whether they arrive."""

from __future__ import annotations

from typing import Any, Literal

from apiflask import APIBlueprint
from pydantic import BaseModel, EmailStr

from bootstrap import build_mailer
from database import transaction
from models import Notice
from routes.caller import admins_only, caller
from routes.services import services
from services import audit
from services.accounts.letters import NoMail
from services.mail.port import Message
from services.tools.clock import iso, now

mail = APIBlueprint("mail", __name__, tag="Admin")
_TITLES = {"simple": "A test", "video_update": "A recording has news"}


class MailConfigOut(BaseModel):
    """Set by the environment; the password is never shown."""

    configured: bool
    smtp_host: str
    smtp_port: int
    smtp_user: str
    password_set: bool
    encryption: str
    from_email: str
    from_name: str
    recipients: list[str]


class MailTestIn(BaseModel):
    to: EmailStr | None = None


class MailTestOut(BaseModel):
    success: bool = True
    message: str
    to: str


class RecipientsOut(BaseModel):
    recipients: list[str]


class NotificationIn(BaseModel):
    type: Literal["simple", "video_update"] = "simple"


class SentOut(BaseModel):
    success: bool
    title: str
    body: str
    message: str
    timestamp: str | None


class NotificationOut(BaseModel):
    success: bool = True
    message: str
    result: SentOut


@mail.get("/email/config")
@admins_only
@mail.output(MailConfigOut)
def show_config() -> Any:
    """How e-mail goes out, without the password."""
    known = services().settings
    return MailConfigOut(
        configured=bool(known.smtp_host),
        smtp_host=known.smtp_host,
        smtp_port=known.smtp_port,
        smtp_user=known.smtp_user,
        password_set=bool(known.smtp_password.get_secret_value()),
        encryption=known.mail_encryption,
        from_email=known.mail_sender,
        from_name=known.smtp_from_name,
        recipients=list(known.notification_emails),
    )


@mail.get("/email/recipients")
@admins_only
@mail.output(RecipientsOut)
def list_recipients() -> Any:
    """Who gets a copy of every e-mail about a job."""
    return RecipientsOut(recipients=list(services().settings.notification_emails))


@mail.post("/email/test")
@admins_only
@mail.input(MailTestIn)
@mail.output(MailTestOut)
@mail.doc(responses={503: "No mail server is set, or it did not take the e-mail"})
def test_mail(json_data: MailTestIn) -> Any:
    """Send one e-mail now, to `to` or to yourself."""
    mailer = build_mailer(services().settings)
    if mailer is None:
        raise NoMail
    to = json_data.to or caller().email
    mailer.send(Message(to, "Lectern can send e-mail", "This is a test. Lectern's settings for e-mail work.\n"))
    with transaction() as writing:
        audit.note(writing, caller(), "mail.test", ("address", to[:80]))
    return MailTestOut(message=f"The mail server took an e-mail for {to}.", to=to)


@mail.post("/test-notification")
@admins_only
@mail.input(NotificationIn)
@mail.output(NotificationOut)
def test_notification(json_data: NotificationIn) -> Any:
    """Put a notice among your own, to see where it arrives."""
    title, body = _TITLES[json_data.type], "This is a test notification; nothing has happened."
    with transaction() as writing:
        writing.add(Notice(user_id=caller().user_id, kind="test", title=title, text=body))
        audit.note(writing, caller(), "notification.test", ("user", caller().user_id))
    sent = SentOut(success=True, title=title, body=body, message="It is among your notices.", timestamp=iso(now()))
    return NotificationOut(message="Test notification sent.", result=sent)
