"""Tasks of the child processes: transcribe chunks in parallel into a checkpoint, then assemble the transcript."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

from domain import Segment, SpeechSource, Transcript
from lib.process import Report
from lib.serialization import from_plain, write_json
from services.speech_to_text.cached_chunks import CachedChunks
from services.speech_to_text.checkpoint import Checkpoint
from services.speech_to_text.chunk_transcriber import transcribe_chunk
from services.speech_to_text.chunks import Chunk, WavFile, chunk_length_s, split_into_chunks
from services.speech_to_text.engines import load_engine
from services.speech_to_text.languages import engine_code
from services.speech_to_text.port import SAMPLE_RATE_HZ, Samples, SpeechEngine, SpeechOptions
from services.speech_to_text.vad import CondensedAudio

_MAX_THREADS = 4
_MAX_LANGUAGE_SAMPLES = 90 * SAMPLE_RATE_HZ
_MAX_LANGUAGE_CHUNKS = 4
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
    segments = checkpoint.segments()
    if segments and checkpoint.language:
        language, probability = checkpoint.language
        transcript = Transcript(language, segments, SpeechSource.RECOGNISED, checkpoint.engine, probability)
    else:
        transcript = Transcript("", (), SpeechSource.NONE, checkpoint.engine)
    write_json(Path(payload["target"]), transcript)
    return {}


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
        self._progress = _Progress(report, wav.duration_s)
        self._engine: SpeechEngine | None = None

    def run(self) -> bool:
        """Transcribe up to `max_audio_per_child_s`; return whether the checkpoint has all chunks with speech."""
        chunks = CachedChunks(split_into_chunks(self._wav, self._length_s, dict(self._checkpoint.chunks)))
        is_complete = True
        if any(chunk.speech for chunk in chunks):
            self._engine = load_engine(self._options, self._threads)
            is_complete = self._transcribe_chunks(chunks, self._resolve_language(chunks))
        if is_complete:
            self._progress.finish()
        return is_complete

    def _resolve_language(self, chunks: Iterable[Chunk]) -> str:
        assert self._engine is not None
        if self._checkpoint.language is None:
            language, probability = (self._language, 1.0) if self._language else self._detect_language(chunks)
            self._checkpoint.save_language(language, probability, self._engine.name)
            return language
        return self._checkpoint.language[0]

    def _detect_language(self, chunks: Iterable[Chunk]) -> tuple[str, float]:
        """Return the most probable language and its mean probability over the sampled windows, weighted by their length."""
        assert self._engine is not None
        windows = self._language_windows(chunks)
        mean_probabilities: dict[str, float] = defaultdict(float)
        for window in windows:
            for language, probability in self._engine.language_probabilities(window).items():
                mean_probabilities[language] += probability * len(window) / sum(map(len, windows))
        best = max(mean_probabilities, key=lambda language: mean_probabilities[language])
        return best, round(mean_probabilities[best], 3)

    def _language_windows(self, chunks: Iterable[Chunk]) -> list[Samples]:
        """Return the three longest windows of up to 30 s from the first 90 s of speech, or from the first four chunks with speech."""
        windows: list[Samples] = []
        sampled_chunks = 0
        for chunk in chunks:
            if chunk.speech:
                audio = CondensedAudio.of(self._wav.read(chunk.start, chunk.end), chunk.speech).audio[:_MAX_LANGUAGE_SAMPLES]
                windows += [audio[at : at + _WINDOW_SAMPLES] for at in range(0, len(audio), _WINDOW_SAMPLES)]
                sampled_chunks += 1
            if sum(map(len, windows)) >= _MAX_LANGUAGE_SAMPLES or sampled_chunks == _MAX_LANGUAGE_CHUNKS:
                break
        return sorted(windows, key=len, reverse=True)[:_MAX_LANGUAGE_WINDOWS]

    def _transcribe_chunks(self, chunks: Iterable[Chunk], language: str) -> bool:
        """Transcribe chunks that are not in the checkpoint, up to `max_audio_per_child_s`; return whether all are in it now."""
        running: set[Future[None]] = set()
        submitted_audio_s, is_complete = 0.0, True
        with ThreadPoolExecutor(self._threads) as pool:
            for chunk in chunks:
                if chunk.start in self._checkpoint.chunks:
                    self._progress.update(chunk, chunk.duration_s)
                    continue
                if submitted_audio_s >= self._options.max_audio_per_child_s:
                    is_complete = False
                    break
                submitted_audio_s += chunk.duration_s
                while len(running) >= self._threads:
                    done, running = wait(running, return_when=FIRST_COMPLETED)
                    for future in done:
                        future.result()
                running.add(pool.submit(self._transcribe_chunk, chunk, language))
            for future in running:
                future.result()
        return is_complete

    def _transcribe_chunk(self, chunk: Chunk, language: str) -> None:
        assert self._engine is not None
        speech_share = sum(end - start for start, end in chunk.speech) / (chunk.end - chunk.start)
        segments: list[Segment] = []
        if chunk.speech:
            audio = self._wav.read(chunk.start, chunk.end)
            segments = transcribe_chunk(
                self._engine,
                audio,
                chunk.speech,
                chunk.start_s,
                language,
                # `done_s` counts speech and its margins; with little speech, margins are most of it and would give too much progress
                lambda done_s: self._progress.update(chunk, done_s / max(speech_share, _MIN_SPEECH_SHARE)),
            )
        self._checkpoint.save(chunk, segments)
        self._progress.update(chunk, chunk.duration_s)


class _Progress:
    """Reports the sum of the seconds done in all chunks. Thread-safe."""

    def __init__(self, report: Report, total_s: float) -> None:
        self._report, self._total_s = report, total_s
        self._done: dict[int, float] = {}
        self._lock = threading.Lock()

    def update(self, chunk: Chunk, done_s: float) -> None:
        with self._lock:
            self._done[chunk.start] = max(self._done.get(chunk.start, 0.0), min(done_s, chunk.duration_s))
            self._report(min(sum(self._done.values()), self._total_s), self._total_s)

    def finish(self) -> None:
        with self._lock:
            self._report(self._total_s, self._total_s)
