"""`flask queue`: pause, resume and show the queue."""

from __future__ import annotations

import getpass

import click
from flask import current_app
from flask.cli import AppGroup

from services.jobs.queue.status import load_status
from services.operations import queue as use_case

queue = AppGroup("queue", help="The job queue of all processes.")


@queue.command("pause")
@click.argument("reason", default="")
def pause_command(reason: str) -> None:
    """Start no further job until `flask queue resume`; running jobs continue. Users of queued jobs see REASON."""
    current_app.extensions["lectern"].make_ready()
    use_case.pause(None, reason, operator=_operator())
    _print_status()


@queue.command("resume")
def resume_command() -> None:
    """Let jobs start again."""
    current_app.extensions["lectern"].make_ready()
    if not use_case.resume(None, operator=_operator()):
        click.echo("The queue was not paused.")
    _print_status()


@queue.command("status")
def status_command() -> None:
    """Show how many jobs are queued and running, and whether the queue is paused."""
    current_app.extensions["lectern"].make_ready()
    _print_status()


def _print_status() -> None:
    status = load_status()
    if status.pause:
        click.echo(f"Paused by {status.pause.paused_by} at {status.pause.paused_at:%Y-%m-%d %H:%M} UTC. {status.pause.reason}".rstrip())
    else:
        click.echo("Not paused.")
    click.echo(f"{sum(status.waiting.values())} waiting ({status.waiting['long']} of them long), {status.running} running.")


def _operator() -> str:
    return f"{getpass.getuser()} at the command line"
