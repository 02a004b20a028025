"""`flask captions check FILE`: report the captions of an SRT or VTT file that break a rule."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click
from flask.cli import AppGroup

import errors

captions_commands = AppGroup("captions", help="Check captions against the rules of broadcasters.")


@captions_commands.command("check", with_appcontext=False)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--avoidable", is_flag=True, help="Leave out captions that are too fast or too brief because the speech is.")
@click.option("--strict", is_flag=True, help="Fail for these captions too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def check(file: Path, avoidable: bool, strict: bool, as_json: bool) -> None:
    """Report the captions of FILE (SRT or VTT) that break a rule of docs/captions.md.

    Captions that are too fast or too brief, and are followed at once by the next one, are reported as forced by the speech.

    Exit codes: 0 none breaks a rule that the speech allows to keep, 1 some do or the file is unreadable, 2 usage error.
    """
    from services.captions import avoidable_problems, find_problems
    from services.subtitles import read_captions

    try:
        captions = read_captions(file)
    except errors.BadSubtitles as error:
        raise click.ClickException(f"{error} {error.detail} {error.hint}".strip()) from None
    problems, avoidable_ones = find_problems(captions), avoidable_problems(captions)
    listed_problems = avoidable_ones if avoidable else problems
    if as_json:
        rows = [
            {**asdict(each), "start": captions[each.number - 1].start_ms / 1000, "is_avoidable": each in avoidable_ones}
            for each in listed_problems
        ]
        click.echo(json.dumps({"captions": len(captions), "problems": rows}, indent=1))
    else:
        for each in listed_problems:
            click.echo(f"{each}{'' if each in avoidable_ones else ': the speech leaves no more time'}")
        problem_count = len({each.number for each in listed_problems})
        click.echo(f"{problem_count} of {len(captions)} captions break a rule.")
    sys.exit(1 if (problems if strict else avoidable_ones) else 0)
