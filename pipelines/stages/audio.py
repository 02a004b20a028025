"""The stage that extracts the audio as WAV for the speech engine."""

from __future__ import annotations

from dataclasses import dataclass

from domain import MediaInfo
from lib.serialization import read_json, write_json
from pipelines.stage import StageInput
from pipelines.stages.probe import recording_path
from services.media.audio import extract_audio
from services.media.audio_selection import select_audio
from services.media.loudness import is_silent


@dataclass(frozen=True)
class AudioReport:
    """The parts of the audio that were left out, as sentences for people, and whether there is no sound in the rest."""

    warnings: tuple[str, ...] = ()
    is_silent: bool = False


def run(stage_input: StageInput) -> None:
    work = stage_input.work
    media = read_json(MediaInfo, work.path("media.json"))
    recording, target = recording_path(work), work.path("audio.wav")
    selection = select_audio(recording, media, stage_input.options.get("audio_track") or None, check=stage_input.check)
    if selection is None:
        target.write_bytes(b"")
        write_json(work.path("audio.json"), AudioReport())
        return
    extract_audio(recording, target, media, selection, report=stage_input.report, check=stage_input.check)
    write_json(work.path("audio.json"), AudioReport(selection.warnings, is_silent(target)))
