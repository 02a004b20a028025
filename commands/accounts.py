"""`flask admin ...`"""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import update

import errors
from database import transaction
from models import User
from services import accounts

admin = AppGroup("admin", help="Administrators.")


@admin.command("create")
@click.argument("email")
@click.password_option(help="Asked for if left out.")
def create(email: str, password: str) -> None:
    """Make EMAIL a super admin; the account is made if there is none."""
    current_app.extensions["lectern"].make_ready()
    if len(password) < 8:
        raise click.ClickException("The password needs at least 8 characters.")
    try:
        accounts.register(email=email, password=password, role="super_admin")
        click.echo(f"{email} is registered, as super admin.")
    except errors.AlreadyRegistered:
        with transaction() as writing:
            writing.execute(update(User).where(User.email == email.strip().lower()).values(role="super_admin"))
        click.echo(f"{email} was registered before and is super admin now; the password stays as it was.")
