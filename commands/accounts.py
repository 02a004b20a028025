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

admin = AppGroup("admin", help="Manage administrators.")
service_token = AppGroup("service-token", help="Manage tokens for your own services: workers, transcoders, callbacks.")


@admin.command("create")
@click.argument("email")
@click.password_option(help="Prompted for if omitted.")
def create(email: str, password: str) -> None:
    """Make EMAIL a super admin with this password. An existing account loses all sessions and API keys."""
    current_app.extensions["lectern"].make_ready()
    try:
        is_new = use_case.create_super_admin(email, password)
    except errors.LecternError as error:
        raise click.ClickException(f"{error} {error.hint}") from error
    if is_new:
        click.echo(f"Created the super admin {email}.")
    else:
        click.echo(f"{email} was registered already. It is a super admin with this password now; its sessions and API keys have ended.")


@admin.command("set-password")
@click.argument("email")
@click.password_option(help="Prompted for if omitted.")
def set_password(email: str, password: str) -> None:
    """Set the password of EMAIL. All sessions and API keys of the account end."""
    current_app.extensions["lectern"].make_ready()
    try:
        use_case.set_password(email, password)
    except errors.LecternError as error:
        raise click.ClickException(f"{error} {error.hint}") from error
    click.echo(f"The password of {email} has been changed.")


@service_token.command("create")
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice(SERVICE_SCOPES), help="Can be repeated.")
@click.option("--days", type=click.IntRange(1, 3660), help="Days until it expires; default: never.")
def create_token(name: str, scopes: tuple[str, ...], days: int | None) -> None:
    """Create a token for the service NAME. It is shown only once."""
    current_app.extensions["lectern"].make_ready()
    click.echo(use_case.create_service_token(name, scopes, days))


@service_token.command("list")
def list_tokens() -> None:
    """List all service tokens, without the secrets."""
    current_app.extensions["lectern"].make_ready()
    for each in api_keys.list_service_keys():
        ends = f"revoked {iso(each.revoked_at)}" if each.revoked_at else f"expires {iso(each.expires_at) or 'never'}"
        click.echo(f"{each.id}  {each.prefix}...  {each.name}  {', '.join(each.scopes)}  {ends}")


@service_token.command("revoke")
@click.argument("token_id")
def revoke_token(token_id: str) -> None:
    """Revoke the token with this id."""
    current_app.extensions["lectern"].make_ready()
    try:
        use_case.revoke_service_token(token_id)
    except errors.NotFound as error:
        raise click.ClickException(str(error)) from error
    click.echo("The token has been revoked.")
