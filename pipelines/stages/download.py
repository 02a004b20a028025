"""The stage that downloads the recording that a link leads to."""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import dataclass
from pathlib import Path

import errors
from domain import MediaInfo
from lib.serialization import read_json, write_json
from pipelines.stage import StageInput
from services import downloaders
from services.documents.subtitles import write_vtt
from services.downloaders import Chapter, Download, LinkOptions
from services.media.mux import mux
from services.media.probe import probe
from services.subtitles import is_webvtt, read_subtitles_sandboxed

FOLDER = "download"
_CHILD_SHARE = 0.98  # of the progress; the rest is for muxing and probing


@dataclass(frozen=True)
class DownloadReport:
    """A downloaded recording as the rows of the database need it."""

    title: str
    filename: str
    page_url: str
    media: MediaInfo
    chapters: tuple[Chapter, ...] = ()
    source_id: str = ""
    description: str = ""


def run(stage_input: StageInput) -> None:
    """Make `recording`, `subtitles` and `poster` (empty if there are none) and download.json.

    A repeated run continues a partial download.
    """
    work, options = stage_input.work, stage_input.options
    settings = stage_input.engines.get(LinkOptions)
    folder = work.path(FOLDER)
    download = downloaders.fetch(
        options["url"],
        folder,
        settings,
        max_bytes=int(options["max_bytes"]),
        audio_only=bool(options.get("audio_only")),
        sealed_password=options.get("sealed_password") or "",
        sealed_cookies=options.get("sealed_cookies") or "",
        language=options.get("language") or "",
        report=lambda done, total: stage_input.report(_CHILD_SHARE * done, total),
        check=stage_input.check,
    )
    recording = _complete(stage_input, folder, download)
    media = probe(recording, check=stage_input.check)
    if media.duration_s > settings.max_duration_s:
        raise errors.TooLong(f"It runs for {media.duration_s:.0f} s, the limit is {settings.max_duration_s:.0f} s.")
    _take_subtitles(stage_input, folder / download.subtitles if download.subtitles else None, media)
    name = download.filename if len(download.files) == 1 else f"{Path(download.filename).stem}.mkv"
    _take_poster(stage_input, folder / download.poster if download.poster else None)
    recording.replace(work.path("recording"))
    report = DownloadReport(download.title, name, download.page_url, media, download.chapters, download.source_id, download.description)
    write_json(work.path("download.json"), report)
    shutil.rmtree(folder, ignore_errors=True)


def _complete(stage_input: StageInput, folder: Path, download: Download) -> Path:
    """Return the one file of the recording; a video and an audio file are muxed."""
    files = [folder / name for name in download.files]
    if len(files) == 1:
        return files[0]
    target = folder / "muxed"
    mux(files[0], files[1], target, check=stage_input.check)
    return target


def _take_subtitles(stage_input: StageInput, subtitles: Path | None, media: MediaInfo) -> None:
    """Put the subtitles into the workspace as WebVTT; an empty file if there are none, or if they can't be read."""
    target = stage_input.work.path("subtitles")
    target.write_bytes(b"")
    if subtitles is not None:
        with contextlib.suppress(errors.BadSubtitles):
            transcript = read_subtitles_sandboxed(subtitles, media.duration_s, check=stage_input.check)
            if is_webvtt(subtitles):
                subtitles.replace(target)
            else:
                write_vtt(transcript.captions, target)


def _take_poster(stage_input: StageInput, poster: Path | None) -> None:
    target = stage_input.work.path("poster")
    target.write_bytes(b"")
    if poster is not None:
        poster.replace(target)


def read_report(path: Path) -> DownloadReport:
    return read_json(DownloadReport, path)
