"""Where somebody speaks: voice activity by Silero's model, and sound with the silence taken out.

Spans are (start, end) in samples.
"""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from domain import Word
from services.speech_to_text.port import SAMPLE_RATE, Samples

Span = tuple[int, int]

_PAD = int(0.4 * SAMPLE_RATE)
_BLOCK_WINDOWS = 500  # of 512 samples
_LONG_SILENCE = 2 * SAMPLE_RATE


def speech_spans(sound: Samples) -> list[Span]:
    """Stretches of speech, closely cut; pauses of 0.3 s divide them."""
    from faster_whisper.vad import VadOptions, get_speech_timestamps, get_vad_model

    if len(sound) == 0:
        return []
    model = get_vad_model()  # one for the process
    if not isinstance(model.session, _InBlocks):
        model.session = _InBlocks(model.session)
    found = get_speech_timestamps(sound, VadOptions(min_silence_duration_ms=300, min_speech_duration_ms=200, speech_pad_ms=0))
    return [(int(span["start"]), int(span["end"])) for span in found]


class _InBlocks:
    """Stands in for the model's ONNX session, which takes 0.5 MiB for each second of sound: what it remembers goes from block to block."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def run(self, outputs: None, given: dict[str, Any]) -> list[Any]:
        windows, state, found = given["input"], (given["h"], given["c"]), []
        for first in range(0, len(windows), _BLOCK_WINDOWS):
            block = {"input": windows[first : first + _BLOCK_WINDOWS], "h": state[0], "c": state[1]}
            speech, *state = self._session.run(outputs, block)
            found.append(speech)
        return [np.concatenate(found), *state]


def with_margins(spans: Sequence[Span], length: int) -> list[Span]:
    """Spans padded and joined over pauses shorter than two seconds: what a recogniser should hear."""
    joined: list[Span] = []
    for start, end in spans:
        if joined and start - joined[-1][1] < _LONG_SILENCE:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return [(max(0, start - _PAD), min(length, end + _PAD)) for start, end in joined]


@dataclass(frozen=True)
class Condensed:
    """The spans of a sound set end to end, and the way back to its own clock."""

    sound: Samples
    spans: tuple[Span, ...]

    @classmethod
    def of(cls, sound: Samples, spans: Sequence[Span]) -> Condensed:
        pieces = [sound[start:end] for start, end in spans]
        return cls(np.concatenate(pieces) if pieces else sound[:0], tuple(spans))

    def restored(self, word: Word) -> Word:
        """The word on the sound's own clock, inside the span in which its middle lies."""
        ends = np.cumsum([end - start for start, end in self.spans]) / SAMPLE_RATE
        which = min(bisect.bisect(ends, (word.start_s + word.end_s) / 2), len(ends) - 1)
        start, end = (edge / SAMPLE_RATE for edge in self.spans[which])
        shift = end - float(ends[which])
        first = min(max(word.start_s + shift, start), end)
        return Word(word.text, first, min(max(word.end_s + shift, first), end), word.probability)


def speech_in(spans: Sequence[Span], start_s: float, end_s: float) -> float:
    """Seconds of speech between two times."""
    first, last = start_s * SAMPLE_RATE, end_s * SAMPLE_RATE
    return sum(max(0.0, min(end, last) - max(start, first)) for start, end in spans) / SAMPLE_RATE


def unheard(spans: Sequence[Span], words: Sequence[Word], least_s: float, slack_s: float = 0.6) -> list[Span]:
    """Parts of the spans, at least `least_s` long, in which no word lies."""
    taken = [(int((word.start_s - slack_s) * SAMPLE_RATE), int((word.end_s + slack_s) * SAMPLE_RATE)) for word in words]
    missing: list[Span] = []
    for start, end in spans:
        at = start
        for first, last in taken:
            if last <= at or first >= end:
                continue
            missing.append((at, first))
            at = max(at, last)
        missing.append((at, end))
    return [(start, end) for start, end in missing if end - start >= least_s * SAMPLE_RATE]
