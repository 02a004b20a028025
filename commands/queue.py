"""`flask queue`: pause, resume and show the queue."""

from __future__ import annotations

import getpass

import click
from flask import current_app
from flask.cli import AppGroup

from services.jobs.queue import maintenance
from services.operations import queue as use_case

queue = AppGroup("queue", help="The job queue of all processes.")


@queue.command("pause")
@click.argument("reason", default="")
def pause(reason: str) -> None:
    """Start no further job until `flask queue resume`; running jobs continue. Users of queued jobs see REASON."""
    current_app.extensions["lectern"].make_ready()
    use_case.pause(None, reason, by=_operator())
    _print_status()


@queue.command("resume")
def resume() -> None:
    """Let jobs start again."""
    current_app.extensions["lectern"].make_ready()
    if not use_case.resume(None, by=_operator()):
        click.echo("The queue was not paused.")
    _print_status()


@queue.command("status")
def status() -> None:
    """Show how many jobs are queued and running, and whether the queue is paused."""
    current_app.extensions["lectern"].make_ready()
    _print_status()


def _print_status() -> None:
    state = maintenance.status()
    if state.pause:
        click.echo(f"Paused by {state.pause.paused_by} at {state.pause.paused_at:%Y-%m-%d %H:%M} UTC. {state.pause.reason}".rstrip())
    else:
        click.echo("Open.")
    click.echo(f"{sum(state.waiting.values())} waiting ({state.waiting['long']} of them long), {state.running} running.")


def _operator() -> str:
    return f"{getpass.getuser()} at the command line"
