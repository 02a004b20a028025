"""The stage that probes the recording, and copies it where its container can't be searched by time."""

from __future__ import annotations

from pathlib import Path

import errors
from lib.serialization import write_json
from pipelines.stage import StageInput, Workspace
from services.media.probe import probe
from services.media.remux import make_seekable

_COPY = "recording"  # empty where the source itself is used


def run(stage_input: StageInput) -> None:
    work, check = stage_input.work, stage_input.check
    source, copy = work.path("source"), work.path(_COPY)
    tracks = {name: stage_input.options.get(name) or None for name in ("video_track", "audio_track")}
    media = probe(source, **tracks, check=check)
    if media.video is None and media.audio is None:
        raise errors.NoSlidesNoSpeech
    path, media = make_seekable(source, copy, media, report=stage_input.report, check=check)
    if path == source:
        copy.write_bytes(b"")
    write_json(work.path("media.json"), media)


def recording_path(work: Workspace) -> Path:
    """Return the file that the other stages read; media.json describes it."""
    copy = work.path(_COPY)
    return copy if copy.exists() and copy.stat().st_size else work.path("source")
