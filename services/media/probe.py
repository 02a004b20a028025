"""What a file is: container, duration, picture and sound, by ffprobe."""

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
from services.media.allowed_formats import FORMATS, MAX_PIXELS, url_of
from services.media.truncation import is_truncated

_MAX_STREAMS = 100
_MAX_SIDE = 16384
_LEAST_SIDE = 32
_MOST_SLENDER = 20  # the longer side to the shorter
_MAX_DURATION_S = 1e7
_LEAST_PROBE_SCORE = 12  # libavformat gives 1 to noise in which it found one frame header
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
}  # no index: duration is guessed
_LIMITS = Limits(timeout_s=60, memory_bytes=2**30, file_bytes=0)
_SLOWEST_READ = 20e6  # bytes a second
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

Plain = Mapping[str, Any]


def probe(path: Path, *, check: Check = never_cancelled) -> MediaInfo:
    """Look at a recording. Stream starts are relative to the container's start.

    Raises EmptyFile, NotMedia, UnknownCodec or UnusableRecording.
    """
    size = path.stat().st_size
    if size == 0:
        raise errors.EmptyFile
    answer = _ask(path, check)
    container, streams = answer.get("format", {}), answer.get("streams", [])
    if _number(container, "probe_score") < _LEAST_PROBE_SCORE:
        raise errors.NotMedia("It looks like nothing known.")
    if len(streams) > _MAX_STREAMS:
        raise errors.UnusableRecording(f"It has {len(streams)} streams; {_MAX_STREAMS} are allowed.")
    start = _number(container, "start_time")
    video, audio = _picture(streams, start), _sound(streams, start)
    if video is None and audio is None:
        if any(s.get("codec_type") in ("video", "audio") and s.get("codec_name") in (None, "unknown") for s in streams):
            raise errors.UnknownCodec
        if any(_number(s, "width") > 0 and not _flag(s, "attached_pic") for s in streams):
            raise errors.UnusableRecording("Its picture is too small to show anything, and it has no sound.")
        raise errors.NotMedia("It has neither a picture nor sound that can be decoded.")
    duration = _duration(path, container, streams, start, check)
    return MediaInfo(str(container.get("format_name", "")), duration, size, video, audio)


def _ask(path: Path, check: Check) -> Plain:
    try:
        done = run_program([*_ffprobe(), "-show_entries", _ENTRIES, "-of", "json", url_of(path)], check=check, limits=_LIMITS)
    except errors.ProgramFailed as error:
        raise _refusal(path, error) from error
    answer: Plain = json.loads(done.stdout)
    return answer


def _ffprobe() -> list[str]:
    return [str(require_program("ffprobe")), "-v", "error", "-protocol_whitelist", "file", "-format_whitelist", FORMATS]


def _refusal(path: Path, error: errors.ProgramFailed) -> errors.LecternError:
    if isinstance(error, errors.TimedOut | errors.OutOfMemory):
        return errors.UnusableRecording("Looking at it takes more time or memory than a recording should.")
    with path.open("rb") as file:
        head = file.read(16)
    if any(head[at:].startswith(sign) for at, sign in _MAGIC):
        return errors.UnusableRecording(
            "The file is incomplete or damaged.", hint="Copy or export the recording again; the upload may have been cut."
        )
    return errors.NotMedia()


def _picture(streams: Sequence[Plain], start_s: float) -> VideoStream | None:
    """The stream that ffmpeg itself would take: default ones first, then the largest."""
    found = [s for s in streams if s.get("codec_type") == "video" and s.get("codec_name") and not _flag(s, "attached_pic")]
    found = [s for s in found if _number(s, "width") > 0 and _number(s, "height") > 0]
    if not found:
        return None
    chosen = max(found, key=lambda s: (_flag(s, "default"), _number(s, "width") * _number(s, "height")))
    width, height, rotation = _number(chosen, "width"), _number(chosen, "height"), _rotation(chosen)
    width *= _ratio(chosen.get("sample_aspect_ratio"), ":") or 1.0
    if max(width, height) > _MAX_SIDE or width * height > MAX_PIXELS:
        raise errors.UnusableRecording(f"Its picture is {width:.0f} x {height:.0f} pixels.", hint="Export the recording at 1080p or 4K.")
    if not _is_readable(_number(chosen, "width"), _number(chosen, "height")):
        return None
    if rotation % 180 == 90:
        width, height = height, width
    rate = _ratio(chosen.get("avg_frame_rate"), "/") or _ratio(chosen.get("r_frame_rate"), "/")
    return VideoStream(
        str(chosen["codec_name"]),
        max(1, round(width)),
        max(1, round(height)),
        rate,
        _number(chosen, "start_time", start_s) - start_s,
        rotation,
        str(chosen.get("color_transfer", "")),
    )


def _is_readable(width: float, height: float) -> bool:
    """Whether a picture of this size could show anything: neither a few dots nor a line."""
    return min(width, height) >= _LEAST_SIDE and max(width, height) <= _MOST_SLENDER * min(width, height)


def _sound(streams: Sequence[Plain], start_s: float) -> AudioStream | None:
    """The stream that ffmpeg itself would take: default ones first, then the one with most channels."""
    found = [s for s in streams if s.get("codec_type") == "audio" and s.get("codec_name")]
    found = [s for s in found if _number(s, "channels") > 0 and _number(s, "sample_rate") > 0]
    if not found:
        return None
    chosen = max(found, key=lambda s: (_flag(s, "default"), _number(s, "channels")))
    return AudioStream(
        str(chosen["codec_name"]),
        int(_number(chosen, "channels")),
        int(_number(chosen, "sample_rate")),
        _number(chosen, "start_time", start_s) - start_s,
    )


def _rotation(stream: Plain) -> int:
    """Clockwise degrees by which the picture is turned for showing: 0, 90, 180 or 270."""
    for side in stream.get("side_data_list", []):
        if "rotation" in side:
            return round(-_number(side, "rotation") / 90) * 90 % 360
    return round(_number(stream.get("tags", {}), "rotate") / 90) * 90 % 360


def _duration(path: Path, container: Plain, streams: Sequence[Plain], start_s: float, check: Check) -> float:
    """Seconds by the container, else its streams, else its packets. Only packets tell it of a recording that is cut."""
    duration = _number(container, "duration")
    if duration <= 0:
        duration = max(
            (_number(s, "start_time", start_s) - start_s + _number(s, "duration") for s in streams if _number(s, "duration") > 0),
            default=0.0,
        )
    if duration <= 0 or container.get("format_name") in _RAW_FORMATS or is_truncated(path):
        duration = _last_packet_s(path, start_s, check) or duration
    if not 0 < duration < _MAX_DURATION_S:
        raise errors.UnusableRecording(f"Its duration is {duration:g} s.", hint="Check that the recording was saved completely.")
    return duration


def _last_packet_s(path: Path, start_s: float, check: Check) -> float:
    last = 0.0

    def take(line: str) -> None:
        nonlocal last
        packet = dict(part.partition("=")[::2] for part in line.split("|"))
        if packet.get("codec_type") in ("video", "audio"):
            last = max(last, _number(packet, "pts_time") + _number(packet, "duration_time") - start_s)

    limits = dataclasses.replace(_LIMITS, timeout_s=60 + path.stat().st_size / _SLOWEST_READ)
    argv = [*_ffprobe(), "-show_entries", "packet=codec_type,pts_time,duration_time", "-of", "compact=p=0", url_of(path)]
    try:
        run_program(argv, check=check, limits=limits, on_line=take)
    except errors.ProgramFailed as error:
        raise _refusal(path, error) from error
    return last


def _number(values: Plain, name: str, default: float = 0.0) -> float:
    try:
        number = float(values.get(name, default))
    except (TypeError, ValueError):
        return default
    return number if math.isfinite(number) else default


def _ratio(text: object, sign: str) -> float:
    """ "30000/1001" or "4:3" as a number; 0.0 where unknown."""
    try:
        return float(Fraction(str(text).replace(sign, "/")))
    except (ValueError, ZeroDivisionError):
        return 0.0


def _flag(stream: Plain, name: str) -> bool:
    return bool(stream.get("disposition", {}).get(name))
