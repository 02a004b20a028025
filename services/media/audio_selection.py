"""Choose the audio stream to transcribe and how to mix its channels, so that speech is neither missed nor cancelled out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from domain import AudioStream, MediaInfo
from lib.process import CancellationCheck, never_cancelled
from services.media.loudness import StreamLoudness, measure
from services.media.streams import track_number

_SAMPLE_S = 300.0  # wiring does not change within a recording: its beginning is enough, if there is sound in it
_MIN_ACTIVE_S = 10
_MUCH_QUIETER = 4  # a stream is skipped if another one has sound for more than this many times as long
_CANCELLED_POWER_RATIO = 0.1  # equal channels mix to 1.0 of a channel's power, unrelated ones to 0.5, one silent of two to 0.25


@dataclass(frozen=True)
class AudioSelection:
    """`channel`: the only channel to use, from 0; None: the mix of all. `warnings` name the omitted audio, for people."""

    stream: AudioStream
    channel: int | None = None
    warnings: tuple[str, ...] = ()


def select_audio(
    source: Path, media: MediaInfo, audio_track: int | None = None, *, check: CancellationCheck = never_cancelled
) -> AudioSelection | None:
    """Return the stream of the given track, else the best one that has sound. None if there is no audio stream.

    `media` has the chosen track in `audio` already where one was given.
    """
    if media.audio is None:
        return None
    if audio_track is not None or len(media.audio_streams) < 2:
        candidates, max_s = [media.audio], _SAMPLE_S
    else:
        candidates, max_s = list(media.audio_streams), media.duration_s
    if len(candidates) == 1 and media.audio.channels == 1:
        return AudioSelection(media.audio, warnings=_unused_audio_tracks(media, media.audio))
    levels = measure(source, candidates, max_s, check=check)
    if len(levels) == 1 and levels[0].active_s < _MIN_ACTIVE_S and media.duration_s > max_s:
        levels = measure(source, candidates, media.duration_s, check=check)
    level = _loud_enough(levels)
    channel, warning = _channel(level)
    return AudioSelection(level.stream, channel, (*_unused_audio_tracks(media, level.stream), *warning))


def _loud_enough(levels: list[StreamLoudness]) -> StreamLoudness:
    """Return the first stream, unless another one has far more sound."""
    loudest = max(levels, key=lambda each: each.active_s)
    return loudest if levels[0].active_s * _MUCH_QUIETER < loudest.active_s else levels[0]


def _channel(level: StreamLoudness) -> tuple[int | None, tuple[str, ...]]:
    loudest = max(level.channel_power, default=0.0)
    if loudest == 0.0 or level.mix_power >= _CANCELLED_POWER_RATIO * loudest:
        return None, ()
    channel = level.channel_power.index(loudest)
    return channel, (f"The audio channels cancel each other out; only channel {channel + 1} was used.",)


def _unused_audio_tracks(media: MediaInfo, used: AudioStream) -> tuple[str, ...]:
    """Return a warning if the recording has further audio tracks."""
    if len(media.audio_streams) < 2:
        return ()
    number = track_number(media.audio_streams, used)
    return (f"The recording has {len(media.audio_streams)} audio tracks. Track {number}{_title(used)} was used.",)


def _title(stream: AudioStream) -> str:
    return f" ({stream.title})" if stream.title else ""
