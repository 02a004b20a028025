"""Small recordings for tests, made by ffmpeg's own sources."""

from __future__ import annotations

import subprocess
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def make(target: Path, *arguments: str) -> Path:
    """Run ffmpeg with `arguments` and the target last."""
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *arguments, str(target)], check=True, timeout=60)
    return target


def picture(seconds: float, size: str = "320x180") -> tuple[str, ...]:
    return ("-f", "lavfi", "-i", f"testsrc2=duration={seconds}:size={size}:rate=10")


def tone(seconds: float, hertz: int = 440) -> tuple[str, ...]:
    return ("-f", "lavfi", "-i", f"sine=frequency={hertz}:duration={seconds}:sample_rate=44100")


def samples_of(wav: Path) -> NDArray[np.float32]:
    with wave.open(str(wav)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 16000)
        return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(np.float32) / 32768


def first_sound_s(wav: Path, level: float = 0.02) -> float:
    """When the sound first passes `level`."""
    return float(np.argmax(np.abs(samples_of(wav)) > level)) / 16000
