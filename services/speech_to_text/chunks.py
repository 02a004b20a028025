"""Split a long WAV into chunks of some minutes at pauses; only one chunk is in memory."""

from __future__ import annotations

import math
import wave
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import errors
from services.speech_to_text.port import SAMPLE_RATE_HZ, Samples
from services.speech_to_text.vad import Span, speech_spans

_MIN_CHUNK_S = 45.0
_SEARCH_SHARE = 0.15  # the cut is at most this share of the length before or after the target


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


def chunk_length_s(duration_s: float, max_length_s: float, workers: int) -> float:
    """Return the chunk length that gives every worker the same number of chunks of about `max_length_s` at most."""
    rounds = max(1, math.ceil(duration_s / (max_length_s * workers)))
    return max(min(_MIN_CHUNK_S, max_length_s), duration_s / (rounds * workers))


def split_into_chunks(wav: WavFile, length_s: float, finished: Mapping[int, Chunk]) -> Iterator[Chunk]:
    """Yield the chunks in order. Chunks in `finished` (by start) are reused without reading; the result is deterministic."""
    start, length = 0, round(length_s * SAMPLE_RATE_HZ)
    search = round(length * _SEARCH_SHARE)
    while start < wav.length:
        chunk = finished.get(start)
        if chunk is None or chunk.end <= start:
            is_last = wav.length - start <= length + search
            audio = wav.read(start, wav.length if is_last else start + length + search)
            spans = speech_spans(audio)
            size = len(audio) if is_last else _find_cut(audio, spans, length - search)
            if size == 0:  # the header announces more samples than the file holds
                return
            chunk = Chunk(start, start + size, tuple((a, min(b, size)) for a, b in spans if a < size))
        yield chunk
        start = chunk.end


def _find_cut(audio: Samples, spans: list[Span], earliest: int) -> int:
    """Return the middle of the longest pause after `earliest`, else the quietest tenth of a second."""
    edges = [earliest, *(edge for span in spans for edge in span if edge > earliest), len(audio)]
    inside = any(start < earliest < end for start, end in spans)
    pauses = list(zip(edges[1 if inside else 0 :: 2], edges[2 if inside else 1 :: 2], strict=False))
    if pauses:
        start, end = max(pauses, key=lambda pause: pause[1] - pause[0])
        if end - start > SAMPLE_RATE_HZ // 10:
            return (start + end) // 2
    frame = SAMPLE_RATE_HZ // 10
    tail = audio[earliest : earliest + (len(audio) - earliest) // frame * frame]
    if len(tail) == 0:
        return len(audio)
    loudness = np.square(tail.reshape(-1, frame)).mean(axis=1)
    return earliest + int(np.argmin(loudness)) * frame + frame // 2
