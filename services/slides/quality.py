"""Signs of trouble in a recording's slides that need no ground truth."""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Sequence

from domain import OcrWord, QualityReport, SlideTimeline, Transcript

_MANY_SLIDES_A_MINUTE = 6.0
_FEW_SLIDES_A_MINUTE = 1 / 20
_MUCH_UNSTABLE = 0.4
_RISKY_DUPLICATES = 0.2
_POOR_OCR = 0.6
_LITTLE_SPEECH = 0.05
_LONG_ENOUGH_S = 600.0
_SHORT_VISIT_S = 2.0
_SAME_TEXT = 0.9


def report_quality(
    timeline: SlideTimeline, duration_s: float, pages: Sequence[Sequence[OcrWord]] = (), transcript: Transcript | None = None
) -> QualityReport:
    """Judge a timeline, the words read on its slides (one sequence a slide; empty where nothing was read) and what was said."""
    minutes = max(duration_s, 1.0) / 60
    rate = len(timeline.slides) / minutes
    duplicates = _near_duplicate_risk(timeline, pages)
    ocr = _ocr_confidence(pages)
    speech = _speech_coverage(transcript, duration_s)
    reasons = [
        *timeline.warnings,
        *(["No slides were found."] if not timeline.slides else []),
        *([f"Very many slides: {rate:.1f} a minute."] if rate > _MANY_SLIDES_A_MINUTE and len(timeline.slides) > 5 else []),
        *(["Very few slides for its length."] if rate < _FEW_SLIDES_A_MINUTE and duration_s > _LONG_ENOUGH_S else []),
        *(["Some slides look alike; pages may be doubled."] if duplicates > _RISKY_DUPLICATES else []),
        *(["The picture rarely stands still."] if timeline.unstable_share > _MUCH_UNSTABLE else []),
        *(["The writing on the slides is hard to read."] if ocr is not None and ocr < _POOR_OCR else []),
        *(["Hardly anything was said, or it was not understood."] if speech is not None and speech < _LITTLE_SPEECH else []),
    ]
    return QualityReport(
        slides_per_minute=round(rate, 3),
        near_duplicate_risk=round(duplicates, 3),
        unstable_share=round(timeline.unstable_share, 3),
        ocr_confidence=None if ocr is None else round(ocr, 3),
        speech_coverage=None if speech is None else round(speech, 3),
        needs_review=bool(reasons),
        reasons=tuple(reasons),
    )


def _near_duplicate_risk(timeline: SlideTimeline, pages: Sequence[Sequence[OcrWord]]) -> float:
    """Share of slides that follow one with the same words, or were shown for a moment only."""
    if len(timeline.slides) < 2:
        return 0.0
    suspects = {number for number, slide in enumerate(timeline.slides) if sum(visit.duration_s for visit in slide.visits) < _SHORT_VISIT_S}
    texts = [[word.text for word in page] for page in pages]
    for number, (before, after) in enumerate(itertools.pairwise(texts), 1):
        if before and after and difflib.SequenceMatcher(None, before, after, autojunk=False).ratio() >= _SAME_TEXT:
            suspects.add(number)
    return len(suspects) / len(timeline.slides)


def _ocr_confidence(pages: Sequence[Sequence[OcrWord]]) -> float | None:
    """Mean over words, long ones counting more."""
    words = [word for page in pages for word in page if word.text.strip()]
    if not words:
        return None
    return sum(word.confidence * len(word.text) for word in words) / sum(len(word.text) for word in words)


def _speech_coverage(transcript: Transcript | None, duration_s: float) -> float | None:
    """Share of the recording's time in which somebody speaks; pauses inside a segment count as speech."""
    if transcript is None:
        return None
    covered, reached = 0.0, 0.0
    for segment in sorted(transcript.segments, key=lambda segment: segment.start_s):
        covered += max(0.0, segment.end_s - max(segment.start_s, reached))
        reached = max(reached, segment.end_s)
    return min(1.0, covered / max(duration_s, 1.0))
