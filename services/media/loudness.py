"""Measure the channels of audio streams second by second, to choose the stream and the channels that carry speech."""

from __future__ import annotations

import re
import wave
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import errors
from domain import AudioStream
from lib.process import CancellationCheck, never_cancelled
from services.media import ffmpeg

_RATE_HZ = 8000
_ACTIVE_DB = -50.0  # quieter seconds are silence or hiss
_LEVEL = re.compile(r"lavfi\.astats\.(\d+)\.RMS_level=(\S+)")
_MAX_CHANNELS = 16
_SILENT_PEAK = 328  # of 32768: -40 dB; the peaks of hiss are about 12 dB above its mean
_MAX_LOUD_S = 3  # a click at the start or the end is not sound


@dataclass(frozen=True)
class StreamLoudness:
    """`channel_power` and `mix_power`: mean power over the active seconds, 1.0 is full scale. The mix is the mean of all channels."""

    stream: AudioStream
    active_s: int
    channel_power: tuple[float, ...]
    mix_power: float


def measure(
    source: Path, streams: Sequence[AudioStream], max_s: float, *, check: CancellationCheck = never_cancelled
) -> list[StreamLoudness]:
    """Decode the first `max_s` seconds of each stream. A stream that can't be decoded counts as silent."""
    return [_measure_stream(source, stream, max_s, check) for stream in streams]


def _measure_stream(source: Path, stream: AudioStream, max_s: float, check: CancellationCheck) -> StreamLoudness:
    channels = min(stream.channels, _MAX_CHANNELS)
    seconds: list[list[float]] = []

    def read_level(line: str) -> None:
        if match := _LEVEL.match(line):
            if match[1] == "1":
                seconds.append([])
            if seconds:
                seconds[-1].append(_power(match[2]))

    # The mean of all channels is added as a last channel, so that one filter measures everything.
    mean = "+".join(f"{1 / channels:.6f}*c{number}" for number in range(channels))
    layout = "|".join([*(f"c{number}=c{number}" for number in range(channels)), f"c{channels}={mean}"])
    filters = (
        f"aresample={_RATE_HZ},pan={channels + 1}c|{layout},asetnsamples=n={_RATE_HZ}:p=0,"
        "astats=metadata=1:reset=1:measure_overall=none:measure_perchannel=RMS_level,ametadata=mode=print:file=-"
    )
    output = ffmpeg.open_input(source, vn=None, sn=None, dn=None, t=f"{max_s:.3f}")[str(stream.index)].output("-", af=filters, f="null")
    try:
        ffmpeg.run(output, on_line=read_level, check=check, limits=ffmpeg.limits_for_duration(max_s, file_bytes=0))
    except (errors.UnknownCodec, errors.ProgramFailed):
        seconds = []
    loud_seconds = [levels for levels in seconds if len(levels) == channels + 1 and max(levels[:-1]) > 10 ** (_ACTIVE_DB / 10)]
    if not loud_seconds:
        return StreamLoudness(stream, 0, (0.0,) * channels, 0.0)
    means = [sum(column) / len(loud_seconds) for column in zip(*loud_seconds, strict=True)]
    return StreamLoudness(stream, len(loud_seconds), tuple(means[:-1]), means[-1])


def is_silent(wav: Path) -> bool:
    """Return whether a mono WAV of 16 bits has at most a few seconds with any sound. It is read second by second."""
    loud_s = 0
    with wave.open(str(wav)) as file:
        rate = file.getframerate()
        while block := file.readframes(rate):
            samples = array("h", block)
            loud_s += max(max(samples), -min(samples)) > _SILENT_PEAK
            if loud_s > _MAX_LOUD_S:
                return False
    return True


def _power(level_db: str) -> float:
    """Convert astats' RMS level in dBFS, which is "-inf" for digital silence."""
    try:
        return float(10 ** (float(level_db) / 10))
    except (ValueError, OverflowError):
        return 0.0
