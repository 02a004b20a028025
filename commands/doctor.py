"""`flask doctor`: what works, what is missing, and what to do."""

from __future__ import annotations

import contextlib
import re
import sys

import click
from flask import current_app
from flask.cli import with_appcontext

from config import Settings, deployment_errors, security_warnings, unused_variables
from services.operations import health
from services.speech_to_text import SpeechOptions

_PASSWORD = re.compile(r"(?<=:)[^:/@\s]+(?=@)")  # of an address: scheme://user:password@host


@click.command("doctor")
@with_appcontext
def doctor() -> None:
    """Look at everything Lectern needs; the exit code is 1 if a needed part is down."""
    services = current_app.extensions["lectern"]
    _tell_settings(services.settings)
    with contextlib.suppress(OSError):  # what stands in the way is told below
        services.settings.data_dir.mkdir(parents=True, exist_ok=True)
    speech = services.engines.get(SpeechOptions)
    results = health.check_all(services.store, speech, services.executor, services.identities, services.settings.redis)
    for each in results:
        mark = "ok      " if each.ok else "MISSING " if each.required else "optional"
        click.echo(f"{mark} {each.name:<14} {each.detail}")
    in_the_way = deployment_errors(services.settings)
    for said in in_the_way:
        click.echo(f"REFUSED  {said}")
    click.echo(f"Lectern is {'unhealthy' if in_the_way else health.status_of(results)}.")
    if in_the_way or any(each.required and not each.ok for each in results):
        sys.exit(1)


def _tell_settings(settings: Settings) -> None:
    """What is set and is not a default; secrets only as being set."""
    for name in sorted(settings.model_fields_set):
        click.echo(f"set      {name.upper():<28} {_PASSWORD.sub('**********', str(getattr(settings, name)))}")
    for feature, names in unused_variables().items():
        click.echo(f"unused   {', '.join(names)}: for {feature.replace('_', ' ').lower()}, which this version does not have")
    for said in security_warnings(settings):
        click.echo(f"WEAK     {said}")
