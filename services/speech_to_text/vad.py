"""Voice activity detection (VAD) with Silero's model, and removal of silence. Spans are (start, end) in samples."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from domain import Word
from services.speech_to_text.port import SAMPLE_RATE_HZ, Samples

Span = tuple[int, int]

_PADDING = int(0.4 * SAMPLE_RATE_HZ)
_BLOCK_WINDOWS = 500  # of 512 samples
_MAX_LATE_START_S = 0.1  # before the end of the speech
_MIN_SPOKEN_SHARE = 0.5
_MIN_REMOVED_SILENCE = 2 * SAMPLE_RATE_HZ


def speech_spans(audio: Samples) -> list[Span]:
    """Return the spans of speech without padding, separated by pauses of at least 0.3 s."""
    from faster_whisper.vad import VadOptions, get_speech_timestamps, get_vad_model

    if len(audio) == 0:
        return []
    model = get_vad_model()  # cached per process
    if not isinstance(model.session, _BlockwiseSession):
        model.session = _BlockwiseSession(model.session)
    spans = get_speech_timestamps(audio, VadOptions(min_silence_duration_ms=300, min_speech_duration_ms=200, speech_pad_ms=0))
    return [(int(span["start"]), int(span["end"])) for span in spans]


class _BlockwiseSession:
    """Replaces the model's ONNX session, which takes 0.5 MiB per second of audio: runs it in blocks and passes its state on."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def run(self, outputs: None, inputs: dict[str, Any]) -> list[Any]:
        windows, state, probabilities = inputs["input"], (inputs["h"], inputs["c"]), []
        for first in range(0, len(windows), _BLOCK_WINDOWS):
            block = {"input": windows[first : first + _BLOCK_WINDOWS], "h": state[0], "c": state[1]}
            probability, *state = self._session.run(outputs, block)
            probabilities.append(probability)
        return [np.concatenate(probabilities), *state]


def pad_and_merge(spans: Sequence[Span], length: int, start: int = 0) -> list[Span]:
    """Merge spans over pauses shorter than two seconds and pad them, within [start, length], for transcription."""
    result: list[Span] = []
    for first, last in spans:
        if result and first - result[-1][1] < _MIN_REMOVED_SILENCE:
            result[-1] = (result[-1][0], last)
        else:
            result.append((first, last))
    return [(max(start, first - _PADDING), min(length, last + _PADDING)) for first, last in result]


@dataclass(frozen=True)
class CondensedAudio:
    """The concatenated spans of an audio signal, with the mapping back to its original clock."""

    audio: Samples
    spans: tuple[Span, ...]

    @classmethod
    def of(cls, audio: Samples, spans: Sequence[Span]) -> CondensedAudio:
        pieces = [audio[start:end] for start, end in spans]
        return cls(np.concatenate(pieces) if pieces else audio[:0], tuple(spans))

    def to_original_clock(self, word: Word, speech: Sequence[Span] = ()) -> Word:
        """Return the word on the original clock, clamped to one span.

        That is the span in which most of the word's `speech` (on the original clock) lies: engines begin the first word after a removed
        pause too early. A word that begins when the speech of its span has ended, or that is mostly after it and reaches the next span,
        belongs to that one. For a word without speech it is the span that contains its middle.
        """
        ends = np.cumsum([end - start for start, end in self.spans]) / SAMPLE_RATE_HZ
        shifts = [end / SAMPLE_RATE_HZ - float(condensed_end) for (_, end), condensed_end in zip(self.spans, ends, strict=True)]
        first_index, middle_index, last_index = (
            min(bisect.bisect(ends, time_s), len(ends) - 1) for time_s in (word.start_s, (word.start_s + word.end_s) / 2, word.end_s)
        )

        def spoken_s(index: int) -> float:
            start, end = (edge / SAMPLE_RATE_HZ for edge in self.spans[index])
            return speech_duration_s(speech, max(start, word.start_s + shifts[index]), min(end, word.end_s + shifts[index]))

        speech_end_s = max((end for start, end in speech if start < self.spans[first_index][1]), default=0) / SAMPLE_RATE_HZ
        has_ended = speech_end_s > 0 and word.start_s + shifts[first_index] > speech_end_s - _MAX_LATE_START_S
        is_leftover = bool(speech) and last_index > first_index and spoken_s(first_index) < _MIN_SPOKEN_SHARE * (word.end_s - word.start_s)
        if (has_ended or is_leftover) and first_index + 1 < len(self.spans):
            first_index, last_index = first_index + 1, max(last_index, first_index + 1)
        index = max(range(first_index, last_index + 1), key=lambda each: (round(spoken_s(each), 3), each == middle_index))
        start, end = (edge / SAMPLE_RATE_HZ for edge in self.spans[index])
        shift = shifts[index]
        first = min(max(word.start_s + shift, start), end)
        return Word(word.text, first, min(max(word.end_s + shift, first), end), word.probability)


def speech_duration_s(spans: Sequence[Span], start_s: float, end_s: float) -> float:
    """Return the seconds of speech between two times."""
    first, last = start_s * SAMPLE_RATE_HZ, end_s * SAMPLE_RATE_HZ
    return sum(max(0.0, min(end, last) - max(start, first)) for start, end in spans) / SAMPLE_RATE_HZ


def uncovered_spans(spans: Sequence[Span], words: Sequence[Word], min_duration_s: float, slack_s: float = 0.6) -> list[Span]:
    """Return the parts of the spans, at least `min_duration_s` long, that no word covers."""
    word_spans = [(int((word.start_s - slack_s) * SAMPLE_RATE_HZ), int((word.end_s + slack_s) * SAMPLE_RATE_HZ)) for word in words]
    missing: list[Span] = []
    for start, end in spans:
        at = start
        for first, last in word_spans:
            if last <= at or first >= end:
                continue
            missing.append((at, first))
            at = max(at, last)
        missing.append((at, end))
    return [(start, end) for start, end in missing if end - start >= min_duration_s * SAMPLE_RATE_HZ]
