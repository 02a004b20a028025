"""The recognised text with ids: its segments, and the flagged ones that were left out."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from domain import FlaggedSegment, Segment
from services.transcript_text.words import EditableSegment, IdCounter, with_ids


@dataclass(frozen=True)
class FlaggedWords:
    """A flagged segment with ids, and the reason why it was left out."""

    segment: EditableSegment
    reason: str


@dataclass(frozen=True)
class RawVersion:
    """The words of flagged segments have ids after those of all others, so that the numbering of words does not include them."""

    segments: tuple[EditableSegment, ...]
    flagged_words: tuple[FlaggedWords, ...]

    def with_flagged_words(self) -> Iterator[EditableSegment]:
        """Yield all segments in time order, as they were recognised."""
        return _merge(self.segments, (each.segment for each in self.flagged_words))

    def with_empty_flagged_segments(self) -> Iterator[EditableSegment]:
        """Yield all segments in time order; flagged ones have no words, but mark where their words can be restored."""
        return _merge(self.segments, (replace(each.segment, words=()) for each in self.flagged_words))


def number_words(
    speech_segments: Iterable[Segment], flagged_segments: Iterable[FlaggedSegment], segment_ids: IdCounter, word_ids: IdCounter
) -> RawVersion:
    """Give ids to all segments and words."""
    segments = tuple(with_ids(segment, 0.0, segment_ids, word_ids) for segment in speech_segments)
    return RawVersion(
        segments, tuple(FlaggedWords(with_ids(each.segment, 0.0, segment_ids, word_ids), each.reason) for each in flagged_segments)
    )


def _merge(segments: Iterable[EditableSegment], flagged_segments: Iterable[EditableSegment]) -> Iterator[EditableSegment]:
    sorted_segments = heapq.merge(segments, flagged_segments, key=lambda segment: segment.start_s)
    return (replace(segment, position=float(number)) for number, segment in enumerate(sorted_segments, 1))
