"""The stage that extracts the audio as WAV for the speech engine."""

from __future__ import annotations

from domain import MediaInfo
from lib.serialization import read_json
from pipelines.stage import StageInput
from services.media.audio import extract_audio
from services.media.audio_selection import select_audio


def run(stage_input: StageInput) -> None:
    media = read_json(MediaInfo, stage_input.work.path("media.json"))
    target = stage_input.work.path("audio.wav")
    if media.audio is None:
        target.write_bytes(b"")
        return
    source = stage_input.work.path("source")
    selection = select_audio(source, media, check=stage_input.check)
    extract_audio(source, target, media, selection, report=stage_input.report, check=stage_input.check)
