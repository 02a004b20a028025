"""`lectern lesson SOURCE --out FILE`: make a narrated video of a script, notes or a deck, without a server."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext
from pydantic import ValidationError

import errors
from commands.convert import print_error
from commands.progress import Progress, stage_labels
from lib.serialization import read_json
from lib.validation_messages import readable
from pipelines.lesson import STAGES
from pipelines.runner import StageError, run_pipeline
from pipelines.stage import Workspace
from pipelines.stages.lesson import RENDERED_FILE
from services.lessons import deck_export, decks, source_reading
from services.lessons.drafting import Variant
from services.lessons.options import LessonOptions
from services.lessons.rendering import lesson as lesson_files
from services.lessons.rendering.video import RenderedScript
from services.lessons.script import LessonScript
from services.lessons.themes import THEMES

_MAX_PROBLEMS = 10


@click.command("lesson")
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), default=Path("lesson.mp4"), show_default=True, help="The video to write."
)
@click.option("--title", default="", help="Title of a lesson that is drafted from notes; the first heading by default.")
@click.option(
    "--height", type=click.Choice(["720", "1080", "1440", "2160"]), default="1080", show_default=True, help="Shorter side in pixels."
)
@click.option("--aspect", type=click.Choice(["16:9", "9:16", "1:1"]), default="16:9", show_default=True, help="Format of the picture.")
@click.option("--theme", type=click.Choice(list(THEMES)), default="paper", show_default=True, help="Colours and fonts.")
@click.option("--voice", default="", help="Name of a voice (`lectern voices list`); by default the best one for the language.")
@click.option("--speed", type=float, default=1.0, show_default=True, help="Pace of the voice, 0.7 to 1.15 of the natural one.")
@click.option("--transitions", type=click.Choice(["fade", "slide", "none"]), default="fade", show_default=True, help="How scenes change.")
@click.option("--silent", is_flag=True, help="No voice; times are estimated.")
@click.option("--captions", "burn_captions", is_flag=True, help="Show captions in the picture.")
@click.option("--deck", type=click.Path(dir_okay=False, path_type=Path), help="Also write the script as a PowerPoint deck (.pptx).")
@click.option("--only-deck", is_flag=True, help="Write the deck and no video.")
@click.option(
    "--work", type=click.Path(file_okay=False, path_type=Path), help="Folder for intermediate results, which a second run reuses."
)
@with_appcontext
def lesson(source: Path, out: Path, title: str, work: Path | None, deck: Path | None, only_deck: bool, **options: Any) -> None:
    """Make a video of SOURCE: a script (.json), or notes or a deck, of which a script is drafted.

    Notes are Markdown, plain text, Word (.docx) or PDF; decks are PowerPoint (.pptx) or PDF.

    Beside the video stand its captions (.srt, .vtt), a poster (.jpg) and the script (.json). Exit codes are those of `convert`.
    """
    lesson_options = _check(options)
    script = _read_script(source, title)
    if deck is not None or only_deck:
        deck = deck or out.with_suffix(".pptx")
        deck.parent.mkdir(parents=True, exist_ok=True)
        deck_export.export(script, lesson_options, deck)
        click.echo(f"{deck}: {len(script.scenes)} slides.")
    if only_deck:
        return
    folder = work or Path(tempfile.mkdtemp(prefix="lectern-"))
    folder.mkdir(parents=True, exist_ok=True)
    job_options = {
        "lesson": lesson_options.model_dump(mode="json"),
        "script": script.model_dump(mode="json"),
        "created_on": dt.datetime.fromtimestamp(source.stat().st_mtime, dt.UTC).date().isoformat(),
    }
    outputs = [lesson_files.VIDEO, lesson_files.POSTER, lesson_files.SRT, lesson_files.VTT]
    workspace = Workspace(folder)
    try:
        with workspace.lock(), Progress(stage_labels(STAGES)) as progress:
            run_pipeline(STAGES, workspace, job_options, current_app.extensions["lectern"].engines, progress, outputs)
        _publish(folder, out, script, source)
    except StageError as failure:
        sys.exit(print_error(failure))
    finally:
        if work is None:
            shutil.rmtree(folder, ignore_errors=True)


def _check(options: dict[str, Any]) -> LessonOptions:
    try:
        return LessonOptions.model_validate({**options, "height": int(options["height"])})
    except ValidationError as error:
        raise click.UsageError("; ".join(f"--{each['loc'][0]}: {readable(each['msg'])}" for each in error.errors())) from error


def _read_script(path: Path, title: str) -> LessonScript:
    if path.suffix.lower() != ".json":
        try:
            source = source_reading.read_file(path, path.name, "")
            variant = Variant.OVERVIEW if source.slides else Variant.STEP_BY_STEP  # the overview of a deck has all of its slides
            return decks.draft_source(source.model_copy(update={"title": title or source.title}), variant)
        except errors.LecternError as error:
            raise click.ClickException(f"{error} {error.hint}") from error
    try:
        return LessonScript.model_validate(json.loads(path.read_bytes()))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{path} is not JSON: {error}") from error
    except ValidationError as error:
        problems = "\n".join(f"  {'.'.join(map(str, each['loc']))}: {readable(each['msg'])}" for each in error.errors()[:_MAX_PROBLEMS])
        raise click.ClickException(f"{path} is not a script:\n{problems}") from error


def _as_json(script: LessonScript) -> str:
    """Return the script as a file to edit: without empty fields, but with the kind of every scene."""
    fields = script.model_dump(mode="json", exclude_defaults=True)
    for scene, scene_fields in zip(script.scenes, fields["scenes"], strict=True):
        scene_fields["content"] = {"kind": scene.content.kind, **scene_fields.get("content", {})}
    return json.dumps(fields, indent=2, ensure_ascii=False) + "\n"


def _publish(folder: Path, out: Path, script: LessonScript, source: Path) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    for name in (lesson_files.VIDEO, lesson_files.POSTER, lesson_files.SRT, lesson_files.VTT):
        shutil.copyfile(folder / name, out.with_suffix(Path(name).suffix))
    if source.suffix.lower() != ".json":
        out.with_suffix(".json").write_text(_as_json(script), encoding="utf-8")
    rendered_script = read_json(RenderedScript, folder / RENDERED_FILE)
    for warning in rendered_script.warnings:
        click.echo(warning, err=True)
    click.echo(f"{out}: {len(rendered_script.scenes)} scenes, {rendered_script.duration_s:.0f} s.")
