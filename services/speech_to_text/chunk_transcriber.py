"""Transcribe one chunk: remove silence, run the engine, filter hallucinations, and retry speech that got no words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from domain import Segment, Word
from services.speech_to_text.hallucination_filter import enforce_time_order, is_plausible, remove_loops
from services.speech_to_text.port import SAMPLE_RATE_HZ, ProgressCallback, RecognizedSegment, Samples, SpeechEngine
from services.speech_to_text.vad import CondensedAudio, Span, pad_and_merge, uncovered_spans

_MIN_RETRY_S = 2.5
_MARGIN = SAMPLE_RATE_HZ // 4


def transcribe_chunk(
    engine: SpeechEngine, audio: Samples, speech: Sequence[Span], start_s: float, language: str, on_progress: ProgressCallback
) -> list[Segment]:
    """Return the segments of a chunk that begins at `start_s` of the recording; `speech` is relative to the chunk."""
    if not speech:
        return []
    recognized_segments = _plausible_segments(engine, audio, speech, pad_and_merge(speech, len(audio)), language, on_progress)
    # Whisper seeks to its last timestamp and can skip sentences: run it again on speech (by VAD) that no word covers.
    for start, end in uncovered_spans(speech, [word for segment in recognized_segments for word in segment.words], _MIN_RETRY_S):
        around = (max(0, start - _MARGIN), min(len(audio), end + _MARGIN))
        retried = _plausible_segments(engine, audio, speech, [around], language, lambda _: None)
        recognized_segments += [clip for segment in retried if (clip := _clip_words(segment, start / SAMPLE_RATE_HZ, end / SAMPLE_RATE_HZ))]
    recognized_segments = remove_loops(sorted(recognized_segments, key=lambda segment: segment.start_s))
    segments = [
        Segment(segment.start_s + start_s, segment.end_s + start_s, tuple(_shift_word(word, start_s) for word in segment.words))
        for segment in recognized_segments
    ]
    return enforce_time_order(segments, start_s, start_s + len(audio) / SAMPLE_RATE_HZ)


def _plausible_segments(
    engine: SpeechEngine, audio: Samples, speech: Sequence[Span], spans: Sequence[Span], language: str, on_progress: ProgressCallback
) -> list[RecognizedSegment]:
    condensed = CondensedAudio.of(audio, spans)
    recognized_segments = []
    for segment in engine.transcribe(condensed.audio, language, on_progress):
        words = tuple(condensed.to_original_clock(word) for word in segment.words)
        recognized_segments.append(replace(segment, words=words))
    return [segment for segment in recognized_segments if is_plausible(segment, speech)]


def _clip_words(segment: RecognizedSegment, start_s: float, end_s: float) -> RecognizedSegment | None:
    """Drop words outside [start_s, end_s], which come from the margin; return None if no word remains."""
    words = tuple(word for word in segment.words if start_s - 0.2 <= (word.start_s + word.end_s) / 2 <= end_s + 0.2)
    return replace(segment, words=words) if words else None


def _shift_word(word: Word, by_s: float) -> Word:
    return Word(word.text, word.start_s + by_s, word.end_s + by_s, word.probability)
