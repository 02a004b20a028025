"""Tasks of the child processes: transcribe chunks in parallel into a checkpoint, then assemble the transcript."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

from domain import Segment, SpeechSource, Transcript
from lib.process import Report
from lib.serialization import from_plain, write_json
from services.speech_to_text.checkpoint import Checkpoint
from services.speech_to_text.chunk_transcriber import transcribe_chunk
from services.speech_to_text.chunks import Chunk, WavFile, chunk_length_s, split_into_chunks
from services.speech_to_text.engines import load_engine
from services.speech_to_text.languages import engine_code
from services.speech_to_text.port import SAMPLE_RATE_HZ, SpeechEngine, SpeechOptions
from services.speech_to_text.vad import CondensedAudio

_MAX_WORKERS = 4
_LANGUAGE_SAMPLE_S = 90
_LANGUAGE_CHUNKS = 4
_WINDOW = 30 * SAMPLE_RATE_HZ


def run(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Transcribe up to `max_audio_per_child_s`; return whether chunks remain. Payload: wav, language (or None), checkpoint, options."""
    options = from_plain(SpeechOptions, payload["options"])
    job = _Transcription(WavFile(Path(payload["wav"])), engine_code(payload["language"]), Path(payload["checkpoint"]), options, report)
    return {"unfinished": not job.run()}


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
        self._workers = max(1, min(_MAX_WORKERS, options.cores))
        self._length_s = chunk_length_s(wav.duration_s, options.chunk_s, self._workers)
        fingerprint = {
            "engine": options.engine,
            "model_folder": str(options.model_folder or ""),
            "beam_size": options.beam_size,
            "language": language,
            "samples": wav.length,
            "chunk_s": round(self._length_s, 3),
        }
        self._checkpoint = Checkpoint.open(checkpoint, fingerprint)
        self._progress = _Progress(report, wav.duration_s)
        self._engine: SpeechEngine | None = None

    def run(self) -> bool:
        """Transcribe until the recording or this child's share ends; return whether the recording is complete."""
        chunks = _CachedChunks(split_into_chunks(self._wav, self._length_s, dict(self._checkpoint.chunks)))
        first = next((chunk for chunk in chunks if chunk.speech), None)
        if first is None:
            self._progress.finish()
            return True
        self._engine = load_engine(self._options, self._workers)
        if not self._transcribe_chunks(chunks, self._resolve_language(chunks)):
            return False
        self._progress.finish()
        return True

    def _resolve_language(self, chunks: Iterable[Chunk]) -> str:
        assert self._engine is not None
        if self._checkpoint.language is None:
            language, probability = (self._language, 1.0) if self._language else self._detect_language(chunks)
            self._checkpoint.save_language(language, probability, self._engine.name)
            return language
        return self._checkpoint.language[0]

    def _detect_language(self, chunks: Iterable[Chunk]) -> tuple[str, float]:
        """Return the most probable language and its mean probability over up to three 30 s windows of the first chunks with speech."""
        assert self._engine is not None
        windows, sampled_chunks = [], 0
        for chunk in chunks:
            if chunk.speech:
                audio = CondensedAudio.of(self._wav.read(chunk.start, chunk.end), chunk.speech).audio[: _LANGUAGE_SAMPLE_S * SAMPLE_RATE_HZ]
                windows += [audio[at : at + _WINDOW] for at in range(0, len(audio), _WINDOW)]
                sampled_chunks += 1
            if sum(map(len, windows)) >= _LANGUAGE_SAMPLE_S * SAMPLE_RATE_HZ or sampled_chunks == _LANGUAGE_CHUNKS:
                break
        windows = sorted(windows, key=len, reverse=True)[:3]
        shares: dict[str, float] = defaultdict(float)
        for window in windows:
            for language, probability in self._engine.language_probabilities(window).items():
                shares[language] += probability * len(window) / sum(map(len, windows))
        best = max(shares, key=lambda language: shares[language])
        return best, round(shares[best], 3)

    def _transcribe_chunks(self, chunks: Iterable[Chunk], language: str) -> bool:
        """Transcribe the remaining chunks up to `max_audio_per_child_s`; return whether none remain."""
        running: set[Future[None]] = set()
        started_s, complete = 0.0, True
        with ThreadPoolExecutor(self._workers) as pool:
            for chunk in chunks:
                if chunk.start in self._checkpoint.chunks:
                    self._progress.show(chunk, chunk.duration_s)
                    continue
                if started_s >= self._options.max_audio_per_child_s:
                    complete = False
                    break
                started_s += chunk.duration_s
                while len(running) >= self._workers:
                    done, running = wait(running, return_when=FIRST_COMPLETED)
                    for future in done:
                        future.result()
                running.add(pool.submit(self._transcribe_chunk, chunk, language))
            for future in running:
                future.result()
        return complete

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
                lambda done_s: self._progress.show(chunk, done_s / max(speech_share, 0.1)),
            )
        self._checkpoint.save(chunk, segments)
        self._progress.show(chunk, chunk.duration_s)


class _Progress:
    """Sums the finished seconds of all chunks, for all threads."""

    def __init__(self, report: Report, total_s: float) -> None:
        self._report, self._total_s = report, total_s
        self._done: dict[int, float] = {}
        self._lock = threading.Lock()

    def show(self, chunk: Chunk, done_s: float) -> None:
        with self._lock:
            self._done[chunk.start] = max(self._done.get(chunk.start, 0.0), min(done_s, chunk.duration_s))
            self._report(min(sum(self._done.values()), self._total_s), self._total_s)

    def finish(self) -> None:
        with self._lock:
            self._report(self._total_s, self._total_s)


class _CachedChunks:
    """A re-iterable view of an iterator: each chunk is computed once."""

    def __init__(self, source: Iterator[Chunk]) -> None:
        self._source, self._cache = source, list[Chunk]()

    def __iter__(self) -> Iterator[Chunk]:
        index = 0
        while True:
            if index == len(self._cache):
                chunk = next(self._source, None)
                if chunk is None:
                    return
                self._cache.append(chunk)
            yield self._cache[index]
            index += 1
