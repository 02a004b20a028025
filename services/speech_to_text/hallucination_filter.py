"""What keeps invented text out: recognisers write endless repetitions and polite phrases where nobody speaks."""

from __future__ import annotations

from collections.abc import Sequence

from domain import Segment, Word
from services.speech_to_text.port import Phrase
from services.speech_to_text.vad import Span, speech_in

_LEAST_SPEECH_SHARE = 0.2
_MOST_WORDS_PER_S = 15.0  # of signs, in languages written without spaces
_LONGEST_CYCLE = 12
_MOST_REPEATS = 4
_TICK_S = 0.01


def is_plausible(phrase: Phrase, speech: Sequence[Span]) -> bool:
    """Whether somebody may have said this. `speech` is where the voice detector heard somebody, on the phrase's clock."""
    if not any(sign.isalnum() for word in phrase.words for sign in word.text):
        return False
    if phrase.silence_probability > 0.6 and phrase.log_probability < -0.7:
        return False
    if phrase.log_probability < -1.2:
        return False
    duration_s = max(phrase.end_s - phrase.start_s, _TICK_S)
    if len(phrase.words) >= 8 and len(phrase.words) / duration_s > _MOST_WORDS_PER_S:
        return False
    return speech_in(speech, phrase.start_s, phrase.end_s) >= _LEAST_SPEECH_SHARE * duration_s


def without_loops(phrases: Sequence[Phrase]) -> list[Phrase]:
    """Runs of words that repeat more than four times in a row are said once."""
    words = [(index, word) for index, phrase in enumerate(phrases) for word in phrase.words]
    texts = ["".join(sign for sign in word.text.lower() if sign.isalnum()) for _, word in words]
    kept: list[list[Word]] = [[] for _ in phrases]
    at = 0
    while at < len(words):
        cycle, repeats = _loop_at(texts, at)
        for index, word in words[at : at + cycle]:
            kept[index].append(word)
        at += cycle * repeats
    return [
        Phrase(tuple(left), phrase.silence_probability, phrase.log_probability, phrase.compression)
        for left, phrase in zip(kept, phrases, strict=True)
        if left
    ]


def _loop_at(texts: Sequence[str], at: int) -> tuple[int, int]:
    """-> (length of the cycle, how often it is said); (1, 1) where nothing loops."""
    for cycle in range(1, _LONGEST_CYCLE + 1):
        first = texts[at : at + cycle]
        repeats = 1
        while texts[at + repeats * cycle : at + (repeats + 1) * cycle] == first and len(first) == cycle:
            repeats += 1
        if repeats > (_MOST_REPEATS if cycle > 1 else _MOST_REPEATS + 2):
            return cycle, repeats
    return 1, 1


def in_order(segments: Sequence[Segment], start_s: float, end_s: float) -> list[Segment]:
    """The same words with times that never run back nor out of [start, end]."""
    words = [word for segment in segments for word in segment.words]
    times: list[tuple[float, float]] = []
    floor = start_s
    for word in words:
        first = max(word.start_s, floor)
        floor = max(word.end_s, first + _TICK_S)
        times.append((first, floor))
    ceiling = end_s
    for index in range(len(times) - 1, -1, -1):
        first, last = min(times[index][0], ceiling), min(times[index][1], ceiling)
        times[index] = (max(start_s, min(first, last - _TICK_S)), last)
        ceiling = times[index][0]
    timed = iter(
        Word(word.text, round(first, 3), round(max(first, last), 3), round(word.probability, 3))
        for word, (first, last) in zip(words, times, strict=True)
    )
    ordered = [tuple(next(timed) for _ in segment.words) for segment in segments]
    return [Segment(run[0].start_s, run[-1].end_s, run) for run in ordered if run]
