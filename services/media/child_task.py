"""Tasks of a child process that read recordings with PyAV: JSON in, JSON out."""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import av.logging
from av.stream import Disposition
from av.video.reformatter import ColorTrc

import errors
from lib.process import Report
from services.media.allowed_codecs import ALLOWED_DECODERS
from services.media.allowed_formats import ALLOWED_FORMATS, RAW_AUDIO, file_url
from services.media.packets import read_packets

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
_DV_HEADER = b"\x1f\x07\x00"  # the id of the first block (SMPTE ST 314)
_PACKETS_TO_DECODE = 16
_AV_TIME_BASE = 1_000_000
_DUMPED_ROTATION = re.compile(r"Stream #0:(\d+)|Display Matrix: rotation of (-?[\d.]+)")
_TRANSFERS = {ColorTrc.SMPTE2084.value: "smpte2084", ColorTrc.ARIB_STD_B67.value: "arib-std-b67"}  # the names that ffmpeg uses


def describe(payload: dict[str, Any], _: Report) -> dict[str, Any]:
    """Describe the container and its streams with the field names of ffprobe. Payload: path.

    Raises NotMedia and UnusableRecording.
    """
    with open_container(Path(payload["path"])) as container:
        if not _is_recognised(container, Path(payload["path"])):
            raise errors.NotMedia("Its format is not recognised.")
        return {
            "format_name": container.format.name,
            "duration": _seconds(container.duration, 1 / _AV_TIME_BASE),
            "start_time": _seconds(container.start_time, 1 / _AV_TIME_BASE),
            "streams": list(_streams(container)),
        }


def first_packet(payload: dict[str, Any], _: Report) -> dict[str, Any]:
    """Return {"time_s": time of the first packet of a stream, or None}. Payload: path, index."""
    with open_container(Path(payload["path"])) as container:
        stream = container.streams[payload["index"]]
        return {"time_s": next((_seconds(packet.pts, stream.time_base) for packet in read_packets(container, stream)), None)}


def last_packet(payload: dict[str, Any], _: Report) -> dict[str, Any]:
    """Return {"end_s": the end of the last packet of audio or video that begins before a byte of the file, or None}.

    Payload: path, end. The packets of a stream without times follow one another.
    """
    end_s: float | None = None
    ends: dict[int, float] = {}
    with open_container(Path(payload["path"])) as container:
        for packet in read_packets(container, [*container.streams.video, *container.streams.audio]):
            if not packet.size or (packet.pos or 0) >= payload["end"]:
                continue
            ticks = packet.dts if packet.pts is None else packet.pts
            start_s = ends.get(packet.stream_index, 0.0) if ticks is None else float(ticks * packet.time_base)
            ends[packet.stream_index] = start_s + float((packet.duration or 0) * packet.time_base)
            end_s = max(ends[packet.stream_index], end_s or 0.0)
    return {"end_s": end_s}


def step_back(payload: dict[str, Any], _: Report) -> dict[str, Any]:
    """Return {"step_s": the shortest step back of the decoding times of any stream, or None}. Payload: path, min_step_s."""
    newest: dict[int, float] = {}
    shortest: float | None = None
    with open_container(Path(payload["path"])) as container:
        for packet in read_packets(container):
            if packet.dts is None:
                continue
            time_s = float(packet.dts * packet.time_base)
            step_s = newest.get(packet.stream_index, time_s) - time_s
            if step_s > payload["min_step_s"] and (shortest is None or step_s < shortest):
                shortest = step_s
            newest[packet.stream_index] = time_s
    return {"step_s": shortest}


@contextlib.contextmanager
def open_container(path: Path) -> Iterator[Any]:
    options = {"protocol_whitelist": "file", "format_whitelist": ALLOWED_FORMATS, "codec_whitelist": ALLOWED_DECODERS}
    try:
        with av.open(file_url(path), metadata_errors="ignore", options=options) as container:
            yield container
    except av.error.FFmpegError as error:
        raise _as_user_error(path) from error


def _as_user_error(path: Path) -> errors.LecternError:
    with path.open("rb") as file:
        header = file.read(16)
    if any(header[offset:].startswith(magic) for offset, magic in _MAGIC):
        return errors.UnusableRecording(
            "The file is incomplete or damaged.", hint="Copy or export the recording again; the upload may be incomplete."
        )
    return errors.NotMedia()


def _is_recognised(container: Any, path: Path) -> bool:
    """Return whether a file without a container has the format that libavformat found by a few bytes, which any noise has somewhere."""
    if container.format.name == "dv":
        with path.open("rb") as file:
            return file.read(len(_DV_HEADER)) == _DV_HEADER
    return container.format.name not in RAW_AUDIO or _are_packets_decoded(container)


def _are_packets_decoded(container: Any) -> bool:
    """Return whether most of the first packets can be decoded."""
    packets = [packet for packet in itertools.islice(read_packets(container), _PACKETS_TO_DECODE) if packet.size]
    return 2 * sum(map(_is_decoded, packets)) > len(packets)


def _is_decoded(packet: Any) -> bool:
    try:
        return bool(packet.decode())
    except av.error.FFmpegError:
        return False


def _streams(container: Any) -> Iterator[dict[str, Any]]:
    rotations = _rotations(container)
    for stream in container.streams:
        codec = stream.codec_context
        facts = {
            "index": stream.index,
            "codec_type": stream.type,
            "codec_name": codec and codec.codec.canonical_name,
            "start_time": _seconds(stream.start_time, stream.time_base),
            "duration": _seconds(stream.duration, stream.time_base),
            "disposition": {name: bool(stream.disposition & Disposition[name]) for name in ("attached_pic", "default")},
            "tags": {name: stream.metadata[name] for name in ("rotate", "title") if name in stream.metadata},
            "rotation": rotations.get(stream.index),
        }
        if codec and stream.type == "video":
            facts |= {
                "width": codec.width,
                "height": codec.height,
                "sample_aspect_ratio": str(stream.sample_aspect_ratio),
                "avg_frame_rate": str(stream.average_rate),
                "r_frame_rate": str(stream.base_rate),
                "color_transfer": _TRANSFERS.get(codec.color_trc, ""),
            }
        if codec and stream.type == "audio":
            facts |= {"channels": codec.channels, "sample_rate": codec.sample_rate}
        yield facts


def _rotations(container: Any) -> dict[int, float]:
    """Return the display rotation of streams in degrees. PyAV 18 offers it only in ffmpeg's printed description."""
    av.logging.set_level(av.logging.INFO)  # the description is a log message
    description = container.dumps_format()
    av.logging.set_level(None)
    rotations: dict[int, float] = {}
    index = -1
    for match in _DUMPED_ROTATION.finditer(description):
        if match[1]:
            index = int(match[1])
        else:
            rotations.setdefault(index, float(match[2]))
    return rotations


def _seconds(ticks: int | None, time_base_s: Any) -> float | None:
    return None if ticks is None else float(ticks * time_base_s)
