"""The stages that make the recording searchable by time, and probe it."""

from __future__ import annotations

from pathlib import Path

import errors
from lib.serialization import write_json
from pipelines.stage import StageInput, Workspace
from services.media.probe import probe
from services.media.remux import make_seekable

_COPY = "recording"  # empty if the source itself is used


def remux(stage_input: StageInput) -> None:
    """Copy the streams of a recording without an index into a container that has one."""
    source, copy = stage_input.work.path("source"), stage_input.work.path(_COPY)
    media = probe(source, check=stage_input.check)
    if make_seekable(source, copy, media, report=stage_input.report, check=stage_input.check) == source:
        copy.write_bytes(b"")


def run(stage_input: StageInput) -> None:
    """Probe the file that the other stages read."""
    tracks = {name: stage_input.options.get(name) or None for name in ("video_track", "audio_track")}
    media = probe(recording_path(stage_input.work), **tracks, check=stage_input.check)
    if media.video is None and media.audio is None:
        raise errors.NoSlidesNoSpeech
    write_json(stage_input.work.path("media.json"), media)


def recording_path(work: Workspace) -> Path:
    """Return the file that the other stages read; media.json describes it."""
    copy = work.path(_COPY)
    return copy if copy.exists() and copy.stat().st_size else work.path("source")
