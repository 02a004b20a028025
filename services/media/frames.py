"""Full-resolution images from a recording, as displayed: rotated, with square pixels."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import ffmpeg as ffmpeg_python

import errors
from domain import Box, MediaInfo
from lib.process import CancellationCheck, Report, ignore_progress, never_cancelled
from services.media import ffmpeg, hdr
from services.media.allowed_formats import MAX_PIXELS

# One process writes several images, because its start costs as much as decoding one second. It opens the recording once per image, and
# each opening reads the index, which grows with the recording: the sum of their durations is limited too.
_MAX_IMAGES_PER_PROCESS = 6
_MAX_OPENED_DURATION_S = 3600.0
_SEEK_MARGIN_S = 0.002  # The time of a frame may be rounded up to the next microsecond.
_MAX_IMAGE_BYTES = 512 * 2**20
_JPEG_QUALITY = 2  # The best value of ffmpeg's scale.


@dataclass(frozen=True)
class FrameRequest:
    """`time_s`: presentation time of a frame on the container's clock; the suffix of `target` (.jpg, .png) selects the format.

    `is_known_reference`: the frame is certainly a reference frame, so that the decoder can skip the non-reference frames before it.
    """

    time_s: float
    target: Path
    is_known_reference: bool = False


def extract_frames(
    video: Path,
    media: MediaInfo,
    requests: Sequence[FrameRequest],
    *,
    crop: Box | None = None,
    report: Report = ignore_progress,
    check: CancellationCheck = never_cancelled,
) -> tuple[int, int]:
    """Write an image for each request and return their width and height. `crop` is in pixels of the frame as displayed."""
    if media.video is None:
        raise errors.UnusableRecording("It has no video stream.")
    size = (crop.width, crop.height) if crop else (media.video.width, media.video.height)
    frame_count, limits = 0, ffmpeg.limits_for_duration(media.duration_s, file_bytes=_MAX_IMAGE_BYTES)
    for batch in _batches(requests, _batch_size(media.duration_s)):
        outputs = [_image_output(video, media, request, crop) for request in batch]
        try:
            ffmpeg.run(ffmpeg_python.merge_outputs(*outputs), check=check, limits=limits)
        except errors.ProgramFailed as error:
            if type(error) is not errors.ProgramFailed:  # its subclasses, such as a time limit, say nothing about the recording
                raise
            raise errors.UnusableRecording("Its video is damaged and can't be decoded.") from error
        for request in batch:
            if not request.target.is_file():
                raise errors.UnusableRecording(f"The frame at {request.time_s:.2f} s can't be decoded.")
        frame_count += len(batch)
        report(frame_count, len(requests))
    return size


def _batch_size(duration_s: float) -> int:
    """Return the number of images that one process writes from a recording of this duration."""
    return max(1, min(_MAX_IMAGES_PER_PROCESS, int(_MAX_OPENED_DURATION_S / max(duration_s, 1.0))))


def _batches(requests: Sequence[FrameRequest], size: int) -> Iterator[list[FrameRequest]]:
    request_iterator = iter(requests)
    while batch := list(itertools.islice(request_iterator, size)):
        yield batch


def _image_output(video: Path, media: MediaInfo, request: FrameRequest, crop: Box | None) -> ffmpeg_python.nodes.OutputStream:
    assert media.video is not None
    input_options: dict[str, object] = {"ss": f"{max(0.0, request.time_s - _SEEK_MARGIN_S):.6f}", "threads": 1, "max_pixels": MAX_PIXELS}
    if request.is_known_reference:
        input_options["skip_frame"] = "noref"
    source = ffmpeg.open_input(video, **input_options, an=None, sn=None, dn=None)
    filters = [
        f"scale={media.video.width}:{media.video.height}:flags=area+accurate_rnd",
        "setsar=1",
        *hdr.tone_mapping_filters(media.video),
    ]
    if crop:
        filters.append(f"crop={crop.width}:{crop.height}:{crop.x}:{crop.y}:exact=1")
    output_options: dict[str, object] = {"vframes": 1, "update": 1, "threads": 1, "vf": ",".join(filters), "map_metadata": -1}
    if request.target.suffix == ".jpg":
        output_options |= {"q:v": _JPEG_QUALITY, "qmin": _JPEG_QUALITY, "pix_fmt": "yuvj444p"}
    return source[str(media.video.index)].output(str(request.target.absolute()), **output_options)
