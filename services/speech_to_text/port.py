"""What every speech engine does, and the values it gives and takes."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from domain import Word

SAMPLE_RATE = 16_000
Samples = NDArray[np.float32]
"""Mono sound at SAMPLE_RATE, -1 to 1."""

ProgressCallback = Callable[[float], None]
"""Called with the seconds of the sound that are done."""


@dataclass(frozen=True)
class SpeechOptions:
    """How speech is recognised.

    `cache_folder` is where packaged weights are joined; `model_folder` holds weights of one's own and goes before all others.
    `threads` 0 means all cores. `beam_size` 1 is fastest, 5 slowest. `chunk_s` is what a killed job may have to repeat per thread.
    A child hears `sitting_s` and leaves the rest to the next: its memory grows a little with each chunk, a lecture's length must not show.
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


@dataclass(frozen=True)
class Phrase:
    """What an engine heard in one breath, on the clock of the sound it was given, and how sure it is.

    `silence_probability` is the engine's own belief that nobody spoke, `log_probability` the mean over tokens,
    `compression` how many times smaller the text packs: endless repetition packs well.
    """

    words: tuple[Word, ...]
    silence_probability: float
    log_probability: float
    compression: float

    @property
    def start_s(self) -> float:
        return self.words[0].start_s

    @property
    def end_s(self) -> float:
        return self.words[-1].end_s


class SpeechEngine(Protocol):
    """A loaded recogniser. Several threads may call it at once; state never passes from call to call."""

    @property
    def name(self) -> str:
        """Engine and weights, as shown to readers."""

    def language_probabilities(self, sound: Samples) -> dict[str, float]:
        """ISO 639-1 code to probability, from the first 30 seconds of `sound`."""

    def recognise(self, sound: Samples, language: str, heard: ProgressCallback) -> list[Phrase]:
        """The phrases in `sound`, in time order; none without words."""
