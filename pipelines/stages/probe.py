"""The stages that make the recording searchable by time, and choose its tracks."""

from __future__ import annotations

from pathlib import Path

import errors
from domain import MediaInfo
from lib.serialization import read_json, write_json
from pipelines.stage import StageInput, Workspace
from services.media.remux import make_seekable
from services.media.streams import choose_tracks

_COPY = "recording"  # empty if the source itself is used


def remux(stage_input: StageInput) -> None:
    """Copy the streams of a recording without an index into a container that has one, and probe the file that the other stages read."""
    source, copy = stage_input.work.path("source"), stage_input.work.path(_COPY)
    path, media = make_seekable(source, copy, report=stage_input.report, check=stage_input.check)
    if path == source:
        copy.write_bytes(b"")
    write_json(stage_input.work.path("recording.json"), media)


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
