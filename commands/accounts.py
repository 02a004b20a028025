"""`flask admin ...`"""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

import errors
from lib.clock import iso
from services.accounts import api_keys
from services.accounts.scopes import SERVICE_SCOPES
from services.operations import operator as use_case

admin = AppGroup("admin", help="Administrators.")
service_token = AppGroup("service-token", help="Keys for programs of one's own: workers, transcoders, callbacks.")


@admin.command("create")
@click.argument("email")
@click.password_option(help="Asked for if left out.")
def create(email: str, password: str) -> None:
    """Make EMAIL a super admin with this password. Who has registered that address before loses every log-in and API key."""
    current_app.extensions["lectern"].make_ready()
    try:
        is_new = use_case.create_super_admin(email, password)
    except errors.LecternError as error:
        raise click.ClickException(f"{error} {error.hint}") from error
    if is_new:
        click.echo(f"{email} is registered, as super admin.")
    else:
        click.echo(f"{email} was registered before: super admin now, with this password; earlier log-ins and API keys have ended.")


@admin.command("set-password")
@click.argument("email")
@click.password_option(help="Asked for if left out.")
def set_password(email: str, password: str) -> None:
    """Set another password for EMAIL; every log-in and API key of that account ends."""
    current_app.extensions["lectern"].make_ready()
    try:
        use_case.set_password(email, password)
    except errors.LecternError as error:
        raise click.ClickException(f"{error} {error.hint}") from error
    click.echo(f"{email} has another password.")


@service_token.command("create")
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice(SERVICE_SCOPES), help="May be given several times.")
@click.option("--days", type=click.IntRange(1, 3660), help="Until it expires; left out: never.")
def create_token(name: str, scopes: tuple[str, ...], days: int | None) -> None:
    """Make a token for the program NAME; it is shown this once."""
    current_app.extensions["lectern"].make_ready()
    click.echo(use_case.create_service_token(name, scopes, days))


@service_token.command("list")
def list_tokens() -> None:
    """Show the tokens there are, without the tokens themselves."""
    current_app.extensions["lectern"].make_ready()
    for each in api_keys.list_service_keys():
        ends = f"revoked {iso(each.revoked_at)}" if each.revoked_at else f"expires {iso(each.expires_at) or 'never'}"
        click.echo(f"{each.id}  {each.prefix}...  {each.name}  {', '.join(each.scopes)}  {ends}")


@service_token.command("revoke")
@click.argument("token_id")
def revoke_token(token_id: str) -> None:
    """End the token with this id at once."""
    current_app.extensions["lectern"].make_ready()
    try:
        use_case.revoke_service_token(token_id)
    except errors.NotFound as error:
        raise click.ClickException(str(error)) from error
    click.echo("The token has been revoked.")
