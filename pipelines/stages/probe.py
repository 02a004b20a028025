"""The stages that make the recording searchable by time, and choose its tracks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import errors
from domain import MediaInfo, TimeRange
from lib.media_time import parse_time
from lib.serialization import read_json, write_json
from pipelines.stage import StageInput, Workspace
from services.media.remux import make_seekable
from services.media.streams import choose_tracks
from services.media.trim import trim

_COPY = "recording"  # empty if the source itself is used


def remux(stage_input: StageInput) -> None:
    """Make and probe the file that the other stages read: a copy if the recording has no index, or if only a part of it is wanted."""
    source, copy = stage_input.work.path("source"), stage_input.work.path(_COPY)
    part = part_of(stage_input.options)
    path, media = make_seekable(source, copy, report=stage_input.report, check=stage_input.check)
    if part is not None:
        trimmed_file = stage_input.work.path("trimmed")
        media = trim(path, trimmed_file, media, part, report=stage_input.report, check=stage_input.check)
        trimmed_file.replace(copy)
    elif path == source:
        copy.write_bytes(b"")
    write_json(stage_input.work.path("recording.json"), media)


def part_of(options: Mapping[str, Any]) -> TimeRange | None:
    """Return the part of the recording to convert, with the end 0.0 for that of the recording; None for all of it."""
    start, end = (str(options.get(name) or "") for name in ("start_time", "end_time"))
    return TimeRange(parse_time(start or "0"), parse_time(end or "0")) if start or end else None


def run(stage_input: StageInput) -> None:
    """Choose the tracks of the file that the other stages read."""
    tracks = {name: int(stage_input.options.get(name) or 0) for name in ("video_track", "audio_track")}
    media = choose_tracks(read_json(MediaInfo, stage_input.work.path("recording.json")), **tracks)
    if media.video is None and media.audio is None:
        raise errors.NoSlidesNoSpeech
    write_json(stage_input.work.path("media.json"), media)


def recording_path(work: Workspace) -> Path:
    """Return the file that the other stages read; media.json describes it."""
    copy = work.path(_COPY)
    return copy if copy.exists() and copy.stat().st_size else work.path("source")
