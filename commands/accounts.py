"""`flask admin ...`"""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import select, update

import errors
from database import transaction
from models import User
from services import accounts
from services.accounts import api_keys, profile
from services.accounts.people import normal
from services.accounts.scopes import SERVICE_SCOPES
from services.tools.clock import iso

admin = AppGroup("admin", help="Administrators.")
service_token = AppGroup("service-token", help="Keys for programs of one's own: workers, transcoders, callbacks.")


@admin.command("create")
@click.argument("email")
@click.password_option(help="Asked for if left out.")
def create(email: str, password: str) -> None:
    """Make EMAIL a super admin with this password. Who has registered that address before loses every log-in and API key."""
    current_app.extensions["lectern"].make_ready()
    if len(password) < 8:
        raise click.ClickException("The password needs at least 8 characters.")
    try:
        accounts.register(email=email, password=password, role="super_admin", email_verified=True)
        click.echo(f"{email} is registered, as super admin.")
    except errors.AlreadyRegistered:
        with transaction() as writing:
            user_id = writing.execute(select(User.id).where(User.email == normal(email))).scalar_one()
            values = {"role": "super_admin", "status": "active", "email_verified": True}
            writing.execute(update(User).where(User.id == user_id).values(**values))
            profile.set_password(user_id, password)
        click.echo(f"{email} was registered before: super admin now, with this password; earlier log-ins and API keys have ended.")


@admin.command("set-password")
@click.argument("email")
@click.password_option(help="Asked for if left out.")
def set_password(email: str, password: str) -> None:
    """Set another password for EMAIL; every log-in and API key of that account ends."""
    current_app.extensions["lectern"].make_ready()
    user = accounts.find(email)
    if user is None:
        raise click.ClickException("There is no such account.")
    if len(password) < 8:
        raise click.ClickException("The password needs at least 8 characters.")
    profile.set_password(user.id, password)
    click.echo(f"{user.email} has another password.")


@service_token.command("create")
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice(SERVICE_SCOPES), help="May be given several times.")
@click.option("--days", type=click.IntRange(1, 3660), help="Until it expires; left out: never.")
def create_token(name: str, scopes: tuple[str, ...], days: int | None) -> None:
    """Make a token for the program NAME; it is shown this once."""
    current_app.extensions["lectern"].make_ready()
    _, key = api_keys.create_for_service(name=name, scopes=scopes, life_days=days)
    click.echo(key)


@service_token.command("list")
def list_tokens() -> None:
    """Show the tokens there are, without the tokens themselves."""
    current_app.extensions["lectern"].make_ready()
    for each in api_keys.list_of_services():
        ends = f"revoked {iso(each.revoked_at)}" if each.revoked_at else f"expires {iso(each.expires_at) or 'never'}"
        click.echo(f"{each.id}  {each.prefix}...  {each.name}  {', '.join(each.scopes)}  {ends}")


@service_token.command("revoke")
@click.argument("token_id")
def revoke_token(token_id: str) -> None:
    """End the token with this id at once."""
    current_app.extensions["lectern"].make_ready()
    try:
        api_keys.revoke_of_service(token_id)
    except errors.NotFound as error:
        raise click.ClickException(str(error)) from error
    click.echo("The token has been revoked.")
