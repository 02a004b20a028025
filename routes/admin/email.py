"""Outgoing e-mail and notices: settings and tests."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel

from lib.clock import iso, now
from routes.caller import admin_required, caller
from routes.container import container
from routes.endpoints import Blueprint, endpoint
from schemas.email import EmailConfigIn, EmailConfigOut, EmailTestIn, EmailTestOut, RecipientIn, RecipientsIn, RecipientsOut
from services.operations import email_settings as use_case
from services.operations import test_notice

email = Blueprint("email", __name__, scope="admin", tag="Admin")
_TITLES = {"simple": "A test", "video_update": "A recording was updated"}


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


@email.get("/email/config")
@admin_required
@email.output(EmailConfigOut)
def show_config() -> Any:
    """Show the e-mail settings, without the password."""
    return _config_out()


@email.post("/email/config")
@admin_required
@email.input(EmailConfigIn)
@email.output(EmailConfigOut)
def change_config(json_data: EmailConfigIn) -> Any:
    """Change the mail server, immediately and for all processes; for super admins. Check it with `/email/test`."""
    use_case.change(caller(), container().runtime_settings.base, container().signing_key(), json_data.changes())
    return _config_out()


@email.delete("/email/config")
@admin_required
@email.output(EmailConfigOut)
def reset_config() -> Any:
    """Reset the e-mail settings to those of the environment; for super admins."""
    use_case.reset(caller(), container().runtime_settings.base)
    return _config_out()


@email.get("/email/recipients")
@admin_required
@email.output(RecipientsOut)
def list_recipients() -> Any:
    """List the addresses that get a copy of every e-mail about a job."""
    return _recipients_out()


@email.post("/email/recipients")
@admin_required
@email.input(RecipientsIn)
@email.output(RecipientsOut)
def set_recipients(json_data: RecipientsIn) -> Any:
    """Replace the list of recipients."""
    use_case.set_recipients(caller(), container().runtime_settings.base, json_data.recipients)
    return _recipients_out()


@email.post("/email/recipients/add")
@admin_required
@email.input(RecipientIn)
@email.output(RecipientsOut)
def add_recipient(json_data: RecipientIn) -> Any:
    """Add a recipient."""
    use_case.add_recipient(caller(), container().runtime_settings.base, json_data.email)
    return _recipients_out()


@email.post("/email/recipients/remove")
@admin_required
@email.input(RecipientIn)
@email.output(RecipientsOut)
@email.doc(responses={404: "Not a recipient"})
def remove_recipient(json_data: RecipientIn) -> Any:
    """Remove a recipient."""
    use_case.remove_recipient(caller(), container().runtime_settings.base, json_data.email)
    return _recipients_out()


@email.post("/email/test")
@endpoint(rate_limits=("email_sender",))
@admin_required
@email.input(EmailTestIn)
@email.output(EmailTestOut)
@email.doc(responses={503: "No mail server is set, or it rejected the e-mail"})
def test_email(json_data: EmailTestIn) -> Any:
    """Send a test e-mail now, to `to` or to yourself."""
    to = json_data.to or caller().email
    use_case.send_test(caller(), container().mailer, to)
    return EmailTestOut(message=f"The mail server accepted an e-mail for {to}.", to=to)


@email.post("/test-notification")
@endpoint(rate_limits=("email_sender",))
@admin_required
@email.input(NotificationIn)
@email.output(NotificationOut)
def test_notification(json_data: NotificationIn) -> Any:
    """Create a test notice for yourself."""
    title, body = _TITLES[json_data.type], "This is a test notification."
    test_notice.create(caller(), title, body)
    result = SentOut(success=True, title=title, body=body, message="The notice was created.", timestamp=iso(now()))
    return NotificationOut(message="Test notification sent.", result=result)


def _config_out() -> EmailConfigOut:
    container().refresh_settings(at_once=True)
    return EmailConfigOut.of(container().settings, use_case.origin())


def _recipients_out() -> RecipientsOut:
    container().refresh_settings(at_once=True)
    return RecipientsOut(recipients=list(container().settings.notification_emails))
