"""Split a long WAV at pauses into chunks of some minutes; only one chunk is in memory."""

from __future__ import annotations

import math
import wave
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import errors
from services.speech_to_text.port import SAMPLE_RATE_HZ, Samples
from services.speech_to_text.vad import Span, speech_spans

_MIN_CHUNK_S = 45.0
_CUT_WINDOW_SHARE = 0.15  # of the target length: a chunk is at most this share shorter or longer
_MIN_PAUSE = SAMPLE_RATE_HZ // 10  # samples


@dataclass(frozen=True)
class Chunk:
    """The range [start, end) of the WAV in samples; `speech` is relative to `start`."""

    start: int
    end: int
    speech: tuple[Span, ...]

    @property
    def start_s(self) -> float:
        return self.start / SAMPLE_RATE_HZ

    @property
    def duration_s(self) -> float:
        return (self.end - self.start) / SAMPLE_RATE_HZ


class WavFile:
    """A 16 kHz mono s16 WAV that is read in slices; thread-safe."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            with wave.open(str(path), "rb") as file:
                if (file.getframerate(), file.getnchannels(), file.getsampwidth()) != (SAMPLE_RATE_HZ, 1, 2):
                    raise errors.StageFailed("The audio is not a 16 kHz mono WAV.")
                self.length = file.getnframes()
        except (wave.Error, EOFError) as error:
            raise errors.StageFailed(f"The audio can't be read: {error}.") from error

    @property
    def duration_s(self) -> float:
        return self.length / SAMPLE_RATE_HZ

    def read(self, start: int, end: int) -> Samples:
        with wave.open(str(self._path), "rb") as file:
            file.setpos(min(start, self.length))
            data = file.readframes(max(0, end - start))
        audio: Samples = np.frombuffer(data, dtype="<i2").astype(np.float32) / np.float32(32768)
        return audio


def chunk_length_s(duration_s: float, max_length_s: float, threads: int) -> float:
    """Return the chunk length that gives every thread the same number of chunks, none longer than `max_length_s` or `_MIN_CHUNK_S`."""
    chunks_per_thread = max(1, math.ceil(duration_s / (max_length_s * threads)))
    return max(min(_MIN_CHUNK_S, max_length_s), duration_s / (chunks_per_thread * threads))


def split_into_chunks(wav: WavFile, target_s: float, finished_chunks: Mapping[int, Chunk]) -> Iterator[Chunk]:
    """Yield the chunks in order, each about `target_s` long. The result is deterministic.

    Chunks in `finished_chunks` (by start) are yielded without reading their audio.
    """
    start, target_samples = 0, round(target_s * SAMPLE_RATE_HZ)
    search_samples = round(target_samples * _CUT_WINDOW_SHARE)
    while start < wav.length:
        chunk = finished_chunks.get(start)
        if chunk is None or chunk.end <= start:
            is_last = wav.length - start <= target_samples + search_samples
            audio = wav.read(start, wav.length if is_last else start + target_samples + search_samples)
            speech = speech_spans(audio)
            chunk_samples = len(audio) if is_last else _find_cut(audio, speech, target_samples - search_samples)
            if chunk_samples == 0:  # the header announces more samples than the file holds
                return
            chunk = Chunk(start, start + chunk_samples, tuple((a, min(b, chunk_samples)) for a, b in speech if a < chunk_samples))
        yield chunk
        start = chunk.end


def _find_cut(audio: Samples, speech: Sequence[Span], earliest: int) -> int:
    """Return the sample, from `earliest` on, at which to cut: the middle of the longest pause.

    If no pause is longer than a tenth of a second, return the middle of the quietest tenth of a second.
    """
    pauses = _pauses(speech, earliest, len(audio))
    if pauses:
        start, end = max(pauses, key=lambda pause: pause[1] - pause[0])
        if end - start > _MIN_PAUSE:
            return (start + end) // 2
    frame = SAMPLE_RATE_HZ // 10
    tail = audio[earliest : earliest + (len(audio) - earliest) // frame * frame]
    if len(tail) == 0:
        return len(audio)
    mean_power = np.square(tail.reshape(-1, frame)).mean(axis=1)
    return earliest + int(np.argmin(mean_power)) * frame + frame // 2


def _pauses(speech: Sequence[Span], start: int, end: int) -> list[Span]:
    """Return the spans without speech within [start, end)."""
    pauses = []
    for speech_start, speech_end in speech:
        if speech_start > start:
            pauses.append((start, min(speech_start, end)))
        start = max(start, speech_end)
    if start < end:
        pauses.append((start, end))
    return pauses
