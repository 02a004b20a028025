"""Transcribe one chunk: remove silence, run the engine, filter hallucinations, and retry speech that got no words."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from domain import FlaggedSegment, Segment, Word
from services.speech_to_text.hallucination_filter import (
    MAX_COMPRESSION_RATIO,
    enforce_time_order,
    flag_of,
    flag_repetitions,
    is_plausible,
)
from services.speech_to_text.language_detection import LanguageRun, Surroundings, language_runs
from services.speech_to_text.port import SAMPLE_RATE_HZ, ProgressCallback, RecognizedSegment, Samples, SpeechEngine
from services.speech_to_text.vad import CondensedAudio, Span, speech_duration_s, uncovered_spans
from services.speech_to_text.windows import SpeechWindow, split_into_windows

_MIN_LOST_SPEECH_S = 1.2  # without the slack of 0.6 s before and after each word
_WORD_SLACK_S = 0.6
_MIN_LOST_PHRASE_S = 0.6  # a phrase between pauses, none of whose words was recognised
_MIN_RETRY_LOG_PROBABILITY = -0.9  # a short clip without context is where engines invent words
_RETRY_MARGIN_SAMPLES = SAMPLE_RATE_HZ // 4
_MAX_CLIPPED_S = 0.2  # how far the middle of a word may lie outside the speech that was transcribed again
_MAX_BATCH_WINDOWS = 6  # each takes 25 MB for the keys and values of its attention
_MAX_UNTRANSCRIBED_END_S = 0.8  # between the last word of a window and the end of its speech
_MIN_BATCH_LOG_PROBABILITY = -0.7  # below this, transcribe the window again by itself, with a wider beam
_MAX_FLAGGED_COVERED_SHARE = 0.5
_MIN_MISSED_S = 0.3  # shorter gaps between words do not count against a transcript


@dataclass(frozen=True)
class ChunkTranscript:
    """The segments of a chunk, those that are not real speech, and the seconds of speech in each language."""

    segments: list[Segment]
    flagged_segments: list[FlaggedSegment]
    speech_s_by_language: dict[str, float]


def transcribe_chunk(
    engine: SpeechEngine,
    audio: Samples,
    speech: Sequence[Span],
    start_s: float,
    languages: Sequence[str],
    on_progress: ProgressCallback,
    surroundings: Surroundings | None = None,
) -> ChunkTranscript:
    """Transcribe a chunk that begins at `start_s` of the recording.

    `speech` is relative to the chunk. With several `languages`, each passage is transcribed in its own; the speech on both sides of the
    chunk helps to decide on it.
    """
    if not speech:
        return ChunkTranscript([], [], {})
    speech_s_by_language: dict[str, float] = defaultdict(float)
    recognized_segments: list[RecognizedSegment] = []
    for run in language_runs(engine, audio, speech, languages, surroundings):
        segments = _transcribe_windows(engine, audio, run, on_progress)
        recognized_segments += segments + _retry_lost_speech(engine, audio, run, segments)
        speech_s_by_language[run.language] += sum(end - start for start, end in run.speech) / SAMPLE_RATE_HZ
    return assemble_chunk_transcript(recognized_segments, start_s, start_s + len(audio) / SAMPLE_RATE_HZ, dict(speech_s_by_language))


def assemble_chunk_transcript(
    recognized_segments: Sequence[RecognizedSegment], start_s: float, end_s: float, speech_s_by_language: dict[str, float]
) -> ChunkTranscript:
    """Convert segments to the clock of the recording, where the chunk is [start_s, end_s], sort them, and separate flagged ones."""
    segments_with_flags = flag_repetitions(sorted(recognized_segments, key=lambda segment: segment.start_s))
    segments = enforce_time_order(
        [_to_recording_clock(segment, start_s) for segment in segments_with_flags if not segment.flag], start_s, end_s
    )
    flagged_segments = [
        FlaggedSegment(each, segment.flag)
        for segment in segments_with_flags
        if segment.flag
        for each in enforce_time_order([_to_recording_clock(segment, start_s)], start_s, end_s)
    ]
    return ChunkTranscript(segments, [each for each in flagged_segments if not _is_covered(each.segment, segments)], speech_s_by_language)


def _to_recording_clock(segment: RecognizedSegment, chunk_start_s: float) -> Segment:
    words = tuple(Word(word.text, word.start_s + chunk_start_s, word.end_s + chunk_start_s, word.probability) for word in segment.words)
    return Segment(words[0].start_s, words[-1].end_s, words)


def _is_covered(flagged_segment: Segment, segments: Sequence[Segment]) -> bool:
    """Return whether words of other segments cover most of a flagged segment."""
    words = [word for segment in segments for word in segment.words]
    covered_s = sum(max(0.0, min(word.end_s, flagged_segment.end_s) - max(word.start_s, flagged_segment.start_s)) for word in words)
    return covered_s > _MAX_FLAGGED_COVERED_SHARE * (flagged_segment.end_s - flagged_segment.start_s)


def _retry_lost_speech(
    engine: SpeechEngine, audio: Samples, run: LanguageRun, recognized_segments: Sequence[RecognizedSegment]
) -> list[RecognizedSegment]:
    """Transcribe speech that no word covers again, because engines can skip sentences. Return the plausible segments."""
    words = [word for segment in recognized_segments if not segment.flag for word in segment.words]
    clips: list[RecognizedSegment] = []
    for start, end in _lost_speech(run.speech, words):
        margins = (max(run.start, start - _RETRY_MARGIN_SAMPLES), min(run.end, end + _RETRY_MARGIN_SAMPLES))
        for segment in _transcribe_alone(engine, CondensedAudio.of(audio, [margins]), run.speech, run.language):
            clip = _clip_words(segment, start / SAMPLE_RATE_HZ, end / SAMPLE_RATE_HZ)
            is_likely = segment.mean_log_probability >= _MIN_RETRY_LOG_PROBABILITY and is_plausible(segment, run.speech, run.language)
            if clip is not None and is_likely:
                clips.append(clip)
    return clips


def _transcribe_windows(engine: SpeechEngine, audio: Samples, run: LanguageRun, on_progress: ProgressCallback) -> list[RecognizedSegment]:
    """Transcribe the run in batches of windows, and windows with a bad result once more by themselves."""
    windows = split_into_windows(audio, run.speech, run.start, run.end, engine.max_window_samples)
    recognized_segments: list[RecognizedSegment] = []
    for batch in _batches(windows):
        results = engine.transcribe_windows([window.condensed_audio.audio for window in batch], run.language)
        for window, result in zip(batch, results, strict=True):
            segments = _to_chunk_clock(result, window.condensed_audio, window.speech)
            if not _is_complete(window, segments):
                single_result = _transcribe_alone(engine, window.condensed_audio, window.speech, run.language)
                segments = max((segments, single_result), key=lambda each: _quality(window, each, run.language))
            recognized_segments += [replace(segment, flag=flag_of(segment, window.speech, run.language)) for segment in segments]
            on_progress(window.voiced_end_s)
    return recognized_segments


def _transcribe_alone(
    engine: SpeechEngine, condensed_audio: CondensedAudio, speech: Sequence[Span], language: str
) -> list[RecognizedSegment]:
    return _to_chunk_clock(engine.transcribe(condensed_audio.audio, language, lambda _: None), condensed_audio, speech)


def _batches(windows: Sequence[SpeechWindow]) -> Iterator[Sequence[SpeechWindow]]:
    """Yield as few batches as possible, of nearly the same size."""
    count = math.ceil(len(windows) / _MAX_BATCH_WINDOWS)
    for number in range(count):
        yield windows[len(windows) * number // count : len(windows) * (number + 1) // count]


def _to_chunk_clock(
    segments: Sequence[RecognizedSegment], condensed_audio: CondensedAudio, speech: Sequence[Span]
) -> list[RecognizedSegment]:
    return [replace(each, words=tuple(condensed_audio.to_original_clock(word, speech) for word in each.words)) for each in segments]


def _is_complete(window: SpeechWindow, segments: Sequence[RecognizedSegment]) -> bool:
    """Return whether the words reach the end of the speech, and none is repeated or improbable."""
    return (
        bool(segments)
        and window.voiced_end_s - segments[-1].end_s <= _MAX_UNTRANSCRIBED_END_S
        and all(
            segment.mean_log_probability >= _MIN_BATCH_LOG_PROBABILITY and segment.compression_ratio <= MAX_COMPRESSION_RATIO
            for segment in segments
        )
    )


def _quality(window: SpeechWindow, segments: Sequence[RecognizedSegment], language: str) -> tuple[float, float]:
    """Return the seconds of speech that plausible segments cover, to half a second, then their mean log probability."""
    plausible = [
        segment
        for segment in segments
        if is_plausible(segment, window.speech, language) and segment.compression_ratio <= MAX_COMPRESSION_RATIO
    ]
    words = [word for segment in plausible for word in segment.words]
    if not words:
        return 0.0, -math.inf
    spoken_s = speech_duration_s(window.speech, 0.0, window.voiced_end_s)
    missed_s = sum(end - start for start, end in uncovered_spans(window.speech, words, _MIN_MISSED_S)) / SAMPLE_RATE_HZ
    log_probability = sum(segment.mean_log_probability * len(segment.words) for segment in plausible) / len(words)
    return round(2 * (spoken_s - missed_s)) / 2, log_probability


def _lost_speech(speech: Sequence[Span], words: Sequence[Word]) -> list[Span]:
    """Return passages of speech without words: long gaps, and whole phrases even if they are short."""
    gaps = uncovered_spans(speech, words, _MIN_LOST_SPEECH_S, slack_s=_WORD_SLACK_S)
    phrases = set(speech).intersection(uncovered_spans(speech, words, _MIN_LOST_PHRASE_S, slack_s=0.0))
    return sorted({*gaps, *(phrase for phrase in phrases if not any(_is_within(phrase, gap) for gap in gaps))})


def _is_within(inner: Span, outer: Span) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def _clip_words(segment: RecognizedSegment, start_s: float, end_s: float) -> RecognizedSegment | None:
    """Drop words outside [start_s, end_s], which come from the margin; return None if no word remains."""
    earliest_s, latest_s = start_s - _MAX_CLIPPED_S, end_s + _MAX_CLIPPED_S
    words = tuple(word for word in segment.words if earliest_s <= (word.start_s + word.end_s) / 2 <= latest_s)
    return replace(segment, words=words) if words else None
