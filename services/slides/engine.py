"""The slide engine in one process: samples, stable frames, occurrences of slides, pages."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from services.slides.comparison import Comparer
from services.slides.frame_spool import StableFrameSpool, decode_image
from services.slides.grid import Grid, Mask, Times
from services.slides.limits import fallback_page, limit_rate, limit_total
from services.slides.motion import MotionDetector, choose_diff_settings
from services.slides.parameters import DEFAULTS, Parameters, Sensitivity
from services.slides.region import RelativeBox, bounding_boxes, find_slide_region
from services.slides.revisits import merge_revisits, shows_content_of
from services.slides.sample_schedule import Sample
from services.slides.sampler import Sampler
from services.slides.segmenter import Segmenter
from services.slides.side_panels import SidePanelDetector
from services.slides.slide_page import SlidePage
from services.slides.stabilization import Stabilizer, sways
from services.slides.stable_frames import StableFrameDetector
from services.slides.subtitles import SubtitleDetector

ProgressCallback = Callable[[float, float], None]


@dataclass(frozen=True)
class AreaSelection:
    """The areas to analyse: `region` (everything if None) without `ignored`."""

    region: RelativeBox | None = None
    ignored: tuple[RelativeBox, ...] = ()

    def hidden_blocks(self, grid: Grid) -> Mask:
        """Return the blocks that are not analysed."""
        blocks = np.zeros(grid.shape, np.bool_)
        if self.region:
            blocks[:] = True
            blocks[_block_window(self.region, grid)] = False
        for box in self.ignored:
            blocks[_block_window(box, grid)] = True
        return blocks


def _block_window(box: RelativeBox, grid: Grid) -> tuple[slice, slice]:
    left, top, right, bottom = box
    across, down = grid.width / grid.side, grid.height / grid.side
    return slice(round(top * down), max(1, round(bottom * down))), slice(round(left * across), max(1, round(right * across)))


@dataclass(frozen=True)
class Detection:
    """The result for a recording.

    `unstable_share`: share of the time in which a good part of the picture moved; `region`: where the slides are, if certain;
    `ignored`: areas that move much of the time; `always_moving`: blocks that move nearly all the time.
    """

    pages: list[SlidePage]
    unstable_share: float = 0.0
    region: RelativeBox | None = None
    ignored: list[RelativeBox] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    always_moving: Mask | None = None


def detect_pages(
    sampler: Sampler,
    sensitivity: Sensitivity,
    areas: AreaSelection,
    duration_s: float,
    report: ProgressCallback,
    parameters: Parameters = DEFAULTS,
) -> Detection:
    """Analyse a recording. Give the sampler the same parameters."""
    cv2.setNumThreads(1)
    samples = iter(_report_progress(sampler, duration_s, report, parameters.sampling.report_interval_s))
    first = list(itertools.islice(samples, int(parameters.camera.first_s / parameters.sampling.period_s)))
    images = [sample.image for sample in first if sample.image is not None]
    if not images:
        return Detection([])
    grid = Grid.for_image(images[0], parameters.grid)
    diff = choose_diff_settings(images, grid, parameters.camera.contrast(sensitivity), parameters)
    hidden_blocks = areas.hidden_blocks(grid)
    if not diff.shaky and sways(images, parameters.stabilization):
        diff = replace(diff, shaky=True, contrast=diff.contrast + parameters.camera.shaky_extra_contrast)
    samples = itertools.chain(first, samples)
    if diff.shaky:
        samples = Stabilizer(parameters.stabilization).stabilize(samples)
    with StableFrameSpool(parameters.stable_frames.cached_frames) as spool:
        detector = StableFrameDetector(grid, diff, spool, parameters)
        motion_detector = MotionDetector(grid, diff, parameters.motion, parameters.drift, hidden_blocks)
        subtitle_detector = SubtitleDetector(grid, parameters.subtitles)
        panel_detector = SidePanelDetector(grid, parameters.side_panels, parameters.comparison.min_gradient)
        motion = motion_detector.detect(samples)
        detector.detect(panel_detector.watch(subtitle_detector.watch(motion)))
        comparer = Comparer(grid, diff, parameters.comparison, subtitle_detector.find_blocks() | panel_detector.find_blocks())
        motion_share = detector.motion_s / max(detector.end_s - first[0].time_s, parameters.sampling.period_s)
        always_hidden = hidden_blocks | (motion_share > parameters.segmentation.motion_share)
        area = detector.slide_area.estimate(always_hidden)
        often_moving = motion_share > parameters.classification.motion_share
        segmenter = Segmenter(comparer, spool, always_hidden, often_moving, area, first[0].time_s, diff.prepare(images[0]), parameters)
        pages = merge_revisits(segmenter.segment(), area, comparer, parameters)
    return _build_detection(pages, detector, comparer, motion_share, hidden_blocks, parameters)


def _build_detection(
    pages: list[SlidePage],
    detector: StableFrameDetector,
    comparer: Comparer,
    motion_share: Times,
    hidden_blocks: Mask,
    parameters: Parameters,
) -> Detection:
    grid, limits = comparer.grid, parameters.limits
    moving_blocks = motion_share > parameters.region.motion_share
    warnings = []
    if not pages:
        pages = [fallback_page(detector.fallback_frames, detector.end_s, moving_blocks)]
        warnings.append("The picture is never still; one page shows the whole recording.")
    limited_pages = limit_rate(pages, limits, lambda page, earlier: shows_content_of(page, earlier, comparer, parameters.revisits))
    if len(limited_pages) < len(pages):
        warnings.append("The picture changes very often; the slides shown shortest were omitted.")
    if len(limited_pages) > limits.max_pages:
        limited_pages = limit_total(limited_pages, limits)
        warnings.append(f"There are more than {limits.max_pages} slides; those shown shortest were omitted.")
    examined_pages = limited_pages[:: max(1, len(limited_pages) // parameters.region.max_pages)]
    images = [decode_image(page.states[-1]) for page in examined_pages if page.states]
    return Detection(
        pages=limited_pages,
        unstable_share=detector.unstable_s / max(detector.end_s, parameters.sampling.period_s),
        region=find_slide_region(images, grid, comparer.diff, moving_blocks | hidden_blocks, parameters.region),
        ignored=bounding_boxes(moving_blocks & ~hidden_blocks, grid),
        warnings=warnings,
        always_moving=motion_share > parameters.camera_shots.motion_share,
    )


def _report_progress(samples: Iterable[Sample], duration_s: float, report: ProgressCallback, interval_s: float) -> Iterator[Sample]:
    """Pass samples on; report progress once per interval of the recording."""
    next_s = 0.0
    for sample in samples:
        if sample.time_s >= next_s:
            report(min(sample.time_s, duration_s), duration_s)
            next_s = sample.time_s + interval_s
        yield sample
