"""`flask mail test ADDRESS`: check the e-mail settings."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

import errors
from migrations.upgrade import migrate
from services.email.port import Message

mail_commands = AppGroup("mail", help="Outgoing e-mail.")


@mail_commands.command("test")
@click.argument("address")
def send_test_email(address: str) -> None:
    """Send a test e-mail to ADDRESS. On failure, show the mail server's response."""
    container = current_app.extensions["lectern"]
    migrate(current_app, container.settings)
    container.refresh_settings(at_once=True)
    settings = container.settings
    mailer = container.mailer
    if mailer is None:
        raise click.ClickException("No mail server is configured. Set SMTP_HOST and SMTP_FROM, or have a super admin set it at /admin.")
    try:
        mailer.send(Message(address, "Lectern can send e-mail", "This is a test. The e-mail settings of Lectern work.\n"))
    except errors.LecternError as error:
        raise click.ClickException(f"{error.message} {error.detail}") from error
    click.echo(f"{settings.smtp_host}:{settings.smtp_port} accepted an e-mail to {address}.")
