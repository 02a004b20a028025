"""`flask backup` and `flask restore`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import IO

import click
from flask import current_app
from flask.cli import with_appcontext

import errors
from database import transaction
from migrations.upgrade import migrate
from services.operations import audit
from services.operations import backup as use_case


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@with_appcontext
def backup(file: Path) -> None:
    """Write a backup of everything to FILE (`-`: standard output). It contains secrets: protect it like the database."""
    container = current_app.extensions["lectern"]
    migrate(current_app, container.settings)
    if str(file) == "-":
        summary = use_case.write_backup(sys.stdout.buffer, container.store, container.settings.data_dir)
    else:
        part = file.with_name(f"{file.name}.part")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as target:
            summary = use_case.write_backup(target, container.store, container.settings.data_dir, click.echo)
        part.replace(file)
    for key in summary.missing:
        click.echo(f"missing in the store: {key}", err=True)
    if summary.missing:
        sys.exit(1)


@click.command("restore")
@click.argument("file", type=click.File("rb"))
@click.option("--replace", is_flag=True, help="Delete the existing data.")
@with_appcontext
def restore(file: IO[bytes], replace: bool) -> None:
    """Restore the backup FILE (`-`: standard input) into this installation, which must be empty. Stop its servers first."""
    container = current_app.extensions["lectern"]
    migrate(current_app, container.settings)
    try:
        summary = use_case.restore_backup(file, container.store, container.settings.data_dir, replace=replace, report=click.echo)
    except errors.LecternError as error:
        raise click.ClickException(f"{error.message} {error.detail} {error.hint}".strip()) from error
    with transaction() as session:
        audit.record(session, None, "restore", ("installation", ""), None, {"rows": sum(summary.rows.values()), "objects": summary.objects})
