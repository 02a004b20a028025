"""Transcribe one chunk: remove silence, run the engine, filter hallucinations, and retry speech that got no words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from domain import Segment, Word
from services.speech_to_text.hallucination_filter import enforce_time_order, is_plausible, remove_loops
from services.speech_to_text.language_detection import LanguageRun, language_runs
from services.speech_to_text.port import SAMPLE_RATE_HZ, ProgressCallback, RecognizedSegment, Samples, SpeechEngine
from services.speech_to_text.vad import CondensedAudio, Span, pad_and_merge, uncovered_spans

_MIN_RETRY_S = 1.2  # between words, so a hole of 2.4 s
_MIN_LOST_PHRASE_S = 0.6  # a phrase between pauses, none of whose words was recognised
_MIN_RETRY_LOG_PROBABILITY = -0.9  # a short clip without context is where engines invent words
_MARGIN = SAMPLE_RATE_HZ // 4


def transcribe_chunk(
    engine: SpeechEngine, audio: Samples, speech: Sequence[Span], start_s: float, languages: Sequence[str], on_progress: ProgressCallback
) -> tuple[list[Segment], dict[str, float]]:
    """Return the segments of a chunk that begins at `start_s` of the recording, and the seconds of speech in each language.

    `speech` is relative to the chunk. With several `languages`, each passage is transcribed in its own.
    """
    if not speech:
        return [], {}
    speech_s: dict[str, float] = defaultdict(float)
    recognized_segments: list[RecognizedSegment] = []
    for run in language_runs(engine, audio, speech, languages):
        recognized_segments += _transcribe_run(engine, audio, run, on_progress)
        speech_s[run.language] += sum(end - start for start, end in run.speech) / SAMPLE_RATE_HZ
    recognized_segments = remove_loops(sorted(recognized_segments, key=lambda segment: segment.start_s))
    segments = [
        Segment(segment.start_s + start_s, segment.end_s + start_s, tuple(_shift_word(word, start_s) for word in segment.words))
        for segment in recognized_segments
    ]
    return enforce_time_order(segments, start_s, start_s + len(audio) / SAMPLE_RATE_HZ), dict(speech_s)


def _transcribe_run(engine: SpeechEngine, audio: Samples, run: LanguageRun, on_progress: ProgressCallback) -> list[RecognizedSegment]:
    done_s = run.start / SAMPLE_RATE_HZ
    spans = pad_and_merge(run.speech, run.end, run.start)
    recognized_segments = _plausible_segments(engine, audio, run, spans, lambda seconds: on_progress(done_s + seconds))
    # Whisper seeks to its last timestamp and can skip sentences: run it again on speech (by VAD) that no word covers.
    for start, end in _lost_speech(run.speech, [word for segment in recognized_segments for word in segment.words]):
        around = (max(run.start, start - _MARGIN), min(run.end, end + _MARGIN))
        for segment in _plausible_segments(engine, audio, run, [around], lambda _: None):
            clip = _clip_words(segment, start / SAMPLE_RATE_HZ, end / SAMPLE_RATE_HZ)
            if clip is not None and segment.mean_log_probability >= _MIN_RETRY_LOG_PROBABILITY:
                recognized_segments.append(clip)
    return recognized_segments


def _lost_speech(speech: Sequence[Span], words: Sequence[Word]) -> list[Span]:
    """Return passages of speech without words: long holes, and whole phrases even if they are short."""
    lost = set(uncovered_spans(speech, words, _MIN_RETRY_S))
    phrases = uncovered_spans(speech, words, _MIN_LOST_PHRASE_S, slack_s=0.0)
    return sorted(lost | {span for span in phrases if span in set(speech) and not any(a <= span[0] and span[1] <= b for a, b in lost)})


def _plausible_segments(
    engine: SpeechEngine, audio: Samples, run: LanguageRun, spans: Sequence[Span], on_progress: ProgressCallback
) -> list[RecognizedSegment]:
    condensed = CondensedAudio.of(audio, spans)
    recognized_segments = []
    for segment in engine.transcribe(condensed.audio, run.language, on_progress):
        words = tuple(condensed.to_original_clock(word, run.speech) for word in segment.words)
        recognized_segments.append(replace(segment, words=words))
    return [segment for segment in recognized_segments if is_plausible(segment, run.speech)]


def _clip_words(segment: RecognizedSegment, start_s: float, end_s: float) -> RecognizedSegment | None:
    """Drop words outside [start_s, end_s], which come from the margin; return None if no word remains."""
    words = tuple(word for word in segment.words if start_s - 0.2 <= (word.start_s + word.end_s) / 2 <= end_s + 0.2)
    return replace(segment, words=words) if words else None


def _shift_word(word: Word, by_s: float) -> Word:
    return Word(word.text, word.start_s + by_s, word.end_s + by_s, word.probability)
