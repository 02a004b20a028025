"""`flask search`: the search index."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from migrations.upgrade import migrate
from services.search import indexing

search = AppGroup("search", help="The search index.")


@search.command("rebuild")
def rebuild_command() -> None:
    """Write the search index of all recordings again. Servers may run meanwhile."""
    container = current_app.extensions["lectern"]
    migrate(current_app, container.settings)
    remaining = 0
    for remaining in indexing.rebuild(container.store):
        click.echo(f"{remaining} recordings left")
    if remaining:
        raise click.ClickException("Some recordings can't be read; the log says why.")
