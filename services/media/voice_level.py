"""Bring a spoken narration to the usual loudness (EBU R 128) and to 48 kHz."""

from __future__ import annotations

import re
from pathlib import Path

from lib.process import CancellationCheck, never_cancelled
from lib.serialization import replacing
from services.media import ffmpeg
from services.media.allowed_formats import file_url

RATE_HZ = 48_000
TARGET_LUFS = -16.0
_PEAK = 0.84  # -1.5 dBFS
_MAX_GAIN_DB = 30.0
_QUIET_LUFS = -65.0
_LOUDNESS = re.compile(r"lavfi\.r128\.I=(-?\d+(?:\.\d+)?)")


def measure_lufs(wav: Path, *, check: CancellationCheck = never_cancelled) -> float:
    """Return the integrated loudness of a sound; -70 for silence."""
    values: list[float] = []

    def read(line: str) -> None:
        if found := _LOUDNESS.match(line):
            values[:] = [float(found[1])]

    # Three seconds of silence at the end complete the blocks of a short sound; they are gated out.
    filters = "apad=pad_dur=3,ebur128=metadata=1:framelog=quiet,ametadata=mode=print:key=lavfi.r128.I:file=-"
    ffmpeg.run(ffmpeg.open_input(wav).output("-", af=filters, f="null"), on_line=read, check=check)
    return values[0] if values else -70.0


def level(source: Path, target: Path, *, check: CancellationCheck = never_cancelled) -> None:
    """Write a mono WAV of 16 bits at 48 kHz with the usual loudness; a silent one stays silent."""
    measured = measure_lufs(source, check=check)
    gain_db = 0.0 if measured < _QUIET_LUFS else min(_MAX_GAIN_DB, TARGET_LUFS - measured)
    filters = f"volume={gain_db:.2f}dB,aresample={RATE_HZ},alimiter=limit={_PEAK}:level=false:attack=2:release=50"
    with replacing(target) as part:
        output = ffmpeg.open_input(source).output(file_url(part), af=filters, ac=1, ar=RATE_HZ, acodec="pcm_s16le", f="wav")
        ffmpeg.run(output, check=check)
