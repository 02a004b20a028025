"""Decide once which video and audio stream of a recording is used; everything else refers to them by index."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, TypeVar

import errors
from domain import AudioStream, MediaInfo, VideoStream
from services.media.allowed_codecs import ALLOWED_CODECS
from services.media.allowed_formats import MAX_PIXELS

StreamT = TypeVar("StreamT", VideoStream, AudioStream)
JsonObject = Mapping[str, Any]  # a stream or container with the field names of ffprobe; see child_task.py

_MAX_SIDE = 16384
_MIN_SIDE = 32
_MAX_ASPECT_RATIO = 20  # longer side divided by shorter side


def video_streams(streams: Sequence[JsonObject], container_start_s: float) -> list[VideoStream]:
    """Return the streams that can show slides, the best one first: default before others, then the largest. Cover art is left out.

    Raises UnusableRecording if the best one is too large to be decoded.
    """
    candidates = [s for s in streams if is_allowed(s, "video") and not has_disposition(s, "attached_pic")]
    candidates = [s for s in candidates if get_number(s, "width") > 0 and get_number(s, "height") > 0]
    candidates.sort(key=lambda s: (has_disposition(s, "default"), get_number(s, "width") * get_number(s, "height")), reverse=True)
    if candidates:
        _check_size(candidates[0])
    return [_video_stream(s, container_start_s) for s in candidates if _is_readable(get_number(s, "width"), get_number(s, "height"))]


def audio_streams(streams: Sequence[JsonObject], container_start_s: float) -> list[AudioStream]:
    """Return the streams with sound, the best one first: default before others, then the one with the most channels."""
    candidates = [s for s in streams if is_allowed(s, "audio")]
    candidates = [s for s in candidates if get_number(s, "channels") > 0 and get_number(s, "sample_rate") > 0]
    candidates.sort(key=lambda s: (has_disposition(s, "default"), get_number(s, "channels")), reverse=True)
    return [
        AudioStream(
            codec=str(s["codec_name"]),
            channels=int(get_number(s, "channels")),
            sample_rate=int(get_number(s, "sample_rate")),
            start_s=get_number(s, "start_time", container_start_s) - container_start_s,
            index=int(get_number(s, "index")),
            title=str(s.get("tags", {}).get("title", ""))[:80],
        )
        for s in candidates
    ]


def choose_tracks(media: MediaInfo, *, video_track: int = 0, audio_track: int = 0) -> MediaInfo:
    """Return the properties with the streams of these track numbers selected; 0 keeps the best one.

    Raises ValidationFailed for a track that does not exist.
    """
    if video_track:
        media = dataclasses.replace(media, video=_get_track(media.video_streams, video_track, "video"))
    if audio_track:
        media = dataclasses.replace(media, audio=_get_track(media.audio_streams, audio_track, "audio"))
    return media


def _get_track(streams: Sequence[StreamT], number: int, kind: str) -> StreamT:
    """Return track `number`, counted from 1 in the order of the file. Raises ValidationFailed if there is no such track."""
    tracks = _in_file_order(streams)
    if not 1 <= number <= len(tracks):
        raise errors.ValidationFailed(f"The recording has no {kind} track {number}; it has {len(tracks)}.")
    return tracks[number - 1]


def track_number(streams: Sequence[StreamT], stream: StreamT) -> int:
    """Return the track number of one of the streams, counted from 1 in the order of the file."""
    return [each.index for each in _in_file_order(streams)].index(stream.index) + 1


def _in_file_order(streams: Sequence[StreamT]) -> list[StreamT]:
    return sorted(streams, key=lambda stream: stream.index)


def video_track_warnings(media: MediaInfo) -> tuple[str, ...]:
    """Return a warning if the recording has further video tracks."""
    if media.video is None or len(media.video_streams) < 2:
        return ()
    number = track_number(media.video_streams, media.video)
    return (f"The recording has {len(media.video_streams)} video tracks. The slides are those of track {number}.",)


def _check_size(stream: JsonObject) -> None:
    width, height = get_number(stream, "width") * _pixel_aspect_ratio(stream), get_number(stream, "height")
    if max(width, height) > _MAX_SIDE or width * height > MAX_PIXELS:
        raise errors.UnusableRecording(f"Its video is {width:.0f} x {height:.0f} pixels.", hint="Export the recording at 1080p or 4K.")


def _is_readable(width: float, height: float) -> bool:
    """Return whether frames of this size are large and wide enough to show a slide."""
    return min(width, height) >= _MIN_SIDE and max(width, height) <= _MAX_ASPECT_RATIO * min(width, height)


def _video_stream(stream: JsonObject, container_start_s: float) -> VideoStream:
    rotation = _rotation(stream)
    width, height = get_number(stream, "width") * _pixel_aspect_ratio(stream), get_number(stream, "height")
    if rotation % 180 == 90:
        width, height = height, width
    return VideoStream(
        codec=str(stream["codec_name"]),
        width=max(1, round(width)),
        height=max(1, round(height)),
        frame_rate=parse_ratio(stream.get("avg_frame_rate")) or parse_ratio(stream.get("r_frame_rate")),
        start_s=get_number(stream, "start_time", container_start_s) - container_start_s,
        rotation=rotation,
        transfer=str(stream.get("color_transfer", "")),
        index=int(get_number(stream, "index")),
        nominal_frame_rate=parse_ratio(stream.get("r_frame_rate")),
    )


def _pixel_aspect_ratio(stream: JsonObject) -> float:
    return parse_ratio(stream.get("sample_aspect_ratio")) or 1.0


def _rotation(stream: JsonObject) -> int:
    """Return the clockwise display rotation in degrees: 0, 90, 180 or 270."""
    if stream.get("rotation") is not None:
        return round(-get_number(stream, "rotation") / 90) * 90 % 360
    return round(get_number(stream.get("tags", {}), "rotate") / 90) * 90 % 360


def get_number(values: JsonObject, name: str, default: float = 0.0) -> float:
    try:
        number = float(values.get(name, default))
    except (TypeError, ValueError):
        return default
    return number if math.isfinite(number) else default


def parse_ratio(text: object) -> float:
    """Parse "30000/1001" or "25"; return 0.0 if it is not a ratio."""
    try:
        return float(Fraction(str(text)))
    except (ValueError, ZeroDivisionError):
        return 0.0


def is_allowed(stream: JsonObject, kind: str) -> bool:
    """Return whether the stream is of this kind, video or audio, and its decoder may be opened."""
    return stream.get("codec_type") == kind and stream.get("codec_name") in ALLOWED_CODECS


def has_disposition(stream: JsonObject, name: str) -> bool:
    return bool(stream.get("disposition", {}).get(name))
