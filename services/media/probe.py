"""Probe a file with ffprobe: container, duration, video and audio streams."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import errors
from domain import MediaInfo
from lib.process import CancellationCheck, Limits, never_cancelled, run_program
from lib.programs import require_program
from services.media.allowed_formats import ALLOWED_FORMATS, file_url
from services.media.streams import JsonObject, audio_streams, get_number, has_disposition, video_streams
from services.media.truncation import announced_duration_s, end_of_content, is_much_shorter, is_scan_needed, is_truncated

_MAX_STREAMS = 100
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
PROBE_LIMITS = Limits(timeout_s=60, memory_bytes=2**30, file_bytes=0, niceness=0)  # a request waits for it
_MIN_READ_BYTES_PER_S = 20e6
_ENTRIES = (
    "format=format_name,nb_streams,duration,start_time,probe_score:"
    "stream=index,codec_type,codec_name,width,height,sample_aspect_ratio,color_transfer,avg_frame_rate,r_frame_rate,start_time,duration,channels,sample_rate:"
    "stream_disposition=attached_pic,default:stream_tags=rotate,title:stream_side_data=rotation"
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


def probe(path: Path, *, check: CancellationCheck = never_cancelled) -> MediaInfo:
    """Return the properties of a recording, with its likeliest video and audio stream. Stream starts are relative to the container's start.

    Raises EmptyFile, NotMedia, UnknownCodec and UnusableRecording.
    """
    size = path.stat().st_size
    if size == 0:
        raise errors.EmptyFile
    result = _run_ffprobe(path, check)
    container, streams = result.get("format", {}), result.get("streams", [])
    if get_number(container, "probe_score") < _MIN_PROBE_SCORE:
        raise errors.NotMedia("Its format is not recognised.")
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
    argv = [*ffprobe_command(), "-select_streams", str(index), "-read_intervals", "%+#1"]
    try:
        done = run_program([*argv, "-show_entries", "packet=pts_time", "-of", "csv=p=0", file_url(path)], check=check, limits=PROBE_LIMITS)
        return float(done.stdout.split()[0].strip(","))
    except (errors.ProgramFailed, ValueError, IndexError):
        return None


def limits_for_reading(path: Path) -> Limits:
    """Return the limits of a program that reads the whole file."""
    return dataclasses.replace(PROBE_LIMITS, timeout_s=60 + path.stat().st_size / _MIN_READ_BYTES_PER_S)


def _reject(streams: Sequence[JsonObject]) -> NoReturn:
    """Say why no stream can be used."""
    if any(s.get("codec_type") in ("video", "audio") and s.get("codec_name") in (None, "unknown") for s in streams):
        raise errors.UnknownCodec
    if any(get_number(s, "width") > 0 and not has_disposition(s, "attached_pic") for s in streams):
        raise errors.UnusableRecording("Its video is too small, and it has no audio.")
    raise errors.NotMedia("It has no video or audio that can be decoded.")


def _run_ffprobe(path: Path, check: CancellationCheck) -> JsonObject:
    try:
        done = run_program([*ffprobe_command(), "-show_entries", _ENTRIES, "-of", "json", file_url(path)], check=check, limits=PROBE_LIMITS)
    except errors.ProgramFailed as error:
        raise _as_user_error(path, error) from error
    result: JsonObject = json.loads(done.stdout)
    return result


def ffprobe_command() -> list[str]:
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
    is_cut = is_truncated(path) or end < path.stat().st_size
    if duration <= 0 or format_name in _RAW_FORMATS or is_cut or (announced_s and is_scan_needed(format_name)):
        duration = _last_packet_s(path, start_s, end, check) or duration
    if not 0 < duration < _MAX_DURATION_S:
        raise errors.UnusableRecording(f"Its duration is {duration:g} s.", hint="Check that the recording was saved completely.")
    return duration, announced_s if is_much_shorter(duration, announced_s) else 0.0


def _last_packet_s(path: Path, start_s: float, end: int, check: CancellationCheck) -> float:
    """Return the end of the last packet that begins before the byte `end` of the file."""
    last = 0.0

    def read_packet(line: str) -> None:
        nonlocal last
        packet = dict(part.partition("=")[::2] for part in line.split("|"))
        if packet.get("codec_type") in ("video", "audio") and get_number(packet, "pos") < end:
            last = max(last, get_number(packet, "pts_time") + get_number(packet, "duration_time") - start_s)

    limits = limits_for_reading(path)
    argv = [*ffprobe_command(), "-show_entries", "packet=codec_type,pts_time,duration_time,pos", "-of", "compact=p=0", file_url(path)]
    try:
        run_program(argv, check=check, limits=limits, on_line=read_packet)
    except errors.ProgramFailed as error:
        raise _as_user_error(path, error) from error
    return last
