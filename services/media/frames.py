"""Full-resolution images from a recording, as displayed: rotated, with square pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import errors
from domain import Box, MediaInfo
from lib.process import CancellationCheck, Report, ignore_progress, never_cancelled, run_task
from services.media import ffmpeg, hdr
from services.media.allowed_formats import MAX_PIXELS
from services.media.frame_settings import JPEG_QUANTIZER, TIME_TOLERANCE_S

_MAX_IMAGE_BYTES = 512 * 2**20


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
    if hdr.tone_mapping_filters(media.video):
        for written, request in enumerate(requests, 1):
            _write_tone_mapped(video, media, request, crop, check)
            report(written, len(requests))
    elif requests:
        _write_images(video, media, requests, crop, report, check)
    return (crop.width, crop.height) if crop else (media.video.width, media.video.height)


def _write_images(
    video: Path, media: MediaInfo, requests: Sequence[FrameRequest], crop: Box | None, report: Report, check: CancellationCheck
) -> None:
    assert media.video is not None
    payload = {
        "path": str(video.absolute()),
        "index": media.video.index,
        "rotation": media.video.rotation,
        "width": media.video.width,
        "height": media.video.height,
        "crop": [crop.width, crop.height, crop.x, crop.y] if crop else None,
        "requests": [[request.time_s, str(request.target.absolute()), request.is_known_reference] for request in requests],
    }
    limits = ffmpeg.limits_for_duration(media.duration_s, file_bytes=_MAX_IMAGE_BYTES)
    run_task("services.media.frames_child:write_images", payload, report=report, check=check, limits=limits)


def _write_tone_mapped(video: Path, media: MediaInfo, request: FrameRequest, crop: Box | None, check: CancellationCheck) -> None:
    """Write one image with ffmpeg's program: the libraries of PyAV have no filters for HDR."""
    assert media.video is not None
    input_options: dict[str, object] = {"ss": f"{max(0.0, request.time_s - TIME_TOLERANCE_S):.6f}", "threads": 1, "max_pixels": MAX_PIXELS}
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
        output_options |= {"q:v": JPEG_QUANTIZER, "qmin": JPEG_QUANTIZER, "pix_fmt": "yuvj444p"}
    output = source[str(media.video.index)].output(str(request.target.absolute()), **output_options)
    try:
        ffmpeg.run(output, check=check, limits=ffmpeg.limits_for_duration(media.duration_s, file_bytes=_MAX_IMAGE_BYTES))
    except errors.ProgramFailed as error:
        if type(error) is not errors.ProgramFailed:  # its subclasses, such as a time limit, say nothing about the recording
            raise
        raise errors.UnusableRecording("Its video is damaged and can't be decoded.") from error
    if not request.target.is_file():
        raise errors.UnusableRecording(f"The frame at {request.time_s:.2f} s can't be decoded.")
