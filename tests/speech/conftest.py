"""Synthesised speech for tests, as the WAV that engines read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from scripts.audio import speak, write_wav
from services.speech_to_text import SpeechOptions

Audio = NDArray[np.float32]
RATE = 16_000

ENGLISH = (
    "Good morning, and welcome to the lecture.",
    "Today we will talk about sorting algorithms.",
    "The first one compares two neighbours and changes their places.",
    "It is simple, but it needs a lot of time.",
)


def silence(seconds: float) -> Audio:
    return np.zeros(int(seconds * RATE), dtype=np.float32)


@pytest.fixture(scope="session")
def options(models_dir: Path) -> SpeechOptions:
    return SpeechOptions(cache_folder=models_dir, beam_size=1, threads=2)


@pytest.fixture(scope="session")
def lecture(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[float]]:
    """Return (WAV of four sentences with pauses, start of each in seconds)."""
    folder = tmp_path_factory.mktemp("lecture")
    pieces, starts, at = [silence(3)], [], 3.0
    for sentence in ENGLISH:
        audio = speak(sentence, "en-us", folder)
        starts.append(at)
        pieces += [audio, silence(2.5)]
        at += len(audio) / RATE + 2.5
    return write_wav(folder / "lecture.wav", np.concatenate(pieces)), starts
