"""`flask doctor`: check the installation."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import sys

import click
from flask import current_app
from flask.cli import with_appcontext

import errors
from config import Settings, deployment_errors, security_warnings, unused_variables
from lib.clock import now
from lib.programs import find_program
from pipelines.prices import unknown_prices
from services.downloaders import js_runtime, release
from services.media import ffmpeg_versions
from services.operations import health
from services.payments import PaymentProvider
from services.speech_to_text import SpeechOptions
from services.speech_to_text.devices import choose_device
from services.subscriptions import price_check
from services.subscriptions.plans import PlanTable

_VULNERABILITIES = (
    f" has published vulnerabilities that {'.'.join(map(str, ffmpeg_versions.MIN_SAFE_VERSION))} fixes; update it, unless your"
    " distribution has backported the fixes (https://ffmpeg.org/security.html)"
)
_PASSWORD = re.compile(r"(?<=:)[^:/@\s]+(?=@)")  # in URLs: scheme://user:password@host


@click.command("doctor")
@with_appcontext
def doctor() -> None:
    """Check everything that Lectern needs. The exit code is 1 if a required part, a setting or the payment provider fails."""
    container = current_app.extensions["lectern"]
    _print_settings(container.settings)
    with contextlib.suppress(OSError):  # reported by the checks below
        container.settings.data_dir.mkdir(parents=True, exist_ok=True)
    speech = container.engines.get(SpeechOptions)
    results = health.check_all(container.store, speech, container.executor, container.identities, container.settings.redis)
    for each in results:
        mark = "ok      " if each.ok else "MISSING " if each.is_required else "optional"
        click.echo(f"{mark} {each.name:<14} {each.detail}")
    _print_ffmpeg()
    _print_speech_device(speech)
    _print_downloader(now().date())
    _print_deck_programs()
    _print_js_runtime(container.settings)
    refusals = [*deployment_errors(container.settings), *unknown_prices(container.settings.credit_prices)]
    for message in refusals:
        click.echo(f"REFUSED  {message}")
    if (payments := container.payments) is not None:
        refusals += _print_payments(payments, PlanTable.from_settings(container.settings))
    click.echo(f"Lectern is {'unhealthy' if refusals else health.status_of(results)}.")
    if refusals or any(each.is_required and not each.ok for each in results):
        sys.exit(1)


def _print_ffmpeg() -> None:
    """Print the versions of ffmpeg that decode uploads, and mark those with published vulnerabilities."""
    with contextlib.suppress(errors.ProgramMissing, errors.ProgramFailed):  # reported by the checks above
        for each in ffmpeg_versions.read_versions():
            mark = "WEAK    " if each.has_known_vulnerabilities else "ok      "
            click.echo(f"{mark} {f'ffmpeg {each.used_as}':<14} {each.version}{_VULNERABILITIES if each.has_known_vulnerabilities else ''}")


def _print_speech_device(options: SpeechOptions) -> None:
    if options.hosted is not None:
        return
    device = choose_device(options.device)
    mark = "optional" if device.warning else "ok      "
    click.echo(f"{mark} {'speech device':<14} {device.warning or f'{device.name} ({device.compute_type})'}")


def _print_downloader(today: dt.date) -> None:
    """Print the age of yt-dlp, and how to update an old one."""
    downloader = release.read_installed()
    advice = "; run `lectern update-downloader`" if downloader.is_old(today) else ""
    mark = "old     " if advice else "ok      "
    click.echo(f"{mark} {'downloader':<14} {release.PACKAGE} {downloader.version}, {downloader.age_days(today)} days old{advice}")


def _print_payments(provider: PaymentProvider, plans: PlanTable) -> list[str]:
    """Print whether the payment provider accepts the key and knows the prices; return the problems."""
    try:
        problems = price_check.problems(provider, plans)
    except errors.LecternError as error:
        problems = [f"{error.message} {error.detail}".strip()]
    click.echo(
        f"{'MISSING ' if problems else 'ok      '} {'payments':<14} {'; '.join(problems) or 'the key is accepted, and all prices exist'}"
    )
    return problems


def _print_deck_programs() -> None:
    """Print whether the programs are installed that draw the pages of decks."""
    for name, purpose in (("pdftocairo", "draws pages of decks as vectors"), ("soffice", "LibreOffice; draws the pages of PPTX decks")):
        program = find_program(name)
        click.echo(f"{'ok      ' if program else 'optional'} {name:<14} {program or f'not installed: {purpose}'}")


def _print_js_runtime(settings: Settings) -> None:
    """Print whether the JavaScript runtime for YouTube downloads starts."""
    mark, detail = "optional", "none, so most YouTube videos can't be downloaded; install deno and set LINK_JS_RUNTIME to its path"
    if settings.link_js_runtime is not None:
        try:
            mark, detail = "ok      ", js_runtime.version(settings.link_js_runtime)
        except (errors.ProgramMissing, errors.ProgramFailed) as error:
            detail = f"{settings.link_js_runtime} does not start: {error.detail} Set LINK_JS_RUNTIME to the path of deno."
    click.echo(f"{mark} {'js runtime':<14} {detail}")


def _print_settings(settings: Settings) -> None:
    """Print the settings that differ from the defaults, with secrets masked."""
    for name in sorted(settings.model_fields_set):
        click.echo(f"set      {name.upper():<28} {_PASSWORD.sub('**********', str(getattr(settings, name)))}")
    for name, instead in unused_variables().items():
        click.echo(f"unused   {name}: {instead}")
    for message in security_warnings(settings):
        click.echo(f"WEAK     {message}")
