"""`flask mail test ADDRESS`"""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

import errors
from bootstrap import build_mailer, migrate
from services.email.port import Message

mail = AppGroup("mail", help="Outgoing e-mail.")


@mail.command("test")
@click.argument("address")
def test(address: str) -> None:
    """Send one e-mail to ADDRESS now; says what the mail server said if it takes none."""
    services = current_app.extensions["lectern"]
    migrate(current_app, services.settings)
    services.refresh_settings(at_once=True)
    settings = services.settings
    mailer = build_mailer(settings)
    if mailer is None:
        raise click.ClickException("No mail server is set: SMTP_HOST names it, SMTP_FROM the sender (or a super admin does, at /admin).")
    try:
        mailer.send(Message(address, "Lectern can send e-mail", "This is a test. Lectern's settings for e-mail work.\n"))
    except errors.LecternError as error:
        raise click.ClickException(f"{error.message} {error.detail}") from error
    click.echo(f"{settings.smtp_host}:{settings.smtp_port} took an e-mail for {address}.")
