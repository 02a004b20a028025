"""Full-resolution pictures out of a recording, as it is shown: turned, with square pixels."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import ffmpeg as ffmpeg_python

import errors
from domain import Box, MediaInfo
from lib.process import Check, Report, never_cancelled, no_report
from services.media import ffmpeg, hdr
from services.media.allowed_formats import MAX_PIXELS

_BATCH = 6  # pictures a process: starting one costs as much as decoding a second
_BATCH_S = 3600.0  # of recordings a process opens: each opening reads the index, which grows with the recording
_BEFORE_S = 0.002  # a frame's time may be rounded up to the next microsecond
_MAX_BYTES = 512 * 2**20  # of a picture, compressed
_QUALITY = 2  # of JPEG, ffmpeg's scale: 2 is best


@dataclass(frozen=True)
class FrameRequest:
    """`time_s` is the presentation time of a frame, on the container's clock; the target's suffix (.jpg, .png) is its format.

    `is_needed`: other frames are decoded from this one, so that those from which none is may be left out on the way to it.
    """

    time_s: float
    target: Path
    is_needed: bool = False


def take_frames(
    video: Path,
    media: MediaInfo,
    requests: Sequence[FrameRequest],
    *,
    crop: Box | None = None,
    report: Report = no_report,
    check: Check = never_cancelled,
) -> tuple[int, int]:
    """Write a picture for each request; returns their width and height. `crop` is in pixels of the picture as shown."""
    if media.video is None:
        raise errors.UnusableRecording("It has no pictures.")
    size = (crop.width, crop.height) if crop else (media.video.width, media.video.height)
    done, limits = 0, ffmpeg.limits_for(media.duration_s, file_bytes=_MAX_BYTES)
    for batch in _batches(requests, most=max(1, min(_BATCH, int(_BATCH_S / max(media.duration_s, 1.0))))):
        outputs = [_picture(video, media, request, crop) for request in batch]
        try:
            ffmpeg.run(ffmpeg_python.merge_outputs(*outputs), check=check, limits=limits)
        except errors.ProgramFailed as error:
            if type(error) is not errors.ProgramFailed:
                raise
            raise errors.UnusableRecording(f"Its pictures can't be decoded ({error.detail}).") from error
        for request in batch:
            if not request.target.is_file():
                raise errors.UnusableRecording(f"Its picture at {request.time_s:.2f} s can't be decoded.")
        done += len(batch)
        report(done, len(requests))
    return size


def _batches(requests: Sequence[FrameRequest], most: int) -> Iterator[list[FrameRequest]]:
    waiting = iter(requests)
    while batch := list(itertools.islice(waiting, most)):
        yield batch


def _picture(video: Path, media: MediaInfo, request: FrameRequest, crop: Box | None) -> ffmpeg_python.nodes.OutputStream:
    assert media.video is not None
    options: dict[str, object] = {"ss": f"{max(0.0, request.time_s - _BEFORE_S):.6f}", "threads": 1, "max_pixels": MAX_PIXELS}
    if request.is_needed:
        options["skip_frame"] = "noref"
    source = ffmpeg.recording(video, **options, an=None, sn=None, dn=None)
    filters = [f"scale={media.video.width}:{media.video.height}:flags=area+accurate_rnd", "setsar=1", *hdr.filters_for(media.video)]
    if crop:
        filters.append(f"crop={crop.width}:{crop.height}:{crop.x}:{crop.y}:exact=1")
    options = {"vframes": 1, "update": 1, "threads": 1, "vf": ",".join(filters), "map_metadata": -1}
    if request.target.suffix == ".jpg":
        options |= {"q:v": _QUALITY, "qmin": _QUALITY, "pix_fmt": "yuvj444p"}
    return source.video.output(str(request.target.absolute()), **options)
