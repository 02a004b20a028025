"""Bring sound to a loudness (EBU R 128), and a spoken narration to 48 kHz."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from lib.process import CancellationCheck, never_cancelled
from lib.serialization import atomic_write
from services.media import ffmpeg
from services.media.allowed_formats import file_url

RATE_HZ = 48_000
TARGET_LUFS = -16.0
_MAX_PEAK = 0.84  # -1.5 dBFS
_MAX_GAIN_DB = 30.0
_QUIET_LUFS = -65.0
_LOUDNESS = re.compile(r"lavfi\.r128\.I=(-?\d+(?:\.\d+)?)")


def measure_lufs(source: Path, stream_index: int = 0, *, check: CancellationCheck = never_cancelled) -> float:
    """Return the integrated loudness of a stream of a file; -70 for silence."""
    values: list[float] = []

    def read(line: str) -> None:
        if match := _LOUDNESS.match(line):
            values[:] = [float(match[1])]

    # Three seconds of silence at the end complete the blocks of a short sound; they are gated out.
    filters = "apad=pad_dur=3,ebur128=metadata=1:framelog=quiet,ametadata=mode=print:key=lavfi.r128.I:file=-"
    ffmpeg.run(
        ffmpeg.open_input(source, vn=None, sn=None, dn=None)[str(stream_index)].output("-", af=filters, f="null"), on_line=read, check=check
    )
    return values[0] if values else -70.0


def gain_db(measured_lufs: float, target_lufs: float = TARGET_LUFS) -> float:
    """Return the gain that brings a sound to the loudness; 0 for silence."""
    return 0.0 if measured_lufs < _QUIET_LUFS else min(_MAX_GAIN_DB, target_lufs - measured_lufs)


def apply_gain(sound: Any, gain: float) -> Any:
    """Return a stream of ffmpeg with this gain in dB; its peaks stay below -1.5 dBFS."""
    return sound.filter("volume", f"{gain:.2f}dB").filter("alimiter", limit=_MAX_PEAK, level="false", attack=2, release=50)


def level(source: Path, target: Path, *, check: CancellationCheck = never_cancelled) -> None:
    """Write a mono WAV of 16 bits at 48 kHz with the usual loudness; a silent one stays silent."""
    gain = gain_db(measure_lufs(source, check=check))
    filters = f"volume={gain:.2f}dB,aresample={RATE_HZ},alimiter=limit={_MAX_PEAK}:level=false:attack=2:release=50"
    with atomic_write(target) as part:
        output = ffmpeg.open_input(source).output(file_url(part), af=filters, ac=1, ar=RATE_HZ, acodec="pcm_s16le", f="wav")
        ffmpeg.run(output, check=check)
