"""Sound for benches and tests: decoded recordings and a synthetic voice, as 16 kHz mono samples between -1 and 1 (float32)."""

from __future__ import annotations

import subprocess
import wave
from pathlib import Path

import numpy as np

from scripts.ffmpeg import FFMPEG
from services.speech_to_text.port import SAMPLE_RATE_HZ, Samples

_TIMEOUT_S = 600


def decode(path: Path) -> Samples:
    command = [FFMPEG, "-v", "error", "-nostdin", "-i", str(path), "-vn", "-ac", "1", "-ar", str(SAMPLE_RATE_HZ), "-f", "f32le", "-"]
    return np.frombuffer(subprocess.run(command, check=True, capture_output=True, timeout=_TIMEOUT_S).stdout, dtype=np.float32)


def speak(text: str, voice: str, folder: Path) -> Samples:
    """Return the text spoken by the program espeak-ng, whose `voice` is a language such as "en-us". `folder` gets a file."""
    wav = folder / "spoken.wav"
    subprocess.run(["espeak-ng", "-v", voice, "-s", "140", "-w", str(wav), text], check=True, timeout=_TIMEOUT_S)
    return decode(wav)


def write_wav(path: Path, audio: Samples) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE_HZ)
        file.writeframes((np.clip(audio, -1, 1) * 32767).astype("<i2").tobytes())
    return path
