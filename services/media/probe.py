"""Probe a file with ffprobe: container, duration, video and audio streams."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import errors
from domain import AudioStream, MediaInfo, VideoStream
from lib.process import Check, Limits, never_cancelled, run_program
from lib.programs import require_program
from services.media.allowed_formats import ALLOWED_FORMATS, MAX_PIXELS, file_url
from services.media.truncation import is_truncated

_MAX_STREAMS = 100
_MAX_SIDE = 16384
_MIN_SIDE = 32
_MAX_ASPECT_RATIO = 20  # longer side divided by shorter side
_MAX_DURATION_S = 1e7
_MIN_PROBE_SCORE = 12  # libavformat gives 1 to noise that contains one frame header
_RAW_FORMATS = {
    "aac",
    "mp3",
    "ac3",
    "eac3",
    "amr",
    "amrnb",
    "amrwb",
    "dts",
    "h264",
    "hevc",
    "m4v",
    "mpegvideo",
}  # no index: the duration is an estimate
_LIMITS = Limits(timeout_s=60, memory_bytes=2**30, file_bytes=0)
_MIN_READ_BYTES_PER_S = 20e6
_ENTRIES = (
    "format=format_name,nb_streams,duration,start_time,probe_score:"
    "stream=codec_type,codec_name,width,height,sample_aspect_ratio,color_transfer,avg_frame_rate,r_frame_rate,start_time,duration,channels,sample_rate:"
    "stream_disposition=attached_pic,default:stream_tags=rotate:stream_side_data=rotation"
)
_MAGIC = (
    (4, b"ftyp"),
    (4, b"moov"),
    (4, b"mdat"),
    (0, b"\x1aE\xdf\xa3"),
    (8, b"AVI "),
    (8, b"WAVE"),
    (0, b"OggS"),
    (0, b"fLaC"),
    (0, b"FLV"),
    (0, b"ID3"),
)

JsonObject = Mapping[str, Any]


def probe(path: Path, *, check: Check = never_cancelled) -> MediaInfo:
    """Return the properties of a recording. Stream starts are relative to the container's start.

    Raises EmptyFile, NotMedia, UnknownCodec or UnusableRecording.
    """
    size = path.stat().st_size
    if size == 0:
        raise errors.EmptyFile
    answer = _run_ffprobe(path, check)
    container, streams = answer.get("format", {}), answer.get("streams", [])
    if _get_number(container, "probe_score") < _MIN_PROBE_SCORE:
        raise errors.NotMedia("Its format is not recognised.")
    if len(streams) > _MAX_STREAMS:
        raise errors.UnusableRecording(f"It has {len(streams)} streams; at most {_MAX_STREAMS} are allowed.")
    start = _get_number(container, "start_time")
    video, audio = _choose_video(streams, start), _choose_audio(streams, start)
    if video is None and audio is None:
        if any(s.get("codec_type") in ("video", "audio") and s.get("codec_name") in (None, "unknown") for s in streams):
            raise errors.UnknownCodec
        if any(_get_number(s, "width") > 0 and not _has_disposition(s, "attached_pic") for s in streams):
            raise errors.UnusableRecording("Its video is too small, and it has no audio.")
        raise errors.NotMedia("It has no video or audio that can be decoded.")
    duration = _duration(path, container, streams, start, check)
    return MediaInfo(str(container.get("format_name", "")), duration, size, video, audio)


def _run_ffprobe(path: Path, check: Check) -> JsonObject:
    try:
        done = run_program([*_ffprobe_command(), "-show_entries", _ENTRIES, "-of", "json", file_url(path)], check=check, limits=_LIMITS)
    except errors.ProgramFailed as error:
        raise _as_user_error(path, error) from error
    answer: JsonObject = json.loads(done.stdout)
    return answer


def _ffprobe_command() -> list[str]:
    return [str(require_program("ffprobe")), "-v", "error", "-protocol_whitelist", "file", "-format_whitelist", ALLOWED_FORMATS]


def _as_user_error(path: Path, error: errors.ProgramFailed) -> errors.LecternError:
    if isinstance(error, errors.TimedOut | errors.OutOfMemory):
        return errors.UnusableRecording("Probing it takes too much time or memory.")
    with path.open("rb") as file:
        header = file.read(16)
    if any(header[offset:].startswith(magic) for offset, magic in _MAGIC):
        return errors.UnusableRecording(
            "The file is incomplete or damaged.", hint="Copy or export the recording again; the upload may be incomplete."
        )
    return errors.NotMedia()


def _choose_video(streams: Sequence[JsonObject], start_s: float) -> VideoStream | None:
    """Return the video stream that ffmpeg would choose: default streams first, then the largest."""
    candidates = [s for s in streams if s.get("codec_type") == "video" and s.get("codec_name") and not _has_disposition(s, "attached_pic")]
    candidates = [s for s in candidates if _get_number(s, "width") > 0 and _get_number(s, "height") > 0]
    if not candidates:
        return None
    chosen = max(candidates, key=lambda s: (_has_disposition(s, "default"), _get_number(s, "width") * _get_number(s, "height")))
    width, height, rotation = _get_number(chosen, "width"), _get_number(chosen, "height"), _rotation(chosen)
    width *= _parse_ratio(chosen.get("sample_aspect_ratio"), ":") or 1.0
    if max(width, height) > _MAX_SIDE or width * height > MAX_PIXELS:
        raise errors.UnusableRecording(f"Its video is {width:.0f} x {height:.0f} pixels.", hint="Export the recording at 1080p or 4K.")
    if not _is_readable(_get_number(chosen, "width"), _get_number(chosen, "height")):
        return None
    if rotation % 180 == 90:
        width, height = height, width
    rate = _parse_ratio(chosen.get("avg_frame_rate"), "/") or _parse_ratio(chosen.get("r_frame_rate"), "/")
    return VideoStream(
        str(chosen["codec_name"]),
        max(1, round(width)),
        max(1, round(height)),
        rate,
        _get_number(chosen, "start_time", start_s) - start_s,
        rotation,
        str(chosen.get("color_transfer", "")),
    )


def _is_readable(width: float, height: float) -> bool:
    """Return whether frames of this size are large and wide enough to show a slide."""
    return min(width, height) >= _MIN_SIDE and max(width, height) <= _MAX_ASPECT_RATIO * min(width, height)


def _choose_audio(streams: Sequence[JsonObject], start_s: float) -> AudioStream | None:
    """Return the audio stream that ffmpeg would choose: default streams first, then the one with the most channels."""
    candidates = [s for s in streams if s.get("codec_type") == "audio" and s.get("codec_name")]
    candidates = [s for s in candidates if _get_number(s, "channels") > 0 and _get_number(s, "sample_rate") > 0]
    if not candidates:
        return None
    chosen = max(candidates, key=lambda s: (_has_disposition(s, "default"), _get_number(s, "channels")))
    return AudioStream(
        str(chosen["codec_name"]),
        int(_get_number(chosen, "channels")),
        int(_get_number(chosen, "sample_rate")),
        _get_number(chosen, "start_time", start_s) - start_s,
    )


def _rotation(stream: JsonObject) -> int:
    """Return the clockwise display rotation in degrees: 0, 90, 180 or 270."""
    for side in stream.get("side_data_list", []):
        if "rotation" in side:
            return round(-_get_number(side, "rotation") / 90) * 90 % 360
    return round(_get_number(stream.get("tags", {}), "rotate") / 90) * 90 % 360


def _duration(path: Path, container: JsonObject, streams: Sequence[JsonObject], start_s: float, check: Check) -> float:
    """Return the duration in seconds from the container, else the streams, else the packets (also for truncated files)."""
    duration = _get_number(container, "duration")
    if duration <= 0:
        duration = max(
            (
                _get_number(s, "start_time", start_s) - start_s + _get_number(s, "duration")
                for s in streams
                if _get_number(s, "duration") > 0
            ),
            default=0.0,
        )
    if duration <= 0 or container.get("format_name") in _RAW_FORMATS or is_truncated(path):
        duration = _last_packet_s(path, start_s, check) or duration
    if not 0 < duration < _MAX_DURATION_S:
        raise errors.UnusableRecording(f"Its duration is {duration:g} s.", hint="Check that the recording was saved completely.")
    return duration


def _last_packet_s(path: Path, start_s: float, check: Check) -> float:
    last = 0.0

    def read_packet(line: str) -> None:
        nonlocal last
        packet = dict(part.partition("=")[::2] for part in line.split("|"))
        if packet.get("codec_type") in ("video", "audio"):
            last = max(last, _get_number(packet, "pts_time") + _get_number(packet, "duration_time") - start_s)

    limits = dataclasses.replace(_LIMITS, timeout_s=60 + path.stat().st_size / _MIN_READ_BYTES_PER_S)
    argv = [*_ffprobe_command(), "-show_entries", "packet=codec_type,pts_time,duration_time", "-of", "compact=p=0", file_url(path)]
    try:
        run_program(argv, check=check, limits=limits, on_line=read_packet)
    except errors.ProgramFailed as error:
        raise _as_user_error(path, error) from error
    return last


def _get_number(values: JsonObject, name: str, default: float = 0.0) -> float:
    try:
        number = float(values.get(name, default))
    except (TypeError, ValueError):
        return default
    return number if math.isfinite(number) else default


def _parse_ratio(text: object, separator: str) -> float:
    """Parse "30000/1001" or "4:3"; return 0.0 if it is not a ratio."""
    try:
        return float(Fraction(str(text).replace(separator, "/")))
    except (ValueError, ZeroDivisionError):
        return 0.0


def _has_disposition(stream: JsonObject, name: str) -> bool:
    return bool(stream.get("disposition", {}).get(name))
