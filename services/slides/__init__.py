"""The slide engine: the slides of a recording, when each is shown, and an image of each. docs/slides.md explains its terms.

Modules that only the parent process needs are imported late, so that the child process starts faster.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import errors
from domain import Box, BuildStep, DetectedSlide, MediaInfo, SlideTimeline, TimeRange, VideoStream
from lib import process
from lib.process import CancellationCheck, Limits, Report, ignore_progress, never_cancelled
from services.media.allowed_formats import ALLOWED_FORMATS, file_url
from services.slides.parameters import DEFAULTS
from services.slides.port import SlideOptions, TextFinder

if TYPE_CHECKING:
    from services.slides.camera_shots import PictureSource

__all__ = ["SlideOptions", "check_areas", "detect_slides", "find_slides"]

_LIMITS = Limits(stall_s=600, memory_bytes=2 * 2**30, file_bytes=4 * 2**30)
_DETECTION_SHARE = 0.8  # of the work; the rest is extracting images


def find_slides(
    video: Path,
    media: MediaInfo,
    options: SlideOptions,
    images: Path,
    *,
    find_text: TextFinder | None = None,
    report: Report = ignore_progress,
    check: CancellationCheck = never_cancelled,
) -> SlideTimeline:
    """Find the slides and write a full-resolution image of each into the folder `images` (slide-001.jpg ...).

    Build steps get images (slide-001-build-01.jpg ...) with `builds="all"`. With `find_text`, pages that only show people are
    left out. Raises UnusableRecording if there is no video stream.
    """

    def report_detection(done: float, total: float) -> None:
        report(_DETECTION_SHARE * done, total)

    def report_images(done: float, total: float) -> None:
        report(_DETECTION_SHARE + (1 - _DETECTION_SHARE) * done / total, 1.0)

    detection = _detect(video, media, options, report_detection, check)
    images.mkdir(parents=True, exist_ok=True)
    files = [_image_files(number, page, options) for number, page in enumerate(detection["pages"], 1)]
    frames = {images / name: frame for page in files for name, frame in page.items()}
    width, height = _write_images(video, media, frames, options, report_images, check) if frames else (0, 0)
    names_by_page = [list(names) for names in files]
    if find_text is not None:
        pictures = [images / names[0] for names in names_by_page]
        remaining = _without_people(detection, lambda positions: ([pictures[each] for each in positions], width, height), find_text)
        names_by_page = _renumber(images, names_by_page, remaining)
    slides = tuple(_slide(page, names, width, height, options) for page, names in zip(detection["pages"], names_by_page, strict=True))
    return _timeline(detection, slides, options, media)


def detect_slides(
    video: Path,
    media: MediaInfo,
    options: SlideOptions,
    *,
    find_text: TextFinder | None = None,
    report: Report = ignore_progress,
    check: CancellationCheck = never_cancelled,
) -> SlideTimeline:
    """Find the slides without writing images."""
    detection = _detect(video, media, options, report, check)
    if find_text is not None:
        with tempfile.TemporaryDirectory(prefix="lectern-") as folder:

            def take_pictures(positions: Sequence[int]) -> tuple[list[Path], int, int]:
                frames = {Path(folder, f"{position}.jpg"): detection["pages"][position]["best_frame"] for position in positions}
                return list(frames), *_write_images(video, media, frames, options, ignore_progress, check)

            _without_people(detection, take_pictures, find_text)
    return _timeline(detection, tuple(_slide(page, [], 0, 0, options) for page in detection["pages"]), options, media)


def check_areas(options: SlideOptions, video: VideoStream) -> None:
    """Raise ValidationFailed unless `region` and `ignore` lie inside the picture."""
    for box in (options.region, *options.ignore):
        if box is not None:
            _to_relative(box, video)


def _detect(video: Path, media: MediaInfo, options: SlideOptions, report: Report, check: CancellationCheck) -> dict[str, Any]:
    """Run the engine in a child process."""
    if media.video is None:
        raise errors.UnusableRecording("It has no video stream.")
    payload = {
        "url": file_url(video),
        "stream_index": media.video.index,
        "formats": ALLOWED_FORMATS,
        "rotation": media.video.rotation,
        "duration_s": media.duration_s,
        "sensitivity": options.sensitivity,
        "region": _to_relative(options.region, media.video) if options.region else None,
        "ignored": [_to_relative(box, media.video) for box in options.ignore],
    }
    timeout_s = DEFAULTS.limits.min_timeout_s + DEFAULTS.limits.timeout_factor * media.duration_s
    limits = replace(_LIMITS, timeout_s=timeout_s)
    return process.run_task("services.slides.child_task:detect", payload, report=report, check=check, limits=limits)


def _without_people(detection: dict[str, Any], take_pictures: PictureSource, find_text: TextFinder) -> list[int]:
    """Leave out the pages that only show people; return the positions of the others."""
    from services.slides.camera_shots import without_camera_shots

    remaining = without_camera_shots(detection["pages"], take_pictures, find_text, DEFAULTS.camera_shots)
    detection["pages"] = list(remaining.values())
    return list(remaining)


def _write_images(
    video: Path, media: MediaInfo, frames: Mapping[Path, Mapping[str, Any]], options: SlideOptions, report: Report, check: CancellationCheck
) -> tuple[int, int]:
    """Write the frames to their paths; return their width and height."""
    from services.media.frames import FrameRequest, extract_frames

    requests = [FrameRequest(frame["pts_s"], path, frame["is_known_reference"]) for path, frame in frames.items()]
    return extract_frames(video, media, requests, crop=options.region, report=report, check=check)


def _to_relative(box: Box, video: VideoStream) -> list[float]:
    """Return left, top, right and bottom as shares of the picture's width and height."""
    is_too_small = min(box.width, box.height) < DEFAULTS.region.min_side_pixels
    if box.x < 0 or box.y < 0 or is_too_small or box.x + box.width > video.width or box.y + box.height > video.height:
        raise errors.ValidationFailed(
            f"The box {box.x},{box.y},{box.width},{box.height} is not inside {video.width} x {video.height} pixels."
        )
    return [box.x / video.width, box.y / video.height, (box.x + box.width) / video.width, (box.y + box.height) / video.height]


def _image_files(number: int, page: Mapping[str, Any], options: SlideOptions) -> dict[str, Mapping[str, Any]]:
    """Return file names and the frames that they show: the slide's own first, then its build steps'."""
    files = {f"slide-{number:03d}.jpg": page["best_frame"]}
    if options.builds == "all":
        files |= {f"slide-{number:03d}-build-{step:02d}.jpg": frame for step, frame in enumerate(page["builds"], 1)}
    return files


def _renumber(images: Path, names_by_page: Sequence[Sequence[str]], remaining: Sequence[int]) -> list[list[str]]:
    """Remove the files of the pages that do not remain, and number the others from 1; return their names."""
    for position in set(range(len(names_by_page))).difference(remaining):
        for name in names_by_page[position]:
            (images / name).unlink()
    renumbered = []
    for number, position in enumerate(remaining, 1):
        new_names = [name.replace(f"slide-{position + 1:03d}", f"slide-{number:03d}", 1) for name in names_by_page[position]]
        for name, new_name in zip(names_by_page[position], new_names, strict=True):
            (images / name).rename(images / new_name)
        renumbered.append(new_names)
    return renumbered


def _slide(page: Mapping[str, Any], names: list[str], width: int, height: int, options: SlideOptions) -> DetectedSlide:
    build_names = names[1:] if options.builds == "all" and names else [None] * len(page["builds"])
    return DetectedSlide(
        visits=tuple(TimeRange(start, end) for start, end in page["spans"]),
        frame_time_s=page["best_frame"]["time_s"],
        image=names[0] if names else None,
        width=width,
        height=height,
        builds=tuple(BuildStep(frame["time_s"], name) for frame, name in zip(page["builds"], build_names, strict=True)),
        resembles_earlier=page["resembles_earlier"],
    )


def _timeline(detection: Mapping[str, Any], slides: tuple[DetectedSlide, ...], options: SlideOptions, media: MediaInfo) -> SlideTimeline:
    assert media.video is not None
    region = options.region or (_to_box(detection["region"], media.video) if detection["region"] else None)
    ignored_boxes = (*options.ignore, *(_to_box(shares, media.video) for shares in detection["ignored"]))
    return SlideTimeline(slides, region, ignored_boxes, detection["unstable_share"], tuple(detection["warnings"]))


def _to_box(shares: Sequence[float], video: VideoStream) -> Box:
    left, right = (round(shares[side] * video.width) for side in (0, 2))
    top, bottom = (round(shares[side] * video.height) for side in (1, 3))
    return Box(left, top, right - left, bottom - top)
