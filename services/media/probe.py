"""Probe a file: container, duration, video and audio streams."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import errors
from domain import MediaInfo
from lib.process import CancellationCheck, Limits, never_cancelled, run_task
from services.media.allowed_formats import RAW_AUDIO, RAW_VIDEO
from services.media.streams import JsonObject, audio_streams, get_number, has_disposition, is_allowed, video_streams
from services.media.truncation import announced_duration_s, end_of_content, is_much_shorter, is_scan_needed, is_truncated

_MAX_STREAMS = 100
_MAX_DURATION_S = 1e7
PROBE_LIMITS = Limits(timeout_s=60, memory_bytes=2**30, file_bytes=0, niceness=0)  # a request waits for it
_MIN_READ_BYTES_PER_S = 20e6
_MIN_STEP_BACK_S = 1.0  # a multiplexer writes smaller ones, in one stream only, where a piece begins before its cut


def probe(path: Path, *, check: CancellationCheck = never_cancelled) -> MediaInfo:
    """Return the properties of a recording, with its best video and audio stream. Stream starts are relative to the container's start.

    Raises EmptyFile, NotMedia, UnknownCodec and UnusableRecording.
    """
    size = path.stat().st_size
    if size == 0:
        raise errors.EmptyFile
    container = _read("describe", path, check, PROBE_LIMITS)
    streams: Sequence[JsonObject] = container["streams"]
    if len(streams) > _MAX_STREAMS:
        raise errors.UnusableRecording(f"It has {len(streams)} streams; at most {_MAX_STREAMS} are allowed.")
    start = get_number(container, "start_time")
    videos, audios = video_streams(streams, start), audio_streams(streams, start)
    if not videos and not audios:
        _reject(streams)
    duration_s, announced_s = _durations(path, container, streams, start, check)
    return MediaInfo(
        format_name=str(container.get("format_name", "")),
        duration_s=duration_s,
        size_bytes=size,
        video=next(iter(videos), None),
        audio=next(iter(audios), None),
        start_s=start,
        video_streams=tuple(videos),
        audio_streams=tuple(audios),
        announced_s=announced_s,
    )


def first_packet_s(path: Path, index: int, *, check: CancellationCheck = never_cancelled) -> float | None:
    """Return the time of a stream's first packet in the file. It is found even where the container states no start."""
    try:
        time_s: float | None = _read("first_packet", path, check, PROBE_LIMITS, index=index)["time_s"]
    except errors.UnusableRecording:
        return None
    return time_s


def limits_for_reading(path: Path) -> Limits:
    """Return the limits of a program that reads the whole file."""
    return dataclasses.replace(PROBE_LIMITS, timeout_s=60 + path.stat().st_size / _MIN_READ_BYTES_PER_S)


def _reject(streams: Sequence[JsonObject]) -> NoReturn:
    """Say why no stream can be used."""
    media = [s for s in streams if s.get("codec_type") in ("video", "audio") and not has_disposition(s, "attached_pic")]
    if not all(is_allowed(s, s["codec_type"]) for s in media):
        raise errors.UnknownCodec
    if any(get_number(s, "width") > 0 and not has_disposition(s, "attached_pic") for s in streams):
        raise errors.UnusableRecording("Its video is too small, and it has no audio.")
    raise errors.NotMedia("It has no video or audio that can be decoded.")


def _read(task: str, path: Path, check: CancellationCheck, limits: Limits, **payload: Any) -> dict[str, Any]:
    """Run a task of `child_task`. Raises NotMedia and UnusableRecording."""
    try:
        return run_task(f"services.media.child_task:{task}", {"path": str(path.absolute()), **payload}, check=check, limits=limits)
    except (errors.TimedOut, errors.OutOfMemory) as error:
        raise errors.UnusableRecording("Probing it takes too much time or memory.") from error
    except errors.ProgramFailed as error:
        raise errors.UnusableRecording("It can't be read.") from error


def _durations(
    path: Path, container: JsonObject, streams: Sequence[JsonObject], start_s: float, check: CancellationCheck
) -> tuple[float, float]:
    """Return the duration in seconds, and the one that the container announces if the file is cut off, else 0.

    The duration comes from the container, else the streams, else the packets (also for truncated files).
    """
    format_name = str(container.get("format_name", ""))
    duration = get_number(container, "duration")
    if duration <= 0:
        duration = max(
            (get_number(s, "start_time", start_s) - start_s + get_number(s, "duration") for s in streams if get_number(s, "duration") > 0),
            default=0.0,
        )
    announced_s = announced_duration_s(path, format_name, duration)
    end = path.stat().st_size if any(str(s.get("codec_name")).startswith("pcm_") for s in streams) else end_of_content(path)
    is_incomplete = is_truncated(path) or end < path.stat().st_size
    if duration <= 0 or format_name in RAW_AUDIO | RAW_VIDEO or is_incomplete or (announced_s and is_scan_needed(format_name)):
        duration = _last_packet_s(path, start_s, end, check) or duration
    if not 0 < duration < _MAX_DURATION_S:
        raise errors.UnusableRecording(f"Its duration is {duration:g} s.", hint="Check that the recording was saved completely.")
    return duration, announced_s if is_much_shorter(duration, announced_s) else 0.0


def _last_packet_s(path: Path, start_s: float, end: int, check: CancellationCheck) -> float:
    """Return the end of the last packet that begins before the byte `end` of the file."""
    result = _read("last_packet", path, check, limits_for_reading(path), end=end)
    return 0.0 if result["end_s"] is None else max(0.0, float(result["end_s"]) - start_s)


def shortest_step_back_s(path: Path, *, check: CancellationCheck = never_cancelled) -> float | None:
    """Return the length of the shortest step back of the clock in any stream, or None if there is none: there, files were joined."""
    result = _read("step_back", path, check, limits_for_reading(path), min_step_s=_MIN_STEP_BACK_S)
    step_s: float | None = result["step_s"]
    return step_s
