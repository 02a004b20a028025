"""The words that are spoken, heard by an engine or read from the subtitles that came with the recording."""

from __future__ import annotations

from domain import MediaInfo, SpeechSource, Transcript
from lib.serialization import read_json, write_json
from pipelines.stage import StageInput
from services import speech_to_text
from services.subtitles import read_subtitles_sandboxed


def transcribe(given: StageInput) -> None:
    media = read_json(MediaInfo, given.work.path("media.json"))
    language = given.options.get("language") or None
    target = given.work.path("transcript.json")
    if media.audio is None:
        write_json(target, Transcript(language or "", (), SpeechSource.NONE))
        return
    speech_to_text.recognise(
        given.work.path("audio.wav"),
        language,
        given.work.path("speech.checkpoint"),
        target,
        given.engines.speech,
        report=given.report,
        check=given.check,
    )


def read_given(given: StageInput) -> None:
    media = read_json(MediaInfo, given.work.path("media.json"))
    language = given.options.get("language") or ""
    transcript = read_subtitles_sandboxed(given.work.path("subtitles"), media.duration_s, language, check=given.check)
    write_json(given.work.path("transcript.json"), transcript)
