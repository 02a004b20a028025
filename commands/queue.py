"""`flask queue ...`"""

from __future__ import annotations

import getpass

import click
from flask import current_app
from flask.cli import AppGroup

from services.jobs.queue import maintenance
from services.operations import queue as use_case

queue = AppGroup("queue", help="The queue of jobs, in all processes at once.")


@queue.command("pause")
@click.argument("reason", default="")
def pause(reason: str) -> None:
    """Begin no further job until `flask queue resume`; running ones go on. REASON is shown to those who wait."""
    current_app.extensions["lectern"].make_ready()
    use_case.pause(None, reason, by=_somebody())
    _tell()


@queue.command("resume")
def resume() -> None:
    """Let jobs begin again."""
    current_app.extensions["lectern"].make_ready()
    if not use_case.resume(None, by=_somebody()):
        click.echo("The queue was not paused.")
    _tell()


@queue.command("status")
def status() -> None:
    """How many jobs wait and run, and whether the queue is paused."""
    current_app.extensions["lectern"].make_ready()
    _tell()


def _tell() -> None:
    found = maintenance.status()
    if found.pause:
        click.echo(f"Paused by {found.pause.paused_by} at {found.pause.paused_at:%Y-%m-%d %H:%M} UTC. {found.pause.reason}".rstrip())
    else:
        click.echo("Open.")
    click.echo(f"{sum(found.waiting.values())} waiting ({found.waiting['long']} of them long), {found.running} running.")


def _somebody() -> str:
    return f"{getpass.getuser()} at the command line"
