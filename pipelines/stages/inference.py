"""Speech recognition by an inference service that returns a text: local recognition, where it can, gives the text its times."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import errors
from domain import Segment, SpeechSource, Transcript, Word
from lib.serialization import read_json, write_json
from lib.text import ends_sentence
from pipelines.stage import StageInput
from services import own_text, speech_to_text
from services.speech_to_text.port import InferenceService, SpeechOptions

_TEXT, _STATE, _LOCAL, _REPORT = "service.txt", "service.state", "service.local.json", "service.report.json"
_NAME = "inference service"
_ESTIMATED_TIMES_WARNING = (
    "The words are those of the inference service; their times were estimated from the pauses, so they may be off by some seconds."
)
_SERVICE_SHARE = 0.5  # of the progress
_MAX_SEGMENT_WORDS = 60


def transcribe(stage_input: StageInput, options: SpeechOptions, service: InferenceService, checkpoint: Path, target: Path) -> None:
    """Write the Transcript. Raises what `speech_to_text.fetch_text` raises."""
    path = stage_input.work.path
    wav, text = path("audio.wav"), path(_TEXT)
    speech_to_text.fetch_text(
        wav,
        path(_STATE),
        text,
        service,
        report=lambda done, total: stage_input.report(_SERVICE_SHARE * done, total),
        check=stage_input.check,
    )
    if not text.stat().st_size:
        write_json(target, Transcript("", (), SpeechSource.NONE, _NAME))
        return
    language = str(stage_input.options.get("language") or "")
    try:
        local = path(_LOCAL)
        speech_to_text.transcribe(
            wav,
            language or None,
            checkpoint,
            local,
            dataclasses.replace(options, inference=None),
            report=lambda done, total: stage_input.report(_SERVICE_SHARE * total + (1 - _SERVICE_SHARE) * done, total),
            check=stage_input.check,
        )
        own_text.align(text, local, target, path(_REPORT), check=stage_input.check)
        transcript = dataclasses.replace(read_json(Transcript, target), engine=_NAME)
    except (errors.TextDoesNotFit, errors.ModelMissing):
        words = speech_to_text.estimate_times(wav, text, check=stage_input.check)
        segments = tuple(Segment(group[0].start_s, group[-1].end_s, group) for group in _sentences(words))
        transcript = Transcript(language, segments, SpeechSource.RECOGNISED, _NAME, warnings=(_ESTIMATED_TIMES_WARNING,))
    write_json(target, transcript)


def _sentences(words: tuple[Word, ...]) -> Iterator[tuple[Word, ...]]:
    sentence: list[Word] = []
    for word in words:
        sentence.append(word)
        if ends_sentence(word.text) or len(sentence) >= _MAX_SEGMENT_WORDS:
            yield tuple(sentence)
            sentence = []
    if sentence:
        yield tuple(sentence)
