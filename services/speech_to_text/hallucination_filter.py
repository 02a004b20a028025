"""Flag hallucinations: engines return repetitions and stock phrases where nobody speaks."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import replace

from domain import Segment, Word
from services.speech_to_text.port import RecognizedSegment
from services.speech_to_text.vad import Span, speech_duration_s
from services.speech_to_text.writing_systems import has_wrong_script

_MIN_SPEECH_SHARE = 0.2
_MAX_WORDS_PER_S = 15.0  # characters, in languages written without spaces
_MAX_CYCLE_WORDS = 12
_MAX_REPEATS = 4
_MIN_WORD_S = 0.01
_MIN_INSTANT_CYCLE_WORDS = 3
_MAX_INSTANT_WORD_S = 0.03  # nobody speaks as fast
MAX_COMPRESSION_RATIO = 2.4  # as in Whisper's own fallback
# Digits from 16 on, or 8 groups of them: a billion has nine zeros, and a byte may be eight ones.
_REPEATS_WITHIN_WORD = re.compile(r"([^\W\d_]{1,4}?)\1{7,}|((?:\d\W?){2,5}?|\d\W)\2{7,}")


def is_plausible(segment: RecognizedSegment, speech: Sequence[Span], language: str) -> bool:
    """Return whether the segment is likely to be real speech. `speech`: spans of the VAD on the clock of the segment."""
    return not flag_of(segment, speech, language)


def flag_of(segment: RecognizedSegment, speech: Sequence[Span], language: str) -> str:
    """Return why the segment is unlikely to be real speech, as in `FlaggedSegment.reason`; "" if it is likely."""
    text = "".join(word.text for word in segment.words)
    duration_s = max(segment.end_s - segment.start_s, _MIN_WORD_S)
    if not any(sign.isalnum() for sign in text):
        return "no_speech"
    if segment.no_speech_probability > 0.6 and segment.mean_log_probability < -0.7:
        return "no_speech"
    if segment.mean_log_probability < -1.2:
        return "log_probability"
    if len(segment.words) >= 8 and len(segment.words) / duration_s > _MAX_WORDS_PER_S:
        return "too_fast"
    if speech_duration_s(speech, segment.start_s, segment.end_s) < _MIN_SPEECH_SHARE * duration_s:
        return "no_speech"
    return "wrong_script" if has_wrong_script(text, language) else ""


def flag_repetitions(recognized_segments: Sequence[RecognizedSegment]) -> list[RecognizedSegment]:
    """Flag what repeats: copies after the first of word sequences that occur more than four times in a row (single words: six times).

    Also flag a sequence that is repeated in no time, which engines do at the end of a window; words in which some letters or digits
    repeat; and segments whose text still compresses too well. No word is lost.
    """
    words = [(index, word) for index, segment in enumerate(recognized_segments) for word in segment.words]
    texts = ["".join(sign for sign in word.text.lower() if sign.isalnum()) for _, word in words]
    durations_s = [word.end_s - word.start_s for _, word in words]
    originals: list[list[Word]] = [[] for _ in recognized_segments]
    copies: list[list[Word]] = [[] for _ in recognized_segments]
    at = 0
    while at < len(words):
        cycle, repeats = _find_loop(texts, durations_s, at)
        for offset, (index, word) in enumerate(words[at : at + cycle * repeats]):
            is_copy = offset >= cycle or _REPEATS_WITHIN_WORD.search(word.text.lower()) is not None
            (copies if is_copy else originals)[index].append(word)
        at += cycle * repeats
    result = []
    for words_left, copied_words, segment in zip(originals, copies, recognized_segments, strict=True):
        if words_left:
            shortened_segment = replace(segment, words=tuple(words_left))
            result.append(replace(shortened_segment, flag=shortened_segment.flag or _compression_flag(shortened_segment)))
        if copied_words:
            result.append(replace(segment, words=tuple(copied_words), flag=segment.flag or "repetition"))
    return result


def _compression_flag(segment: RecognizedSegment) -> str:
    data = "".join(word.text for word in segment.words).encode()
    return "compression_ratio" if len(data) / len(zlib.compress(data)) > MAX_COMPRESSION_RATIO else ""


def _find_loop(texts: Sequence[str], durations_s: Sequence[float], at: int) -> tuple[int, int]:
    """Return (words per cycle, number of cycles) of the loop that starts at `at`; (1, 1) if there is none."""
    for cycle in range(1, _MAX_CYCLE_WORDS + 1):
        first = texts[at : at + cycle]
        repeats = 1
        while texts[at + repeats * cycle : at + (repeats + 1) * cycle] == first and len(first) == cycle:
            repeats += 1
        if repeats > (_MAX_REPEATS if cycle > 1 else _MAX_REPEATS + 2):
            return cycle, repeats
        copies_s = durations_s[at + cycle : at + cycle * repeats]
        if cycle >= _MIN_INSTANT_CYCLE_WORDS and copies_s and sum(copies_s) <= _MAX_INSTANT_WORD_S * len(copies_s):
            return cycle, repeats
    return 1, 1


def enforce_time_order(segments: Sequence[Segment], start_s: float, end_s: float) -> list[Segment]:
    """Return the same words with times that increase and stay within [start_s, end_s]."""
    words = [word for segment in segments for word in segment.words]
    times: list[tuple[float, float]] = []
    floor = start_s
    for word in words:
        first = max(word.start_s, floor)
        floor = max(word.end_s, first + _MIN_WORD_S)
        times.append((first, floor))
    ceiling = end_s
    for index in range(len(times) - 1, -1, -1):
        first, last = min(times[index][0], ceiling), min(times[index][1], ceiling)
        times[index] = (max(start_s, min(first, last - _MIN_WORD_S)), last)
        ceiling = times[index][0]
    sorted_words = iter(
        Word(word.text, round(first, 3), round(max(first, last), 3), round(word.probability, 3))
        for word, (first, last) in zip(words, times, strict=True)
    )
    runs = [tuple(next(sorted_words) for _ in segment.words) for segment in segments]
    return [Segment(run[0].start_s, run[-1].end_s, run) for run in runs if run]
