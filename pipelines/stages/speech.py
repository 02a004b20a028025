"""The stages that make the transcript: by speech recognition, or from subtitles uploaded with the recording."""

from __future__ import annotations

import dataclasses

from domain import MediaInfo, SpeechSource, Transcript
from lib.serialization import read_json, write_json
from pipelines.stage import StageInput
from services import speech_to_text
from services.subtitles import read_subtitles_sandboxed


def transcribe(stage_input: StageInput) -> None:
    media = read_json(MediaInfo, stage_input.work.path("media.json"))
    language = stage_input.options.get("language") or None
    target = stage_input.work.path("transcript.json")
    translates = bool(stage_input.options.get("translate"))
    if media.audio is None:
        write_json(target, Transcript(language or "", (), SpeechSource.NONE))
        return
    speech_to_text.transcribe(
        stage_input.work.path("audio.wav"),
        language,
        stage_input.work.path("speech.checkpoint"),
        target,
        dataclasses.replace(
            stage_input.engines.get(speech_to_text.SpeechOptions),
            prompt=str(stage_input.options.get("transcribe_prompt") or ""),
            task="translate" if translates else "transcribe",
        ),
        report=stage_input.report,
        check=stage_input.check,
    )
    if translates:
        write_json(target, dataclasses.replace(read_json(Transcript, target), language="en"))


def read_subtitles(stage_input: StageInput) -> None:
    media = read_json(MediaInfo, stage_input.work.path("media.json"))
    language = stage_input.options.get("language") or ""
    transcript = read_subtitles_sandboxed(stage_input.work.path("subtitles"), media.duration_s, language, check=stage_input.check)
    write_json(stage_input.work.path("transcript.json"), transcript)
