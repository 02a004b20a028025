"""The slide engine: which slides a recording shows, when, and a picture of each.

What only the caller's side needs is imported late: the child process that runs the engine starts sooner without it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import errors
from domain import Box, BuildStep, DetectedSlide, MediaInfo, SlideTimeline, TimeRange, VideoStream
from lib import process
from lib.process import Check, Limits, Report, never_cancelled, no_report
from services.media.allowed_formats import FORMATS, url_of
from services.slides.port import SlideOptions

__all__ = ["SlideOptions", "check_places", "detect_slides", "find_slides"]

_LIMITS = Limits(stall_s=600, memory_bytes=2 * 2**30, file_bytes=4 * 2**30)
_LEAST_TIME_S = 600
_SLOWEST = 4  # seconds for a second of the recording
_DETECTION_SHARE = 0.8  # of the work; the rest is taking pictures


def find_slides(
    video: Path, media: MediaInfo, options: SlideOptions, images: Path, *, report: Report = no_report, check: Check = never_cancelled
) -> SlideTimeline:
    """Find the slides and write a full-resolution picture of each into `images` (slide-001.jpg ...).

    Build steps get pictures (slide-001-build-01.jpg ...) with `builds="all"`. Raises UnusableRecording where there are no pictures.
    """

    from services.media.frames import FrameRequest, take_frames

    def detecting(done: float, total: float) -> None:
        report(_DETECTION_SHARE * done, total)

    def taking(done: float, total: float) -> None:
        report(_DETECTION_SHARE + (1 - _DETECTION_SHARE) * done / total, 1.0)

    answer = _detect(video, media, options, detecting, check)
    images.mkdir(parents=True, exist_ok=True)
    names = [_names(number, page, options) for number, page in enumerate(answer["pages"], 1)]
    requests = [FrameRequest(shown["shown_s"], images / name, shown["is_needed"]) for page in names for name, shown in page.items()]
    width, height = take_frames(video, media, requests, crop=options.region, report=taking, check=check) if requests else (0, 0)
    slides = tuple(_slide(page, list(named), width, height, options) for page, named in zip(answer["pages"], names, strict=True))
    return _timeline(answer, slides, options, media)


def detect_slides(
    video: Path, media: MediaInfo, options: SlideOptions, *, report: Report = no_report, check: Check = never_cancelled
) -> SlideTimeline:
    """Find the slides without taking pictures."""
    answer = _detect(video, media, options, report, check)
    return _timeline(answer, tuple(_slide(page, [], 0, 0, options) for page in answer["pages"]), options, media)


def check_places(options: SlideOptions, video: VideoStream) -> None:
    """Raise ValidationFailed unless `region` and `ignore` lie inside the picture."""
    for box in (options.region, *options.ignore):
        if box is not None:
            _shares(box, video)


def _detect(video: Path, media: MediaInfo, options: SlideOptions, report: Report, check: Check) -> dict[str, Any]:
    if media.video is None:
        raise errors.UnusableRecording("It has no pictures.")
    payload = {
        "url": url_of(video),
        "formats": FORMATS,
        "rotation": media.video.rotation,
        "duration_s": media.duration_s,
        "sensitivity": options.sensitivity,
        "region": _shares(options.region, media.video) if options.region else None,
        "ignored": [_shares(box, media.video) for box in options.ignore],
    }
    limits = replace(_LIMITS, timeout_s=_LEAST_TIME_S + _SLOWEST * media.duration_s)
    return process.run_task("services.slides.child_task:detect", payload, report=report, check=check, limits=limits)


def _shares(box: Box, video: VideoStream) -> list[float]:
    """Left, top, right and bottom as shares of the picture."""
    if box.x < 0 or box.y < 0 or min(box.width, box.height) < 8 or box.x + box.width > video.width or box.y + box.height > video.height:
        raise errors.ValidationFailed(
            f"The box {box.x},{box.y},{box.width},{box.height} is not inside {video.width} x {video.height} pixels."
        )
    return [box.x / video.width, box.y / video.height, (box.x + box.width) / video.width, (box.y + box.height) / video.height]


def _names(number: int, page: Mapping[str, Any], options: SlideOptions) -> dict[str, Mapping[str, Any]]:
    """File names and the moments that they show: the slide's own first, then its build steps'."""
    names = {f"slide-{number:03d}.jpg": page["frame"]}
    if options.builds == "all":
        names |= {f"slide-{number:03d}-build-{step:02d}.jpg": moment for step, moment in enumerate(page["steps"], 1)}
    return names


def _slide(page: Mapping[str, Any], names: list[str], width: int, height: int, options: SlideOptions) -> DetectedSlide:
    step_names = names[1:] if options.builds == "all" and names else [None] * len(page["steps"])
    return DetectedSlide(
        visits=tuple(TimeRange(start, end) for start, end in page["spans"]),
        frame_time_s=page["frame"]["time_s"],
        image=names[0] if names else None,
        width=width,
        height=height,
        builds=tuple(BuildStep(moment["time_s"], name) for moment, name in zip(page["steps"], step_names, strict=True)),
    )


def _timeline(answer: Mapping[str, Any], slides: tuple[DetectedSlide, ...], options: SlideOptions, media: MediaInfo) -> SlideTimeline:
    assert media.video is not None
    region = options.region or (_box(answer["region"], media.video) if answer["region"] else None)
    ignored = (*options.ignore, *(_box(shares, media.video) for shares in answer["ignored"]))
    return SlideTimeline(slides, region, ignored, answer["unquiet_share"], tuple(answer["warnings"]))


def _box(shares: Sequence[float], video: VideoStream) -> Box:
    left, right = (round(shares[side] * video.width) for side in (0, 2))
    top, bottom = (round(shares[side] * video.height) for side in (1, 3))
    return Box(left, top, right - left, bottom - top)
