"""The commands of `flask` in the project's folder, and of `lectern`."""

from __future__ import annotations

import sys

import click
from flask import Flask
from flask.cli import AppGroup

LIGHT = ("slides", "captions", "bench")  # need no settings or database and must start fast


def register_commands(app: Flask) -> None:
    from commands import accounts, backup, convert, doctor, downloader, email, lesson, models, queue, search, voices, worker

    register_light_commands(app)
    for command in (
        convert.convert,
        accounts.admin,
        accounts.service_token,
        backup.backup,
        backup.restore,
        doctor.doctor,
        downloader.update_downloader,
        email.mail_commands,
        lesson.lesson,
        models.models,
        queue.queue,
        search.search,
        voices.voices,
        worker.worker,
    ):
        app.cli.add_command(command)


def register_light_commands(app: Flask) -> None:
    from commands import captions, slides

    bench = AppGroup("bench", help="Score engines on recordings of your own.")
    bench.add_command(slides.bench_slides_command)
    app.cli.add_command(slides.slides_command)
    app.cli.add_command(captions.captions_commands)
    app.cli.add_command(bench)


def is_light_command_asked() -> bool:
    """Return whether `flask` runs a command that does not need the full app."""
    if click.get_current_context(silent=True) is None:
        return False
    return next((argument for argument in sys.argv[1:] if not argument.startswith("-")), "") in LIGHT


def light_app() -> Flask:
    """Return an app with only the light commands: creating the full app takes longer than finding slides in a short recording."""
    app = Flask("lectern", static_folder=None)
    register_light_commands(app)
    return app
