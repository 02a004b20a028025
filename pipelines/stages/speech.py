"""The stages that make the transcript: by speech recognition, or from subtitles uploaded with the recording."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from domain import MediaInfo, Segment, SpeechSource, Transcript, Word
from lib.serialization import read_json, write_json
from pipelines.stage import StageInput
from pipelines.stages import inference
from pipelines.stages.probe import part_of
from services import speech_to_text
from services.subtitles import read_subtitles_sandboxed

CHECKPOINT_FILE = "speech.checkpoint"
_MAX_HINTS = 500


def transcribe(stage_input: StageInput) -> None:
    media = read_json(MediaInfo, stage_input.work.path("media.json"))
    language = stage_input.options.get("language") or None
    target = stage_input.work.path("transcript.json")
    translates = bool(stage_input.options.get("translate"))
    if media.audio is None:
        write_json(target, Transcript(language or "", (), SpeechSource.NONE))
        return
    checkpoint = stage_input.work.path(CHECKPOINT_FILE)
    options = dataclasses.replace(
        stage_input.engines.get(speech_to_text.SpeechOptions),
        prompt=str(stage_input.options.get("transcribe_prompt") or ""),
        hints=_hints(stage_input.options),
        task="translate" if translates else "transcribe",
    )
    if options.inference is not None and not translates:
        inference.transcribe(stage_input, options, options.inference, checkpoint, target)
        return
    speech_to_text.transcribe(
        stage_input.work.path("audio.wav"),
        language,
        checkpoint,
        target,
        options,
        report=stage_input.report,
        check=stage_input.check,
    )
    if translates:
        write_json(target, dataclasses.replace(read_json(Transcript, target), language="en"))


def _hints(options: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the terms of the glossary and then those of the course's other recordings.

    They are not in `uses`, so not in the stage's fingerprint: a recording is not recognised again for a new term, which would replace its
    edited text.
    """
    terms = [*(each["term"] for each in options.get("glossary", ())), *options.get("course_terms", ())]
    return tuple(dict.fromkeys(map(str, terms)))[:_MAX_HINTS]


def read_subtitles(stage_input: StageInput) -> None:
    media = read_json(MediaInfo, stage_input.work.path("media.json"))
    language = stage_input.options.get("language") or ""
    part = part_of(stage_input.options)
    end_s = media.duration_s + (part.start_s if part else 0.0)
    transcript = read_subtitles_sandboxed(stage_input.work.path("subtitles"), end_s, language, check=stage_input.check)
    write_json(stage_input.work.path("transcript.json"), from_time(transcript, part.start_s) if part else transcript)


def from_time(transcript: Transcript, start_s: float) -> Transcript:
    """Return the words and captions that begin after `start_s`, with times from there."""
    segments = []
    for segment in transcript.segments:
        words = tuple(Word(word.text, word.start_s - start_s, word.end_s - start_s, word.probability) for word in segment.words)
        words = tuple(word for word in words if word.start_s >= 0)
        if words:
            segments.append(Segment(max(0.0, segment.start_s - start_s), max(words[-1].end_s, segment.end_s - start_s), words))
    start_ms = round(1000 * start_s)
    captions = [caption for caption in transcript.captions if caption.start_ms >= start_ms]
    captions_from_start = tuple(
        dataclasses.replace(each, start_ms=each.start_ms - start_ms, end_ms=each.end_ms - start_ms) for each in captions
    )
    return dataclasses.replace(transcript, segments=tuple(segments), captions=captions_from_start)
