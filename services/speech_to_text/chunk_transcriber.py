"""Transcribe one chunk: remove silence, run the engine, filter hallucinations, and retry speech that got no words."""

from __future__ import annotations

from collections.abc import Sequence

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
    hypotheses = _plausible_hypotheses(engine, audio, speech, pad_and_merge(speech, len(audio)), language, on_progress)
    # Whisper seeks to its last timestamp and can skip sentences: run it again on speech (by VAD) that no word covers.
    for start, end in uncovered_spans(speech, [word for hypothesis in hypotheses for word in hypothesis.words], _MIN_RETRY_S):
        around = (max(0, start - _MARGIN), min(len(audio), end + _MARGIN))
        retried = _plausible_hypotheses(engine, audio, speech, [around], language, lambda _: None)
        hypotheses += [clip for hypothesis in retried if (clip := _clip_words(hypothesis, start / SAMPLE_RATE_HZ, end / SAMPLE_RATE_HZ))]
    hypotheses = remove_loops(sorted(hypotheses, key=lambda hypothesis: hypothesis.start_s))
    segments = [
        Segment(hypothesis.start_s + start_s, hypothesis.end_s + start_s, tuple(_shift_word(word, start_s) for word in hypothesis.words))
        for hypothesis in hypotheses
    ]
    return enforce_time_order(segments, start_s, start_s + len(audio) / SAMPLE_RATE_HZ)


def _plausible_hypotheses(
    engine: SpeechEngine, audio: Samples, speech: Sequence[Span], spans: Sequence[Span], language: str, on_progress: ProgressCallback
) -> list[RecognizedSegment]:
    condensed = CondensedAudio.of(audio, spans)
    hypotheses = []
    for hypothesis in engine.transcribe(condensed.audio, language, on_progress):
        words = tuple(condensed.to_original_clock(word) for word in hypothesis.words)
        hypotheses.append(
            RecognizedSegment(words, hypothesis.no_speech_probability, hypothesis.mean_log_probability, hypothesis.compression_ratio)
        )
    return [hypothesis for hypothesis in hypotheses if is_plausible(hypothesis, speech)]


def _clip_words(hypothesis: RecognizedSegment, start_s: float, end_s: float) -> RecognizedSegment | None:
    """Drop the words outside [start_s, end_s], which the margin let in; return None if no word remains."""
    words = tuple(word for word in hypothesis.words if start_s - 0.2 <= (word.start_s + word.end_s) / 2 <= end_s + 0.2)
    return (
        RecognizedSegment(words, hypothesis.no_speech_probability, hypothesis.mean_log_probability, hypothesis.compression_ratio)
        if words
        else None
    )


def _shift_word(word: Word, by_s: float) -> Word:
    return Word(word.text, word.start_s + by_s, word.end_s + by_s, word.probability)
