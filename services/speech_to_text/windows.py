"""Divide speech into windows that an engine transcribes in one pass, cut at pauses and filled as far as possible."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.speech_to_text.port import SAMPLE_RATE_HZ, Samples
from services.speech_to_text.vad import CondensedAudio, Span, pad_and_merge

_MARGIN_SAMPLES = SAMPLE_RATE_HZ  # both paddings, and pauses that are not removed
_UNFILLED_PAUSE_S = 0.1  # how much longer a pause must be for each second that its window stays shorter
_MAX_USEFUL_PAUSE_S = 1.0
_FRAME = SAMPLE_RATE_HZ // 10
_SEARCHED_SHARE = 0.2  # of a window, where a passage without pauses is cut


@dataclass(frozen=True)
class SpeechWindow:
    """Speech of at most the length that an engine transcribes in one pass. Spans are in samples of the chunk."""

    speech: tuple[Span, ...]
    condensed_audio: CondensedAudio

    @property
    def voiced_end_s(self) -> float:
        """Return where the last speech ends on the chunk's clock."""
        return self.speech[-1][1] / SAMPLE_RATE_HZ


def split_into_windows(audio: Samples, speech: Sequence[Span], start: int, end: int, max_samples: int) -> list[SpeechWindow]:
    """Return windows of at most `max_samples` that cover `speech`, which lies within [start, end) of the chunk, in time order."""
    groups = group_phrases(split_long_phrases(audio, speech, max_samples - _MARGIN_SAMPLES), max_samples)
    edges = [start, *((before[-1][1] + after[0][0]) // 2 for before, after in itertools.pairwise(groups)), end]
    return [
        SpeechWindow(tuple(group), CondensedAudio.of(audio, pad_and_merge(group, edges[index + 1], edges[index])))
        for index, group in enumerate(groups)
    ]


def group_phrases(phrases: Sequence[Span], max_samples: int) -> list[list[Span]]:
    """Group phrases into as few windows as possible; a somewhat longer pause is preferred to a somewhat fuller window."""
    groups: list[list[Span]] = []
    first = 0
    while first < len(phrases):
        lengths: list[int] = []
        for last in range(first, len(phrases)):
            length = _condensed_samples(phrases[first : last + 1])
            if lengths and length > max_samples:
                break
            lengths.append(length)
        count = len(lengths)
        if first + count < len(phrases):
            count = 1 + max(range(count), key=lambda index: _cut_score(phrases, first + index, max_samples - lengths[index]))
        groups.append(list(phrases[first : first + count]))
        first += count
    return groups


def split_long_phrases(audio: Samples, speech: Sequence[Span], max_samples: int) -> list[Span]:
    """Cut phrases that are longer than `max_samples` where they are quietest."""
    phrases = []
    for start, end in speech:
        while end - start > max_samples:
            search_area = audio[start + round(max_samples * (1 - _SEARCHED_SHARE)) : start + max_samples]
            frames = search_area[: len(search_area) // _FRAME * _FRAME].reshape(-1, _FRAME)
            quietest = int(np.argmin(np.square(frames).mean(axis=1)))
            cut = start + max_samples - len(search_area) + quietest * _FRAME + _FRAME // 2
            phrases.append((start, cut))
            start = cut
        phrases.append((start, end))
    return phrases


def _condensed_samples(phrases: Sequence[Span]) -> int:
    """Return the length of the phrases with padding and without long pauses."""
    return sum(end - start for start, end in pad_and_merge(phrases, phrases[-1][1] + _MARGIN_SAMPLES, phrases[0][0] - _MARGIN_SAMPLES))


def _cut_score(phrases: Sequence[Span], last: int, unfilled_samples: int) -> float:
    pause_s = (phrases[last + 1][0] - phrases[last][1]) / SAMPLE_RATE_HZ
    return min(pause_s, _MAX_USEFUL_PAUSE_S) - _UNFILLED_PAUSE_S * unfilled_samples / SAMPLE_RATE_HZ
