"""Assignment of the spoken words to the visits of slides."""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections.abc import Sequence

from domain import Segment, SlideTimeline, TimeRange, Transcript, Word
from lib.text import ends_sentence, strip_closing_marks
from services.slides.parameters import DEFAULTS, WordParameters

SpokenVisit = tuple[int, TimeRange, tuple[Segment, ...]]

_ABBREVIATIONS = frozenset({"dr.", "mr.", "mrs.", "ms.", "prof.", "e.g.", "i.e.", "vs.", "cf.", "fig.", "eq.", "no.", "z.b.", "bzw."})


def assign_words(transcript: Transcript, slides: SlideTimeline, parameters: WordParameters = DEFAULTS.words) -> tuple[SpokenVisit, ...]:
    """Cut the transcript at the slide changes; return (slide index, visit, its segments) in time order, each word exactly once.

    A cut falls on the nearest sentence end if one is near the change, else between two words. Words before the first slide belong
    to it. Returns nothing if there are no slides.
    """
    visits = sorted(
        ((index, visit) for index, slide in enumerate(slides.slides) for visit in slide.visits),
        key=lambda item: (item[1].start_s, item[0]),
    )
    if not visits:
        return ()
    numbered_words = [(number, word) for number, segment in enumerate(transcript.segments) for word in segment.words]
    changes = [visit.start_s for _, visit in visits[1:]]
    cuts = _find_cuts(transcript, [word for _, word in numbered_words], changes, parameters.sentence_reach_s)
    bounds = [0, *cuts, len(numbered_words)]
    return tuple(
        (index, visit, _regroup(transcript, numbered_words[first:last]))
        for (index, visit), (first, last) in zip(visits, itertools.pairwise(bounds), strict=True)
    )


def _find_cuts(transcript: Transcript, words: Sequence[Word], changes: Sequence[float], reach_s: float) -> list[int]:
    """Return for each slide change the number of words before it; the numbers never decrease."""
    ends = _sentence_ends(transcript, words)
    middles = list(itertools.accumulate(((word.start_s + word.end_s) / 2 for word in words), max))
    cuts: list[int] = []
    for change in changes:
        nearest = min(ends, key=lambda position: _distance_s(words, position, change), default=None)
        cut = bisect_left(middles, change)
        if nearest is not None and _distance_s(words, nearest, change) <= reach_s:
            cut = nearest
        cuts.append(max(cut, cuts[-1] if cuts else 0))
    return cuts


def _distance_s(words: Sequence[Word], position: int, change: float) -> float:
    """Return the time between `change` and the pause before the word at `position`; 0 inside the pause."""
    pause_start = words[position - 1].end_s if position > 0 else float("-inf")
    pause_end = words[position].start_s if position < len(words) else float("inf")
    return max(0.0, pause_start - change, change - pause_end)


def _sentence_ends(transcript: Transcript, words: Sequence[Word]) -> list[int]:
    """Return the positions between words at which a sentence ends; at which a segment ends if there is no punctuation."""
    if not words:
        return []
    ends = [number for number, word in enumerate(words, 1) if _ends_sentence(word.text)]
    if not ends:
        ends = [end for end in itertools.accumulate(len(segment.words) for segment in transcript.segments) if end]
    return sorted({0, *ends, len(words)})


def _ends_sentence(word: str) -> bool:
    return ends_sentence(word) and strip_closing_marks(word).lower() not in _ABBREVIATIONS


def _regroup(transcript: Transcript, numbered_words: Sequence[tuple[int, Word]]) -> tuple[Segment, ...]:
    """Group the words by segment again; a segment that was not cut stays the same object."""
    segments: list[Segment] = []
    for number, group in itertools.groupby(numbered_words, key=lambda item: item[0]):
        words = tuple(word for _, word in group)
        segment = transcript.segments[number]
        segments.append(segment if len(words) == len(segment.words) else Segment(words[0].start_s, words[-1].end_s, words))
    return tuple(segments)
