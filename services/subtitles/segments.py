"""Turn cues into the segments and words of a transcript."""

from __future__ import annotations

import bisect
import re
import unicodedata
from collections.abc import Iterator, Sequence

from domain import Segment, Word
from lib.text import UNSPACED
from services.subtitles.cue import Cue

_MIN_DURATION_S = 0.001
_LOOK_AHEAD_CUES = 20
# A cue without duration gets as long as reading it aloud takes.
_MIN_SPOKEN_S = 0.5
_SPOKEN_S_PER_CHARACTER = 0.06
_UNSPACED = re.compile(f"[{UNSPACED}]")


def to_segments(cues: Sequence[Cue], duration_s: float) -> Iterator[Segment]:
    """Yield segments that neither overlap nor pass the recording's end. `cues` are in time order."""
    free_from = 0.0
    for index, cue in enumerate(cues):
        next_start_s = next((each.start_s for each in cues[index + 1 : index + _LOOK_AHEAD_CUES] if each.start_s > cue.start_s), duration_s)
        start = max(0.0, cue.start_s, free_from)
        limit = min(max(next_start_s, start + _MIN_DURATION_S), duration_s)
        end = min(max(cue.end_s, start), limit)
        if start >= duration_s:
            continue
        if end - start < _MIN_DURATION_S:
            end = min(start + max(_MIN_SPOKEN_S, _SPOKEN_S_PER_CHARACTER * len(cue.text)), limit)
        words = _timed_words(cue, start, end)
        yield Segment(words[0].start_s, words[-1].end_s, words)
        free_from = words[-1].end_s


def _timed_words(cue: Cue, start_s: float, end_s: float) -> tuple[Word, ...]:
    """Words share the time between two known moments by their number of characters."""
    letters, times = _known_moments(cue, start_s, end_s)
    words, position, word_start = [], 0, start_s
    for piece in _pieces(cue.text):
        position += len(piece.strip())
        word_end = _interpolate(letters, times, position)
        words.append(Word(piece, round(word_start, 3), round(word_end, 3)))
        word_start = word_end
    return tuple(words)


def _known_moments(cue: Cue, start_s: float, end_s: float) -> tuple[list[int], list[float]]:
    """Characters before a moment, spaces left out, and its time: the cue's start, the marks within it that ascend, its end."""
    letters, times, before = [0], [start_s], 0
    for line in cue.lines:
        for offset, time_s in line.marks:
            count = before + _count(line.text[:offset])
            if letters[-1] < count and times[-1] <= time_s < end_s:
                letters.append(count)
                times.append(time_s)
        before += _count(line.text)
    if letters[-1] == before:
        letters, times = letters[:-1], times[:-1]
    return [*letters, before], [*times, end_s]


def _interpolate(letters: Sequence[int], times: Sequence[float], count: int) -> float:
    index = min(max(bisect.bisect_left(letters, count), 1), len(letters) - 1)
    share = (count - letters[index - 1]) / (letters[index] - letters[index - 1])
    return times[index - 1] + (times[index] - times[index - 1]) * share


def _count(text: str) -> int:
    return len(text) - text.count(" ")


def _pieces(text: str) -> Iterator[str]:
    """Yield words with the space before them; in scripts without spaces each character with the marks and punctuation that follow it."""
    for token in text.split(" "):
        piece, lead = "", " "
        for char in token:
            is_unspaced = bool(_UNSPACED.match(char)) and unicodedata.category(char)[0] != "M"
            if piece and (is_unspaced or _UNSPACED.match(piece[0])) and unicodedata.category(char)[0] not in "MP":
                yield lead + piece
                piece, lead = "", ""
            piece += char
        if piece:
            yield lead + piece
