"""The port of the speech engines: the protocol and the values that it takes and returns."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from domain import Word

SAMPLE_RATE_HZ = 16_000
Samples = NDArray[np.float32]
"""Mono audio at SAMPLE_RATE, from -1 to 1."""

ProgressCallback = Callable[[float], None]
"""Receives the seconds of audio that are done."""


@dataclass(frozen=True)
class SpeechOptions:
    """Settings of speech recognition.

    `cache_folder` receives the joined parts of packaged weights; `model_folder` holds custom weights and takes precedence.
    `threads` 0 means all cores. `beam_size` 1 is fastest, 5 slowest. A killed job repeats at most `chunk_s` per thread.
    A child process transcribes about `max_audio_per_child_s` and then ends, because its memory grows a little with each chunk.
    """

    cache_folder: Path
    model_folder: Path | None = None
    allow_model_hub: bool = False
    hub_model: str = "base"
    engine: str = "faster-whisper"
    beam_size: int = 2
    threads: int = 0
    chunk_s: float = 120.0
    max_audio_per_child_s: float = 300.0

    @property
    def cores(self) -> int:
        return self.threads or len(os.sched_getaffinity(0))

    @property
    def fingerprint(self) -> str:
        """Part of the key of finished stages: the engine, what chooses its weights, and the width of its search."""
        return f"{self.engine} {self.model_folder} {self.hub_model} {self.beam_size}"


@dataclass(frozen=True)
class RecognizedSegment:
    """A segment as the engine returned it, with confidences; times are relative to the audio that was passed in.

    `no_speech_probability` is the engine's estimate that nobody spoke, `mean_log_probability` the mean over tokens,
    `compression_ratio` the size of the text divided by its compressed size (high for repetitions).
    """

    words: tuple[Word, ...]
    no_speech_probability: float
    mean_log_probability: float
    compression_ratio: float

    @property
    def start_s(self) -> float:
        return self.words[0].start_s

    @property
    def end_s(self) -> float:
        return self.words[-1].end_s


class SpeechEngine(Protocol):
    """A loaded engine. It is thread-safe and keeps no state between calls."""

    @property
    def name(self) -> str:
        """Return engine and weights, as shown to readers."""

    def language_probabilities(self, audio: Samples) -> dict[str, float]:
        """Return probabilities by ISO 639-1 code, from the first 30 seconds of `audio`."""

    def transcribe(self, audio: Samples, language: str, on_progress: ProgressCallback) -> list[RecognizedSegment]:
        """Return the hypotheses for `audio` in time order, each with at least one word."""
