"""The program `lectern`: every command, in any folder."""

from __future__ import annotations

from flask import Flask
from flask.cli import FlaskGroup

from cli import is_light_command_asked, light_app
from commands.serve import serve
from lib.garbage_collection import pause_garbage_collection


def main() -> None:
    """Run the program `lectern`, in any folder."""
    group = FlaskGroup(name="lectern", create_app=_create_app, add_default_commands=False, add_version_option=False, load_dotenv=False)
    group.help = "Turn lectures into documents. Settings come from the environment and from `.env` in the current folder."
    group.params = []  # Flask's --app, --env-file and --debug
    group.add_command(serve)
    group.main(prog_name="lectern")


def _create_app() -> Flask:
    if is_light_command_asked():
        return light_app()
    with pause_garbage_collection():
        from app import create_app  # it takes seconds

        return create_app()
