"""`lectern models`: list, download and delete weights of speech recognition."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

import errors
from services import speech_to_text
from services.speech_to_text import SpeechOptions, model_hub, packaged_weights

models = AppGroup("models", help="Weights of speech recognition.")


def _options() -> SpeechOptions:
    return speech_to_text.from_settings(current_app.extensions["lectern"].settings)


@models.command("list")
def list_models() -> None:
    """Print the weights on this machine, which are in use, and the names that can be pulled."""
    options = _options()
    try:
        in_use = speech_to_text.available_weights(options)
    except errors.ModelMissing as error:
        in_use = ""
        click.echo(f"{error} {error.hint}", err=True)
    installed_weights = [(each.name, "packaged") for each in packaged_weights.PACKAGED if packaged_weights.is_installed(each)]
    installed_weights += [
        (each.name, f"{each.bytes / 1e6:.0f} MB in {each.folder}") for each in model_hub.pulled_models(options.cache_folder)
    ]
    if options.model_folder is not None or options.hosted is not None:
        installed_weights.append((in_use, "SPEECH_MODEL_FOLDER" if options.hosted is None else "SPEECH_BASE_URL"))
    for name, detail in installed_weights:
        click.echo(f"{'*' if name == in_use else ' '} {name:<20} {detail}")
    further = [name for name in model_hub.known_names() if name not in dict(installed_weights)]
    click.echo(f"To pull: {', '.join(further)}, or owner/name of a faster-whisper model on {options.hub_url}.")


@models.command("pull")
@click.argument("name")
def pull(name: str) -> None:
    """Download weights; SPEECH_MODEL=NAME uses them."""
    options = _options()
    try:
        folder = model_hub.pull(name, options.cache_folder, hub_url=options.hub_url, say=click.echo)
    except errors.LecternError as error:
        raise click.ClickException(f"{error} {error.hint}") from error
    click.echo(f"{name} is in {folder}. Set SPEECH_MODEL={name} to use it.")


@models.command("remove")
@click.argument("name")
def remove(name: str) -> None:
    """Delete weights that were pulled."""
    try:
        is_removed = model_hub.remove(name, _options().cache_folder)
    except errors.LecternError as error:
        raise click.ClickException(f"{error} {error.hint}") from error
    if not is_removed:
        raise click.ClickException(f"{name} was not pulled. `lectern models list` shows what is there.")
    click.echo(f"{name} is deleted.")
