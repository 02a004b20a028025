"""A long WAV in pieces of some minutes, cut where nobody speaks; only the piece at hand is in memory."""

from __future__ import annotations

import math
import wave
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import errors
from services.speech_to_text.port import SAMPLE_RATE, Samples
from services.speech_to_text.vad import Span, speech_spans

_LEAST_CHUNK_S = 45.0
_SEARCH_SHARE = 0.15  # a cut is sought in the last part of a chunk


@dataclass(frozen=True)
class Chunk:
    """A stretch [start, end) of the WAV in samples; `speech` is relative to its start."""

    start: int
    end: int
    speech: tuple[Span, ...]

    @property
    def start_s(self) -> float:
        return self.start / SAMPLE_RATE

    @property
    def duration_s(self) -> float:
        return (self.end - self.start) / SAMPLE_RATE


class WavFile:
    """16 kHz mono s16 WAV, read a slice at a time; threads may share it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            with wave.open(str(path), "rb") as file:
                if (file.getframerate(), file.getnchannels(), file.getsampwidth()) != (SAMPLE_RATE, 1, 2):
                    raise errors.StageFailed("The sound is not 16 kHz mono WAV.")
                self.length = file.getnframes()
        except (wave.Error, EOFError) as error:
            raise errors.StageFailed(f"The sound can't be read: {error}.") from error

    @property
    def duration_s(self) -> float:
        return self.length / SAMPLE_RATE

    def read(self, start: int, end: int) -> Samples:
        with wave.open(str(self._path), "rb") as file:
            file.setpos(min(start, self.length))
            data = file.readframes(max(0, end - start))
        sound: Samples = np.frombuffer(data, dtype="<i2").astype(np.float32) / np.float32(32768)
        return sound


def chunk_length_s(duration_s: float, longest_s: float, workers: int) -> float:
    """Chunks of one length, as many for each worker, none longer than `longest_s` by much."""
    rounds = max(1, math.ceil(duration_s / (longest_s * workers)))
    return max(min(_LEAST_CHUNK_S, longest_s), duration_s / (rounds * workers))


def cut(wav: WavFile, length_s: float, known: Mapping[int, Chunk]) -> Iterator[Chunk]:
    """The chunks in order. Where `known` (by start) has one, it is taken over unread; the same WAV is cut the same way."""
    start, length = 0, round(length_s * SAMPLE_RATE)
    search = round(length * _SEARCH_SHARE)
    while start < wav.length:
        chunk = known.get(start)
        if chunk is None or chunk.end <= start:
            is_last = wav.length - start <= length + search
            sound = wav.read(start, wav.length if is_last else start + length + search)
            spans = speech_spans(sound)
            size = len(sound) if is_last else _quiet_place(sound, spans, length - search)
            if size == 0:  # the header promises more than the file holds
                return
            chunk = Chunk(start, start + size, tuple((a, min(b, size)) for a, b in spans if a < size))
        yield chunk
        start = chunk.end


def _quiet_place(sound: Samples, spans: list[Span], earliest: int) -> int:
    """The middle of the longest pause past `earliest`, else the quietest tenth of a second."""
    edges = [earliest, *(edge for span in spans for edge in span if edge > earliest), len(sound)]
    inside = any(start < earliest < end for start, end in spans)
    pauses = list(zip(edges[1 if inside else 0 :: 2], edges[2 if inside else 1 :: 2], strict=False))
    if pauses:
        start, end = max(pauses, key=lambda pause: pause[1] - pause[0])
        if end - start > SAMPLE_RATE // 10:
            return (start + end) // 2
    frame = SAMPLE_RATE // 10
    tail = sound[earliest : earliest + (len(sound) - earliest) // frame * frame]
    if len(tail) == 0:
        return len(sound)
    loudness = np.square(tail.reshape(-1, frame)).mean(axis=1)
    return earliest + int(np.argmin(loudness)) * frame + frame // 2
