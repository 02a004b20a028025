"""`flask` commands: convert, slides, bench, admin create, doctor."""

from __future__ import annotations

from flask import Flask
from flask.cli import AppGroup

from commands import accounts, convert, doctor, slides


def register_commands(app: Flask) -> None:
    bench = AppGroup("bench", help="Score engines on recordings of your own.")
    bench.add_command(slides.bench_slides_command)
    for command in (convert.convert, slides.slides_command, bench, accounts.admin, doctor.doctor):
        app.cli.add_command(command)
