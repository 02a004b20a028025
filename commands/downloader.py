"""`lectern update-downloader`: install the newest release of yt-dlp."""

from __future__ import annotations

import os
import sys

import click

import errors
from lib.process import Limits, run_program
from services.downloaders import release

_LIMITS = Limits(timeout_s=600)
_OPTIONS = ("--upgrade", "--force-reinstall", "--no-deps", "--retries", "1")  # without force, pip is content when no index answers


@click.command("update-downloader")
@click.option("--index-url", default="", help="The only package index to use, such as a mirror in your own network.")
def update_downloader(index_url: str) -> None:
    """Install the newest release of yt-dlp. Restart the server and its workers afterwards."""
    before = release.read_installed()
    options = [*_OPTIONS, *(["--index-url", index_url] if index_url else [])]
    argv = [sys.executable, "-m", "pip", "install", *options, release.PACKAGE, release.SOLVER_PACKAGE]
    try:
        run_program(argv, limits=_LIMITS, env={"PIP_CONFIG_FILE": os.devnull} if index_url else None)
    except errors.ProgramFailed as error:
        raise click.ClickException(f"{release.PACKAGE} was not updated. {error.detail}") from error
    after = release.read_installed()
    if after == before:
        click.echo(f"{release.PACKAGE} {after.version} is the newest release.")
    else:
        click.echo(f"{release.PACKAGE} {before.version} was replaced by {after.version}. Restart the server and its workers.")
