"""`flask convert SOURCE`: run the pipeline of lecture notes without a server, for a file or a link."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext
from pydantic import ValidationError

import errors
from commands.progress import Progress, stage_labels
from lib.text import clean_text
from lib.validation_messages import readable
from pipelines.lecture_notes import LECTURE_NOTES
from pipelines.lesson import STAGES as LESSON_STAGES
from pipelines.link_import import LINK_IMPORT
from pipelines.runner import StageError, run_pipeline
from pipelines.stage import Workspace
from pipelines.stages.documents import document_name, warnings_name
from pipelines.stages.download import read_report
from schemas.options import LectureOptions
from services.documents import FORMATS
from services.speech_to_text import SpeechOptions, check_language
from services.storage.keys import title_as_filename, without_extension

EXIT_CODES: dict[type[errors.LecternError], int] = {
    errors.UnusableRecording: 3,
    errors.LinkUnusable: 3,
    errors.UrlRefused: 3,
    errors.ProgramMissing: 4,
    errors.ModelMissing: 4,
    errors.DiskFull: 5,
    errors.OutOfMemory: 6,
    errors.TimedOut: 7,
    errors.Cancelled: 130,
}


@click.command("convert")
@click.argument("source", metavar="FILE_OR_URL")
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
@click.option("--formats", default=",".join(FORMATS), show_default=True, help="Formats of the documents, separated by commas.")
@click.option("--language", default="", help="ISO 639-1 code of the speech; detected by default.")
@click.option(
    "--title",
    default="",
    help="Title of the notes, and name of the files. Default: the first slide's title, and the name of the recording.",
)
@click.option("--link", default="", help="URL of the recording; times in the documents link to it. Default for a URL: its page.")
@click.option("--audio-only", is_flag=True, help="Download the audio of a URL alone; the documents have no slides.")
@click.option(
    "--revisits",
    type=click.Choice(["once", "each"]),
    default="once",
    show_default=True,
    help="A slide that is shown again: one page in all, or one per visit.",
)
@click.option(
    "--builds",
    type=click.Choice(["final", "all"]),
    default="final",
    show_default=True,
    help="Images of a slide's final state only, or of every build step.",
)
@click.option(
    "--sensitivity",
    type=click.Choice(["low", "normal", "high"]),
    default="normal",
    show_default=True,
    help="How small a change starts a new slide.",
)
@click.option("--paper", type=click.Choice(["a4", "letter"]), default="a4", show_default=True, help="Paper size of PDF and DOCX.")
@click.option(
    "--layout",
    type=click.Choice(["page", "compact", "handout", "text"]),
    default="page",
    show_default=True,
    help="Layout of the PDF: a page for each slide, slides and words as they fit, three slides a page with lines, or no pictures.",
)
@click.option("--qr-codes", is_flag=True, help="The PDF has the link of each slide as a QR code.")
@click.option("--region", default="", metavar="X,Y,W,H", help="Area of the slide in the picture; detected by default.")
@click.option("--ignore", default="", metavar="X,Y,W,H;...", help="Areas with motion to ignore.")
@click.option(
    "--audio-track", type=click.IntRange(0, 99), default=0, help="Audio track to transcribe, from 1; 0: the first one with sound."
)
@click.option("--video-track", type=click.IntRange(0, 99), default=0, help="Video track with the slides, from 1; 0: chosen automatically.")
@click.option("--start-time", default="", metavar="TIME", help="Start of the part to convert: h:m:s, m:s or seconds.")
@click.option("--end-time", default="", metavar="TIME", help="End of the part to convert.")
@click.option(
    "--work", type=click.Path(file_okay=False, path_type=Path), help="Folder for intermediate results, which a second run reuses."
)
@with_appcontext
def convert(
    source: str,
    subtitles: Path | None,
    out: Path,
    formats: str,
    title: str,
    link: str,
    audio_only: bool,
    work: Path | None,
    **lecture_options: str | int,
) -> None:
    """Turn a recording into documents: a file, or a link that is downloaded first.

    Exit codes: 0 success, 2 usage error, 3 unusable recording, 4 missing program or model, 5 disk full, 6 out of memory,
    7 timeout, 130 interrupted, 1 other errors.
    """
    options = _check_options(formats, lecture_options)
    is_link = re.match("https?://", source, re.IGNORECASE) is not None
    recording = None if is_link else _local(source)
    folder = work or Path(tempfile.mkdtemp(prefix="lectern-"))
    try:
        if recording is None:
            recording = _download(source, options.language, folder / "download", audio_only=audio_only)
        subtitles, title = subtitles or recording.subtitles, title or recording.title
        job_options = {
            **options.model_dump(mode="json"),
            "title": title,
            "fallback_title": without_extension(recording.name),
            "source_name": recording.name,
            "source_url": link or recording.page_url,
            "created_on": dt.datetime.fromtimestamp(recording.file.stat().st_mtime, dt.UTC).date().isoformat(),
            "has_subtitles": subtitles is not None,
            "chapters": recording.chapters,
        }
        stem = title_as_filename(without_extension(recording.name)) if is_link else recording.file.stem
        _convert(recording.file, subtitles, out, title_as_filename(title, stem) if title else stem, job_options, folder)
    except StageError as failure:
        sys.exit(print_error(failure))
    finally:
        if work is None:
            shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class _Recording:
    """The recording to convert, with its metadata."""

    file: Path
    name: str
    subtitles: Path | None = None
    title: str = ""
    page_url: str = ""
    chapters: Sequence[Mapping[str, Any]] = ()


def _local(source: str) -> _Recording:
    file: Path = click.Path(exists=True, dir_okay=False, path_type=Path).convert(source, None, click.get_current_context())
    return _Recording(file, file.name)


def _download(url: str, language: str, folder: Path, *, audio_only: bool) -> _Recording:
    """Download the recording of a link into `folder`; a second run with the same folder reuses it. Raises StageError."""
    folder.mkdir(parents=True, exist_ok=True)
    workspace = Workspace(folder)
    container = current_app.extensions["lectern"]
    options = {"url": url, "language": language, "audio_only": audio_only, "max_bytes": container.settings.max_upload_bytes}
    with workspace.lock(), Progress(stage_labels(LINK_IMPORT.stages)) as progress:
        run_pipeline(LINK_IMPORT.stages, workspace, options, container.engines, progress, ["recording"])
    report, subtitles = read_report(workspace.path("download.json")), workspace.path("subtitles")
    return _Recording(
        workspace.path("recording"),
        clean_text(report.filename) or "recording",
        subtitles if subtitles.stat().st_size else None,
        clean_text(report.title),
        report.page_url,
        [{"start_s": each.start_s, "title": clean_text(each.title)} for each in report.chapters if each.title],
    )


def _check_options(formats: str, lecture_options: dict[str, str | int]) -> LectureOptions:
    """Return the validated options. Raises click.UsageError with a sentence for each wrong one."""
    try:
        options = LectureOptions.model_validate({"formats": formats, **lecture_options})
        check_language(options.language, current_app.extensions["lectern"].engines.get(SpeechOptions))
    except ValidationError as error:
        messages = (f"{_option_of(detail['loc'])}{_sentence(detail['msg'])}" for detail in error.errors())
        raise click.UsageError("\n".join(messages)) from None
    except errors.UnknownLanguage as error:
        raise click.UsageError(f"--language: {error.detail} {error.hint}".strip()) from None
    return options


def _option_of(location: tuple[int | str, ...]) -> str:
    """Return the option that an error is about; "" if it is about several."""
    return f"--{str(location[0]).replace('_', '-')}: " if location else ""


def _sentence(message: str) -> str:
    text = readable(message)
    return text[:1].upper() + text[1:].rstrip(".") + "."


def _convert(file: Path, subtitles: Path | None, out: Path, name: str, options: dict[str, Any], folder: Path) -> None:
    """Run the pipeline in `folder` and copy the documents to `out`/`name`.*; print their paths, and warnings to standard error."""
    workspace = Workspace(folder)
    out.mkdir(parents=True, exist_ok=True)
    engines = current_app.extensions["lectern"].engines
    kinds = [FORMATS[each] for each in options["formats"]]
    with workspace.lock(), Progress(stage_labels(LECTURE_NOTES.stages)) as progress:
        for input_name, source in (("source", file), ("subtitles", subtitles)):
            workspace.path(input_name).unlink(missing_ok=True)
            if source is not None:
                workspace.path(input_name).symlink_to(source.resolve())
        run_pipeline(LECTURE_NOTES.stages, workspace, options, engines, progress, [document_name(kind.name) for kind in kinds])
    for warning in LECTURE_NOTES.warnings(workspace, options):
        click.echo(f"Note: {warning}", err=True)
    for kind in kinds:
        document = workspace.path(document_name(kind.name))
        if not document.stat().st_size:
            if not json.loads(workspace.path(warnings_name(kind.name)).read_text()):  # a warning names another cause
                click.echo(f"Note: No {kind.name} file was written, because the recording has nothing for it.", err=True)
        else:
            target = out / f"{name}.{kind.extension}"
            shutil.copyfile(document, target)
            click.echo(target)


def print_error(failure: StageError) -> int:
    error = failure.error
    if not isinstance(error, errors.LecternError):
        raise error
    label = stage_labels((*LINK_IMPORT.stages, *LECTURE_NOTES.stages, *LESSON_STAGES)).get(failure.stage, failure.stage)
    click.echo(f"{label}: {error} {error.hint}".strip(), err=True)
    return next((code for kind, code in EXIT_CODES.items() if isinstance(error, kind)), 1)
