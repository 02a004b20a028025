"""Which words were spoken over which appearance of a slide."""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections.abc import Sequence

from domain import Segment, SlideTimeline, TimeRange, Transcript, Word

SpokenVisit = tuple[int, TimeRange, tuple[Segment, ...]]

SENTENCE_REACH_S = 2.0
_ENDS = tuple(".!?…。！？｡।॥؟۔።")
_CLOSERS = "\"'”’»›)]}」』）】"
_ABBREVIATIONS = frozenset({"dr.", "mr.", "mrs.", "ms.", "prof.", "e.g.", "i.e.", "vs.", "cf.", "fig.", "eq.", "no.", "z.b.", "bzw."})


def words_on_slides(transcript: Transcript, slides: SlideTimeline) -> tuple[SpokenVisit, ...]:
    """Cut the transcript at the slide changes: (slide index, visit, its segments) in time order, every word in exactly one.

    A cut falls on the nearest sentence end within two seconds of the change, else between words. What is said before the
    first slide belongs to it. Without slides the answer is empty.
    """
    visits = sorted(
        ((index, visit) for index, slide in enumerate(slides.slides) for visit in slide.visits),
        key=lambda item: (item[1].start_s, item[0]),
    )
    if not visits:
        return ()
    spoken = [(number, word) for number, segment in enumerate(transcript.segments) for word in segment.words]
    cuts = _cuts(transcript, [word for _, word in spoken], [visit.start_s for _, visit in visits[1:]])
    bounds = [0, *cuts, len(spoken)]
    return tuple(
        (index, visit, _regroup(transcript, spoken[first:last]))
        for (index, visit), (first, last) in zip(visits, itertools.pairwise(bounds), strict=True)
    )


def _cuts(transcript: Transcript, words: Sequence[Word], changes: Sequence[float]) -> list[int]:
    """For each change the number of words that come before it, never falling."""
    ends = _sentence_ends(transcript, words)
    middles = list(itertools.accumulate(((word.start_s + word.end_s) / 2 for word in words), max))
    cuts: list[int] = []
    for change in changes:
        near = min(ends, key=lambda position: _distance(words, position, change), default=None)
        cut = bisect_left(middles, change)
        if near is not None and _distance(words, near, change) <= SENTENCE_REACH_S:
            cut = near
        cuts.append(max(cut, cuts[-1] if cuts else 0))
    return cuts


def _distance(words: Sequence[Word], position: int, change: float) -> float:
    """Seconds between `change` and the pause before the word at `position`; 0 inside the pause."""
    pause_start = words[position - 1].end_s if position > 0 else float("-inf")
    pause_end = words[position].start_s if position < len(words) else float("inf")
    return max(0.0, pause_start - change, change - pause_end)


def _sentence_ends(transcript: Transcript, words: Sequence[Word]) -> list[int]:
    """Positions between words where a sentence ends; in speech without punctuation, where a segment does."""
    if not words:
        return []
    ends = [number for number, word in enumerate(words, 1) if _ends_sentence(word.text)]
    if not ends:
        ends = [end for end in itertools.accumulate(len(segment.words) for segment in transcript.segments) if end]
    return sorted({0, *ends, len(words)})


def _ends_sentence(text: str) -> bool:
    bare = text.strip().rstrip(_CLOSERS)
    return bare.endswith(_ENDS) and bare.lower() not in _ABBREVIATIONS


def _regroup(transcript: Transcript, spoken: Sequence[tuple[int, Word]]) -> tuple[Segment, ...]:
    """The words in the segments they came from; a segment that was not cut stays as it is."""
    segments: list[Segment] = []
    for number, run in itertools.groupby(spoken, key=lambda item: item[0]):
        words = tuple(word for _, word in run)
        whole = transcript.segments[number]
        segments.append(whole if len(words) == len(whole.words) else Segment(words[0].start_s, words[-1].end_s, words))
    return tuple(segments)
