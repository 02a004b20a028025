"""The child's work: chunks of a recording to a checkpoint, as many at once as there are cores to spare."""

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
from services.speech_to_text.chunk_recognizer import recognise_chunk
from services.speech_to_text.chunks import Chunk, WavFile, chunk_length_s, cut
from services.speech_to_text.engines import load_engine
from services.speech_to_text.languages import engine_code
from services.speech_to_text.port import SAMPLE_RATE, SpeechEngine, SpeechOptions
from services.speech_to_text.vad import Condensed

_MOST_WORKERS = 4
_LANGUAGE_SAMPLE_S = 90
_LANGUAGE_CHUNKS = 4
_WINDOW = 30 * SAMPLE_RATE


def run(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """payload: wav, language (or None), checkpoint, options -> whether it is unfinished after one sitting."""
    options = from_plain(SpeechOptions, payload["options"])
    job = _Job(WavFile(Path(payload["wav"])), engine_code(payload["language"]), Path(payload["checkpoint"]), options, report)
    return {"unfinished": not job.run()}


def assemble_transcript(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """payload: a finished checkpoint, target: where the Transcript goes. No engine is in memory meanwhile."""
    kept = Checkpoint.finished(Path(payload["checkpoint"]))
    segments = kept.segments()
    if segments and kept.language:
        language, probability = kept.language
        transcript = Transcript(language, segments, SpeechSource.RECOGNISED, kept.engine, probability)
    else:
        transcript = Transcript("", (), SpeechSource.NONE, kept.engine)
    write_json(Path(payload["target"]), transcript)
    return {}


class _Job:
    def __init__(self, wav: WavFile, language: str | None, checkpoint: Path, options: SpeechOptions, report: Report) -> None:
        self._wav, self._language, self._options = wav, language, options
        self._workers = max(1, min(_MOST_WORKERS, options.cores))
        self._length_s = chunk_length_s(wav.duration_s, options.chunk_s, self._workers)
        of = {
            "engine": options.engine,
            "model_folder": str(options.model_folder or ""),
            "beam_size": options.beam_size,
            "language": language,
            "samples": wav.length,
            "chunk_s": round(self._length_s, 3),
        }
        self._kept = Checkpoint.opened(checkpoint, of)
        self._progress = _Progress(report, wav.duration_s)
        self._engine: SpeechEngine | None = None

    def run(self) -> bool:
        """False when the sitting is over before the recording: what was heard is kept, another child goes on."""
        chunks = _Remembered(cut(self._wav, self._length_s, dict(self._kept.chunks)))
        first = next((chunk for chunk in chunks if chunk.speech), None)
        if first is None:
            self._progress.finish()
            return True
        self._engine = load_engine(self._options, self._workers)
        if not self._recognise(chunks, self._fixed_language(chunks)):
            return False
        self._progress.finish()
        return True

    def _fixed_language(self, chunks: Iterable[Chunk]) -> str:
        assert self._engine is not None
        if self._kept.language is None:
            language, probability = (self._language, 1.0) if self._language else self._detected(chunks)
            self._kept.keep_language(language, probability, self._engine.name)
            return language
        return self._kept.language[0]

    def _detected(self, chunks: Iterable[Chunk]) -> tuple[str, float]:
        """The language with the largest mean over up to three half minutes from the first chunks in which somebody speaks."""
        assert self._engine is not None
        windows, spoken = [], 0
        for chunk in chunks:
            if chunk.speech:
                sound = Condensed.of(self._wav.read(chunk.start, chunk.end), chunk.speech).sound[: _LANGUAGE_SAMPLE_S * SAMPLE_RATE]
                windows += [sound[at : at + _WINDOW] for at in range(0, len(sound), _WINDOW)]
                spoken += 1
            if sum(map(len, windows)) >= _LANGUAGE_SAMPLE_S * SAMPLE_RATE or spoken == _LANGUAGE_CHUNKS:
                break
        windows = sorted(windows, key=len, reverse=True)[:3]
        shares: dict[str, float] = defaultdict(float)
        for window in windows:
            for language, probability in self._engine.language_probabilities(window).items():
                shares[language] += probability * len(window) / sum(map(len, windows))
        best = max(shares, key=lambda language: shares[language])
        return best, round(shares[best], 3)

    def _recognise(self, chunks: Iterable[Chunk], language: str) -> bool:
        """Hear the chunks that are left, one sitting at most; -> whether that was all."""
        running: set[Future[None]] = set()
        heard_s, complete = 0.0, True
        with ThreadPoolExecutor(self._workers) as pool:
            for chunk in chunks:
                if chunk.start in self._kept.chunks:
                    self._progress.show(chunk, chunk.duration_s)
                    continue
                if heard_s >= self._options.max_audio_per_child_s:
                    complete = False
                    break
                heard_s += chunk.duration_s
                while len(running) >= self._workers:
                    done, running = wait(running, return_when=FIRST_COMPLETED)
                    for future in done:
                        future.result()
                running.add(pool.submit(self._one, chunk, language))
            for future in running:
                future.result()
        return complete

    def _one(self, chunk: Chunk, language: str) -> None:
        assert self._engine is not None
        share = sum(end - start for start, end in chunk.speech) / (chunk.end - chunk.start)
        segments: list[Segment] = []
        if chunk.speech:
            sound = self._wav.read(chunk.start, chunk.end)
            segments = recognise_chunk(
                self._engine,
                sound,
                chunk.speech,
                chunk.start_s,
                language,
                lambda heard_s: self._progress.show(chunk, heard_s / max(share, 0.1)),
            )
        self._kept.keep(chunk, segments)
        self._progress.show(chunk, chunk.duration_s)


class _Progress:
    """Adds up the seconds of all running chunks; threads share one channel."""

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


class _Remembered:
    """An iterable that can be gone through again and computes each item once."""

    def __init__(self, source: Iterator[Chunk]) -> None:
        self._source, self._seen = source, list[Chunk]()

    def __iter__(self) -> Iterator[Chunk]:
        at = 0
        while True:
            if at == len(self._seen):
                following = next(self._source, None)
                if following is None:
                    return
                self._seen.append(following)
            yield self._seen[at]
            at += 1
