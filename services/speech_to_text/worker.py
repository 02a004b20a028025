"""Tasks of the child processes: transcribe chunks in parallel into a checkpoint, then assemble the transcript."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from domain import FlaggedSegment, SpeechSource, Transcript
from lib.process import Report
from lib.serialization import from_plain, write_json
from services.speech_to_text.cached_chunks import CachedChunks
from services.speech_to_text.capitals import capitalise_sentences
from services.speech_to_text.checkpoint import Checkpoint
from services.speech_to_text.chunk_progress import ChunkProgress, for_each_chunk
from services.speech_to_text.chunk_transcriber import ChunkTranscript, transcribe_chunk
from services.speech_to_text.chunks import Chunk, WavFile, chunk_length_s, split_into_chunks
from services.speech_to_text.engines import load_engine
from services.speech_to_text.language_detection import Surroundings, decide_language, decide_little_speech, speech_around
from services.speech_to_text.languages import engine_code, english_name
from services.speech_to_text.port import SAMPLE_RATE_HZ, Samples, SpeechEngine, SpeechLanguage, SpeechOptions
from services.speech_to_text.vad import CondensedAudio, speech_spans

_MAX_THREADS = 4
_S_PER_LANGUAGE_SAMPLE = 240
_MIN_LANGUAGE_SAMPLES = 6
_MAX_LANGUAGE_SAMPLES = 24
_MIN_SAMPLE_DISTANCE = 60 * SAMPLE_RATE_HZ  # each sample costs as much as a sixth of the transcription of a minute
_SAMPLED_SAMPLES = 40 * SAMPLE_RATE_HZ  # of the recording, of which up to 30 s of speech are used
_MIN_SAMPLED_SPEECH = 10 * SAMPLE_RATE_HZ
_MAX_LANGUAGE_CHUNKS = 4
_SAMPLES_BEFORE, _SAMPLES_AFTER = 25 * SAMPLE_RATE_HZ, 40 * SAMPLE_RATE_HZ  # which may hold some pauses
_MAX_LANGUAGE_WINDOWS = 3
_WINDOW_SAMPLES = 30 * SAMPLE_RATE_HZ
_MIN_SPEECH_SHARE = 0.1


def transcribe_chunks(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Transcribe up to `max_audio_per_child_s`; return `is_complete`. Payload: wav, language (or None), checkpoint, options."""
    transcription = _Transcription(
        WavFile(Path(payload["wav"])),
        engine_code(payload["language"]),
        Path(payload["checkpoint"]),
        from_plain(SpeechOptions, payload["options"]),
        report,
    )
    return {"is_complete": transcription.run()}


def assemble_transcript(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Write the Transcript of a complete checkpoint, without loading an engine. Payload: checkpoint, target."""
    checkpoint = Checkpoint.load(Path(payload["checkpoint"]))
    segments, flagged_segments = capitalise_sentences(checkpoint.segments()), checkpoint.flagged_segments()
    if segments and checkpoint.language:
        language = checkpoint.language
        languages = list(checkpoint.speech_s_by_language()) or [language.code]
        warnings = (*filter(None, [checkpoint.warning]), *_language_warnings(language, languages), *_flag_warnings(flagged_segments))
        source = SpeechSource.RECOGNISED
        transcript = Transcript(
            languages[0], segments, source, checkpoint.engine, language.probability, warnings=warnings, flagged=flagged_segments
        )
    else:
        transcript = Transcript(
            "", (), SpeechSource.NONE, checkpoint.engine, warnings=tuple(_flag_warnings(flagged_segments)), flagged=flagged_segments
        )
    write_json(Path(payload["target"]), transcript)
    return {}


def _language_warnings(language: SpeechLanguage, languages: Sequence[str]) -> Iterator[str]:
    if len(languages) > 1:
        yield f"Several languages are spoken: {', '.join(map(english_name, languages))}. Check the passages where the language changes."
    if language.runner_up:
        yield f"The language is uncertain: {english_name(language.code)} was chosen, {english_name(language.runner_up)} is possible too."


def _flag_warnings(flagged_segments: Sequence[FlaggedSegment]) -> Iterator[str]:
    words = sum(len(each.segment.words) for each in flagged_segments)
    if words:
        reasons = ", ".join(sorted({each.reason.replace("_", " ") for each in flagged_segments}))
        yield f"{words} recognised words were left out as unlikely ({reasons}). To restore them, reject the correction of the transcript."


class _Transcription:
    def __init__(self, wav: WavFile, language: str | None, checkpoint: Path, options: SpeechOptions, report: Report) -> None:
        self._wav, self._language, self._options = wav, language, options
        self._threads = max(1, min(_MAX_THREADS, options.cores))
        self._length_s = chunk_length_s(wav.duration_s, options.chunk_s, self._threads)
        fingerprint = {
            "options": options.fingerprint,
            "language": language,
            "samples": wav.length,
            "chunk_s": round(self._length_s, 3),
        }
        self._checkpoint = Checkpoint.open(checkpoint, fingerprint)
        self._progress = ChunkProgress(report, wav.duration_s)
        self._engine: SpeechEngine | None = None

    def run(self) -> bool:
        """Transcribe up to `max_audio_per_child_s`; return whether the checkpoint has all chunks with speech."""
        chunks = CachedChunks(split_into_chunks(self._wav, self._length_s, dict(self._checkpoint.chunks)))
        is_complete = True
        if any(chunk.speech for chunk in chunks):
            self._engine = load_engine(self._options, self._threads)
            is_complete = self._transcribe_chunks(chunks, self._resolve_languages(chunks))
            self._save_fallback()
        if is_complete:
            self._progress.finish()
        return is_complete

    def _resolve_languages(self, chunks: Iterable[Chunk]) -> tuple[str, ...]:
        assert self._engine is not None
        if self._checkpoint.language is None:
            language = SpeechLanguage(self._language, 1.0, (self._language,)) if self._language else self._detect_language(chunks)
            self._checkpoint.save_language(language, self._engine.name, self._engine.warning)
        assert self._checkpoint.language is not None
        return self._checkpoint.language.candidates

    def _save_fallback(self) -> None:
        """Save that the engine has gone over to the CPU in the meantime."""
        assert self._engine is not None and self._checkpoint.language is not None
        if self._engine.warning != self._checkpoint.warning and self._engine.warning:
            self._checkpoint.save_language(self._checkpoint.language, self._engine.name, self._engine.warning)

    def _detect_language(self, chunks: Iterable[Chunk]) -> SpeechLanguage:
        """Decide on windows from all over the recording, or from its first speech where those hold little."""
        assert self._engine is not None
        with ThreadPoolExecutor(self._threads) as pool:
            windows = list(filter(len, pool.map(self._sample_window, self._sample_positions())))
            if sum(map(len, windows)) < min(_MIN_SAMPLED_SPEECH, self._wav.length // 2):
                windows += self._first_windows(chunks)
            if sum(map(len, windows)) < _MIN_SAMPLED_SPEECH:
                chunk = max(self._first_chunks(chunks), key=lambda each: sum(end - start for start, end in each.speech))
                return decide_little_speech(self._engine, self._wav.read(chunk.start, chunk.end), chunk.speech)
            probabilities = list(pool.map(self._engine.language_probabilities, windows))
        return decide_language(self._engine, windows, probabilities)

    def _sample_positions(self) -> list[int]:
        """Return where the samples begin, evenly spread; more in longer recordings."""
        count = math.ceil(self._wav.duration_s / _S_PER_LANGUAGE_SAMPLE)
        count = min(max(count, _MIN_LANGUAGE_SAMPLES), _MAX_LANGUAGE_SAMPLES, math.ceil(self._wav.length / _MIN_SAMPLE_DISTANCE))
        last = max(0, self._wav.length - _SAMPLED_SAMPLES)
        return [last * index // max(1, count - 1) for index in range(count)]

    def _sample_window(self, start: int) -> Samples:
        audio = self._wav.read(start, start + _SAMPLED_SAMPLES)
        return CondensedAudio.of(audio, speech_spans(audio)).audio[:_WINDOW_SAMPLES]

    def _first_windows(self, chunks: Iterable[Chunk]) -> list[Samples]:
        """Return windows of up to 30 s from the first four chunks with speech, at most three."""
        windows: list[Samples] = []
        for chunk in self._first_chunks(chunks):
            audio = CondensedAudio.of(self._wav.read(chunk.start, chunk.end), chunk.speech).audio
            windows += [audio[at : at + _WINDOW_SAMPLES] for at in range(0, len(audio), _WINDOW_SAMPLES)]
        return sorted(windows, key=len, reverse=True)[:_MAX_LANGUAGE_WINDOWS]

    def _first_chunks(self, chunks: Iterable[Chunk]) -> Iterator[Chunk]:
        """Yield the first four chunks with speech."""
        return itertools.islice((chunk for chunk in chunks if chunk.speech), _MAX_LANGUAGE_CHUNKS)

    def _transcribe_chunks(self, chunks: Iterable[Chunk], languages: Sequence[str]) -> bool:
        """Transcribe chunks that are not in the checkpoint, up to `max_audio_per_child_s`; return whether all are in it now."""
        limited_chunks = _LimitedChunks(chunks, self._checkpoint, self._progress, self._options.max_audio_per_child_s)
        for_each_chunk(limited_chunks, lambda chunk: self._transcribe_chunk(chunk, languages), self._threads)
        return limited_chunks.is_complete

    def _transcribe_chunk(self, chunk: Chunk, languages: Sequence[str]) -> None:
        assert self._engine is not None
        speech_share = sum(end - start for start, end in chunk.speech) / (chunk.end - chunk.start)
        result = ChunkTranscript([], [], {})
        if chunk.speech:
            audio = self._wav.read(chunk.start, chunk.end)
            result = transcribe_chunk(
                self._engine,
                audio,
                chunk.speech,
                chunk.start_s,
                languages,
                # `done_s` counts speech and its margins; with little speech, margins are most of it and would give too much progress
                lambda done_s: self._progress.update(chunk, done_s / max(speech_share, _MIN_SPEECH_SHARE)),
                self._surroundings(chunk) if len(languages) > 1 else None,
            )
        self._checkpoint.save(chunk, result.segments, result.speech_s_by_language, result.flagged_segments)
        self._progress.update(chunk, chunk.duration_s)

    def _surroundings(self, chunk: Chunk) -> Surroundings:
        before = self._wav.read(max(0, chunk.start - _SAMPLES_BEFORE), chunk.start)
        return speech_around(before, self._wav.read(chunk.end, chunk.end + _SAMPLES_AFTER))


class _LimitedChunks:
    """Yields the chunks that are not in the checkpoint, until they have more than `max_audio_s`."""

    def __init__(self, chunks: Iterable[Chunk], checkpoint: Checkpoint, progress: ChunkProgress, max_audio_s: float) -> None:
        self._chunks, self._checkpoint, self._progress, self._max_audio_s = chunks, checkpoint, progress, max_audio_s
        self.is_complete = True

    def __iter__(self) -> Iterator[Chunk]:
        taken_s = 0.0
        for chunk in self._chunks:
            if chunk.start in self._checkpoint.chunks:
                self._progress.update(chunk, chunk.duration_s)
                continue
            if taken_s >= self._max_audio_s:
                self.is_complete = False
                return
            taken_s += chunk.duration_s
            yield chunk
