"""Signs of trouble in a recording's slides that need no ground truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from domain import MediaInfo, OcrWord, QualityReport, SlideTimeline, Transcript
from services.slides.parameters import DEFAULTS, QualityParameters


def report_quality(
    timeline: SlideTimeline,
    duration_s: float,
    pages: Sequence[Sequence[OcrWord]] = (),
    transcript: Transcript | None = None,
    parameters: QualityParameters = DEFAULTS.quality,
    *,
    media: MediaInfo | None = None,
    is_silent: bool = False,
    media_warnings: Sequence[str] = (),
) -> QualityReport:
    """Judge a timeline, the words read on its slides (one sequence per slide; empty without OCR) and the transcript.

    `media`: the streams of the recording; sound alone has no slides, and a video without sound no speech. `is_silent`: its sound track is
    silent. `media_warnings`: sentences about parts of the recording that were left out.
    """
    expects_slides = media is None or media.video is not None
    has_sound = not is_silent and (media is None or media.audio is not None)
    if not has_sound and transcript is not None and not transcript.segments:
        transcript = None
    rate = len(timeline.slides) / (max(duration_s, 1.0) / 60)
    duplicates = _near_duplicate_risk(timeline, pages, parameters)
    ocr = _ocr_confidence(pages)
    speech = _speech_coverage(transcript, duration_s)
    is_sparse = bool(timeline.slides) and rate < parameters.min_slides_per_minute
    is_rapid = rate > parameters.max_slides_per_minute and len(timeline.slides) >= parameters.min_counted_slides
    findings = (
        (expects_slides and not timeline.slides, "No slides were found."),
        (is_rapid, f"Very many slides: {rate:.1f} a minute."),
        (is_sparse, "Very few slides for the length of the recording."),
        (duplicates > parameters.max_duplicate_risk, "Some slides look alike; there may be duplicate pages."),
        (timeline.unstable_share > parameters.max_unstable_share, "The picture is rarely still."),
        (ocr is not None and ocr < parameters.min_ocr_confidence, "The text on the slides is hard to read."),
        (speech is not None and speech < parameters.min_speech_share, "There is hardly any speech, or it was not recognised."),
    )
    warnings = (*media_warnings, *timeline.warnings, *(transcript.warnings if transcript else ()))
    reasons = (*warnings, *(sentence for applies, sentence in findings if applies))
    return QualityReport(
        slides_per_minute=round(rate, 3),
        near_duplicate_risk=round(duplicates, 3),
        unstable_share=round(timeline.unstable_share, 3),
        ocr_confidence=None if ocr is None else round(ocr, 3),
        speech_coverage=None if speech is None else round(speech, 3),
        needs_review=bool(reasons),
        reasons=reasons,
    )


def _near_duplicate_risk(timeline: SlideTimeline, pages: Sequence[Sequence[OcrWord]], parameters: QualityParameters) -> float:
    """Return the share of slides whose words are those of an earlier slide; of a slide without words the pictures are compared."""
    if len(timeline.slides) < 2:
        return 0.0
    texts = [Counter(word.text for word in page) for page in pages]
    texts += [Counter()] * (len(timeline.slides) - len(texts))
    suspects = sum(
        _resembles_earlier(texts, number, parameters) if texts[number] else slide.resembles_earlier
        for number, slide in enumerate(timeline.slides)
    )
    return suspects / len(timeline.slides)


def _resembles_earlier(texts: Sequence[Counter[str]], number: int, parameters: QualityParameters) -> bool:
    """Whether a slide has nearly the same words as one of the slides before it."""
    text, count = texts[number], texts[number].total()
    earlier_texts = texts[max(0, number - parameters.compared_slides) : number]
    return any(2 * (text & other).total() >= parameters.same_text_ratio * (count + other.total()) for other in earlier_texts)


def _ocr_confidence(pages: Sequence[Sequence[OcrWord]]) -> float | None:
    """Return the mean confidence of the words, weighted by their length."""
    words = [word for page in pages for word in page if word.text.strip()]
    if not words:
        return None
    return sum(word.confidence * len(word.text) for word in words) / sum(len(word.text) for word in words)


def _speech_coverage(transcript: Transcript | None, duration_s: float) -> float | None:
    """Return the share of the recording's time with speech; pauses inside a segment count as speech."""
    if transcript is None:
        return None
    covered_s, reached_s = 0.0, 0.0
    for segment in sorted(transcript.segments, key=lambda segment: segment.start_s):
        covered_s += max(0.0, segment.end_s - max(segment.start_s, reached_s))
        reached_s = max(reached_s, segment.end_s)
    return min(1.0, covered_s / max(duration_s, 1.0))
