"""The sound, as speech engines read it."""

from __future__ import annotations

from domain import MediaInfo
from lib.serialization import read_json
from pipelines.stage import StageInput
from services.media.audio import extract_audio


def run(given: StageInput) -> None:
    media = read_json(MediaInfo, given.work.path("media.json"))
    target = given.work.path("audio.wav")
    if media.audio is None:
        target.write_bytes(b"")
        return
    extract_audio(given.work.path("source"), target, media, report=given.report, check=given.check)
