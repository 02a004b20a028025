"""Outgoing e-mail and notices: how they are set up, and whether they arrive."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel

from lib.clock import iso, now
from routes.caller import admins_only, caller
from routes.container import container
from routes.endpoints import Blueprint, endpoint
from schemas.mail import MailConfigIn, MailConfigOut, MailTestIn, MailTestOut, RecipientIn, RecipientsIn, RecipientsOut
from services.operations import email_settings as use_case
from services.operations import test_notice

mail = Blueprint("mail", __name__, scope="admin", tag="Admin")
_TITLES = {"simple": "A test", "video_update": "A recording has news"}


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
    return _shown()


@mail.post("/email/config")
@admins_only
@mail.input(MailConfigIn)
@mail.output(MailConfigOut)
def change_config(json_data: MailConfigIn) -> Any:
    """Set the mail server, at once and for every process; for super admins. Try it with `test`."""
    use_case.change(caller(), container().runtime_settings.base, container().signing_key(), json_data.given())
    return _shown()


@mail.delete("/email/config")
@admins_only
@mail.output(MailConfigOut)
def reset_config() -> Any:
    """Back to what the environment says; for super admins."""
    use_case.reset(caller(), container().runtime_settings.base)
    return _shown()


@mail.get("/email/recipients")
@admins_only
@mail.output(RecipientsOut)
def list_recipients() -> Any:
    """Who gets a copy of every e-mail about a job."""
    return _recipients()


@mail.post("/email/recipients")
@admins_only
@mail.input(RecipientsIn)
@mail.output(RecipientsOut)
def set_recipients(json_data: RecipientsIn) -> Any:
    """Name all of them."""
    use_case.set_recipients(caller(), container().runtime_settings.base, json_data.recipients)
    return _recipients()


@mail.post("/email/recipients/add")
@admins_only
@mail.input(RecipientIn)
@mail.output(RecipientsOut)
def add_recipient(json_data: RecipientIn) -> Any:
    """One more."""
    use_case.add_recipient(caller(), container().runtime_settings.base, json_data.email)
    return _recipients()


@mail.post("/email/recipients/remove")
@admins_only
@mail.input(RecipientIn)
@mail.output(RecipientsOut)
@mail.doc(responses={404: "Gets no copies"})
def remove_recipient(json_data: RecipientIn) -> Any:
    """One less."""
    use_case.remove_recipient(caller(), container().runtime_settings.base, json_data.email)
    return _recipients()


@mail.post("/email/test")
@endpoint(rate_limits=("email_sender",))
@admins_only
@mail.input(MailTestIn)
@mail.output(MailTestOut)
@mail.doc(responses={503: "No mail server is set, or it did not take the e-mail"})
def test_mail(json_data: MailTestIn) -> Any:
    """Send one e-mail now, to `to` or to yourself."""
    to = json_data.to or caller().email
    use_case.send_test(caller(), container().mailer, to)
    return MailTestOut(message=f"The mail server took an e-mail for {to}.", to=to)


@mail.post("/test-notification")
@endpoint(rate_limits=("email_sender",))
@admins_only
@mail.input(NotificationIn)
@mail.output(NotificationOut)
def test_notification(json_data: NotificationIn) -> Any:
    """Put a notice among your own, to see where it arrives."""
    title, body = _TITLES[json_data.type], "This is a test notification; nothing has happened."
    test_notice.create(caller(), title, body)
    sent = SentOut(success=True, title=title, body=body, message="It is among your notices.", timestamp=iso(now()))
    return NotificationOut(message="Test notification sent.", result=sent)


def _shown() -> MailConfigOut:
    container().refresh_settings(at_once=True)
    return MailConfigOut.of(container().settings, use_case.origin())


def _recipients() -> RecipientsOut:
    container().refresh_settings(at_once=True)
    return RecipientsOut(recipients=list(container().settings.notification_emails))
