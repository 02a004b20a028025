"""`flask convert FILE`: run the pipeline of lecture notes without a server."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from pydantic import ValidationError

import errors
from pipelines.lecture_notes import STAGES
from pipelines.runner import StageError, run_pipeline
from pipelines.stage import Workspace
from pipelines.stages.documents import document_name
from schemas.options import LectureOptions
from services.documents import FORMATS

EXIT_CODES: dict[type[errors.LecternError], int] = {
    errors.UnusableRecording: 3,
    errors.ProgramMissing: 4,
    errors.ModelMissing: 4,
    errors.DiskFull: 5,
    errors.OutOfMemory: 6,
    errors.TimedOut: 7,
    errors.Cancelled: 130,
}


@click.command("convert")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--subtitles",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="SRT or WebVTT file to use instead of speech recognition.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="Folder for the documents; the current one by default.",
)
@click.option("--formats", default=",".join(FORMATS), show_default=True, help="Formats of the documents.")
@click.option("--language", default="", help="ISO 639-1 code of the speech; detected by default.")
@click.option("--title", default="", help="Title of the notes; the file name by default.")
@click.option("--link", default="", help="URL of the recording; times in the documents link to it.")
@click.option("--revisits", type=click.Choice(["once", "each"]), default="once", show_default=True)
@click.option("--builds", type=click.Choice(["final", "all"]), default="final", show_default=True)
@click.option("--sensitivity", type=click.Choice(["low", "normal", "high"]), default="normal", show_default=True)
@click.option("--region", default="", metavar="X,Y,W,H", help="Area of the slide in the picture; detected by default.")
@click.option("--ignore", default="", metavar="X,Y,W,H;...", help="Areas with motion to ignore.")
@click.option(
    "--audio-track", type=click.IntRange(0, 99), default=0, help="Audio track to transcribe, from 1; 0: the first one with sound."
)
@click.option("--video-track", type=click.IntRange(0, 99), default=0, help="Video track with the slides, from 1; 0: chosen automatically.")
@click.option(
    "--work", type=click.Path(file_okay=False, path_type=Path), help="Folder for intermediate results, which a second run reuses."
)
@with_appcontext
def convert(
    file: Path, subtitles: Path | None, out: Path, formats: str, title: str, link: str, work: Path | None, **lecture_options: str | int
) -> None:
    """Turn the recording FILE into documents.

    Exit codes: 0 success, 2 usage error, 3 unusable recording, 4 missing program or model, 5 disk full, 6 out of memory,
    7 timeout, 130 interrupted, 1 other errors.
    """
    try:
        options = LectureOptions.model_validate({"formats": formats, **lecture_options})
    except ValidationError as error:
        raise click.UsageError("; ".join(f"{detail['loc'][0]}: {detail['msg']}" for detail in error.errors())) from None
    job_options = {
        **options.model_dump(mode="json"),
        "title": title or file.stem,
        "source_name": file.name,
        "source_url": link,
        "created_on": dt.datetime.fromtimestamp(file.stat().st_mtime, dt.UTC).date().isoformat(),
        "has_subtitles": subtitles is not None,
    }
    folder = work or Path(tempfile.mkdtemp(prefix="lectern-"))
    try:
        _convert(file, subtitles, out, job_options, folder)
    except StageError as failure:
        sys.exit(_print_error(failure))
    finally:
        if work is None:
            shutil.rmtree(folder, ignore_errors=True)


def _convert(file: Path, subtitles: Path | None, out: Path, options: dict[str, object], folder: Path) -> None:
    workspace = Workspace(folder)
    out.mkdir(parents=True, exist_ok=True)
    engines = current_app.extensions["lectern"].engines
    with workspace.locked(), _ProgressBar() as bar:
        for name, source in (("source", file), ("subtitles", subtitles)):
            workspace.path(name).unlink(missing_ok=True)
            if source is not None:
                workspace.path(name).symlink_to(source.resolve())
        kinds = [FORMATS[str(name)] for name in options["formats"]]  # type: ignore[attr-defined]
        run_pipeline(STAGES, workspace, options, engines, bar, [document_name(kind.name) for kind in kinds])
    for kind in kinds:
        for warning in json.loads(workspace.path(f"{kind.name}.warnings.json").read_text()):
            click.echo(f"Note: {warning}", err=True)
        if not workspace.path(document_name(kind.name)).stat().st_size:
            continue
        target = out / f"{file.stem}.{kind.extension}"
        shutil.copyfile(workspace.path(document_name(kind.name)), target)
        click.echo(target)


def _print_error(failure: StageError) -> int:
    error = failure.error
    if not isinstance(error, errors.LecternError):
        raise error
    click.echo(f"{failure.stage}: {error} {error.hint}".strip(), err=True)
    return next((code for kind, code in EXIT_CODES.items() if isinstance(error, kind)), 1)


class _ProgressBar:
    """A progress bar on standard error. Ctrl-C and SIGTERM cancel the run."""

    def __init__(self) -> None:
        self._bar = click.progressbar(length=1000, file=sys.stderr, item_show_func=lambda stages: stages or "", show_pos=False)
        self._position = 0
        self._is_cancelled = False

    def __enter__(self) -> _ProgressBar:
        self._bar.__enter__()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._cancel)
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.render_finish()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)

    def _cancel(self, *_: object) -> None:
        self._is_cancelled = True

    def check(self) -> None:
        if self._is_cancelled:
            raise errors.Cancelled

    def progress(self, stages: Sequence[str], percent: float, seconds_left: float | None) -> None:
        step = max(0, int(percent * 10) - self._position)
        self._position += step
        self._bar.update(step, " + ".join(stages))
