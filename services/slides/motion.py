"""Motion in a recording: block by block, sample by sample, and the blocks that move habitually."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from services.slides.decoder import GrayImage
from services.slides.drift import DriftDetector, drifts_steadily
from services.slides.grid import DiffSettings, Grid, Mask, match_brightness
from services.slides.parameters import DriftParameters, MotionParameters, Parameters
from services.slides.quantiles import median, percentile
from services.slides.sample_schedule import Sample


@dataclass(frozen=True)
class MotionSample:
    """A sample with masks of blocks.

    `moved_blocks`: changed at this sample (None: no block did); `moved_strongly`: those of which a good part changed;
    `moving_blocks`: move habitually in the seconds before and after. `drifts`: much of the picture moved, as a whole (True) or not (False);
    None if only a part of it moved.
    """

    sample: Sample
    image: GrayImage
    moved_blocks: Mask | None
    moved_strongly: Mask | None
    moving_blocks: Mask
    drifts: bool | None = None


@dataclass(frozen=True)
class _PendingSample:
    """A motion sample whose habitual motion is not known yet."""

    sample: Sample
    image: GrayImage
    moved_blocks: Mask | None = None
    moved_strongly: Mask | None = None
    drifts: bool | None = None


@dataclass
class _TimeBin:
    """Samples of a short time, the number of changes of each block, and the motion in it.

    `motions`: times and strongly moved blocks; `frame_gap_s`: the shortest time between two frames.
    """

    begin_s: float
    end_s: float
    counts: npt.NDArray[np.int16]
    samples: list[_PendingSample] = field(default_factory=list)
    motions: list[tuple[float, Mask]] = field(default_factory=list)
    frame_gap_s: float = float("inf")

    def add(self, sample: _PendingSample) -> None:
        self.samples.append(sample)
        self.frame_gap_s = min(self.frame_gap_s, sample.sample.frame_gap_s)
        if sample.moved_blocks is not None and not sample.drifts:
            self.counts += sample.moved_blocks
        if sample.moved_strongly is not None:
            self.motions.append((sample.sample.time_s, sample.moved_strongly))


class _Motions:
    """The motion in some time bins; tells whether it goes on in a part of the picture or comes to rest in between."""

    def __init__(self, bins: list[_TimeBin], restless_s: float, parameters: MotionParameters) -> None:
        """`restless_s`: motion that goes on for so long goes on for long."""
        motions = [motion for time_bin in bins for motion in time_bin.motions]
        self._times_s = np.array([time_s for time_s, _ in motions])
        self._masks = np.array([blocks for _, blocks in motions])
        frame_gap_s = min(time_bin.frame_gap_s for time_bin in bins)
        self._rest_s = parameters.rest_s + (frame_gap_s if np.isfinite(frame_gap_s) else 0.0)
        seen_s = bins[-1].end_s - bins[0].begin_s
        self._restless_s = min(restless_s, parameters.restless_share * seen_s)

    def goes_on_in(self, blocks: Mask) -> bool:
        """Whether something in the blocks moved for long without a moment at which all of them were at rest.

        Weak motion is rest: a codec refines a picture for seconds after it came.
        """
        times_s = self._times_s[self._masks[:, blocks].any(1)]
        if times_s.size == 0:
            return False
        ends = np.flatnonzero(np.diff(times_s) >= self._rest_s)
        begins_s, ends_s = times_s[np.append(0, ends + 1)], times_s[np.append(ends, -1)]
        return bool((ends_s - begins_s).max() >= self._restless_s)

    def find_restless(self, blocks: Mask, reach_blocks: int) -> Mask:
        """Return those of the blocks around which something moves for long, no more than `reach_blocks` away."""
        kernel = np.ones((2 * reach_blocks + 1, 2 * reach_blocks + 1), np.uint8)
        restless = np.zeros_like(blocks)
        begin_s = np.full(blocks.shape, -np.inf)
        latest_s = begin_s.copy()
        for time_s, mask in zip(self._times_s, self._masks, strict=True):
            moves = cv2.dilate((mask & blocks).astype(np.uint8), kernel) > 0
            begin_s = np.where(moves & (time_s - latest_s >= self._rest_s), time_s, begin_s)
            latest_s[moves] = time_s
            restless |= moves & (time_s - begin_s >= self._restless_s)
        return restless & blocks


class MotionDetector:
    """Reads a few time bins ahead of its output, so that habitual motion is known from its first second on."""

    def __init__(
        self, grid: Grid, diff: DiffSettings, parameters: MotionParameters, drift: DriftParameters, hidden_blocks: Mask | None = None
    ) -> None:
        """`hidden_blocks` are not examined."""
        self._drift = DriftDetector(drift)
        self._grid, self._diff, self._parameters = grid, diff, parameters
        self._visible = np.ones(grid.shape, np.bool_) if hidden_blocks is None else ~hidden_blocks
        self._anchor: GrayImage | None = None
        self._latest: GrayImage | None = None

    def detect(self, samples: Iterable[Sample]) -> Iterator[MotionSample]:
        """Add motion masks to the samples; the time bins around a sample decide which blocks move habitually in it."""
        bins: deque[_TimeBin] = deque()
        current = 0  # index in `bins` of the next one to put out
        for sample in samples:
            if not bins or sample.time_s >= bins[-1].end_s:
                counts = np.zeros(self._grid.shape, np.int16)
                bins.append(_TimeBin(sample.time_s, sample.time_s + self._parameters.bin_s, counts))
                if len(bins) > current + 1 + self._parameters.reach_bins:
                    yield from self._finish_bin(bins, current)
                    if current < self._parameters.reach_bins:
                        current += 1
                    else:
                        bins.popleft()
            bins[-1].add(self._compare(sample))
        for bin_index in range(current, len(bins)):
            yield from self._finish_bin(bins, bin_index)

    def _finish_bin(self, bins: deque[_TimeBin], current: int) -> Iterator[MotionSample]:
        parameters = self._parameters
        reach = parameters.reach_bins
        around = range(max(0, current - reach), min(len(bins), current + reach + 1))
        bins_around = [bins[index] for index in around]
        is_moving = np.array([each.counts >= parameters.min_changes for each in bins_around])
        habitual = _find_habitual(is_moving, parameters)
        restless = _find_areas(habitual, parameters, _Motions(bins_around, parameters.restless_s, parameters))
        here = current - around[0]
        ended, begun = (self._find_insets_in(bins_around[part], is_moving[part], habitual) for part in (slice(here + 1), slice(here, None)))
        if (moved := _find_moved_insets(ended, begun, habitual, parameters)).any():
            restless = _find_areas(restless | moved, parameters)
        moving_blocks = _add_margin(restless, parameters)
        for pending_sample in bins[current].samples:
            yield MotionSample(
                pending_sample.sample,
                pending_sample.image,
                pending_sample.moved_blocks,
                pending_sample.moved_strongly,
                moving_blocks,
                pending_sample.drifts,
            )
        bins[current].samples.clear()

    def _find_insets_in(self, bins: list[_TimeBin], is_moving: npt.NDArray[np.bool_], habitual: Mask) -> Mask:
        """Return the areas that move habitually in a part of the time only, beside the blocks of `habitual`."""
        blocks = _find_habitual(is_moving, self._parameters) & ~habitual
        motions = _Motions(bins, self._parameters.moved_restless_s, self._parameters)
        return _add_margin(_find_areas(blocks, self._parameters, motions), self._parameters)

    def _compare(self, sample: Sample) -> _PendingSample:
        """Find the blocks that differ from their last change; slow changes add up until they count."""
        if sample.image is None or self._anchor is None or self._latest is None:
            if sample.image is not None:
                self._latest = self._diff.prepare(sample.image)
                self._anchor = self._latest.copy()
            assert self._latest is not None
            return _PendingSample(sample, self._latest)
        image = self._diff.prepare(sample.image)
        self._latest = image
        self._follow_brightness(self._anchor, image)
        if self._diff.is_certainly_same(self._anchor, image):
            return _PendingSample(sample, image)
        levels = self._grid.block_levels(self._diff.threshold_difference(self._anchor, image))
        moving_blocks = (levels > 255 * self._grid.changed_share) & self._visible
        if not moving_blocks.any():
            return _PendingSample(sample, image)
        self._grid.copy_blocks(self._anchor, image, moving_blocks)
        drifts = self._drift.has_only_drifted(image) if self._drift.is_wide(moving_blocks) else None
        return _PendingSample(sample, image, moving_blocks, moving_blocks & (levels > 255 * self._parameters.strong_share), drifts)

    def _follow_brightness(self, anchor: GrayImage, image: GrayImage) -> None:
        """Change the anchor as the brightness of the whole picture changes, if slowly: a camera adapts its exposure, clouds pass."""
        parameters = self._parameters
        matched = match_brightness(anchor, image, parameters.brightness_stride, 1, parameters.max_brightness_step)
        if matched is not anchor:
            anchor[:] = matched


def _find_habitual(is_moving: npt.NDArray[np.bool_], parameters: MotionParameters) -> Mask:
    """Return the blocks that move habitually, from those that are active in each bin."""
    habitual: Mask = is_moving.sum(0, dtype=np.int16) >= max(parameters.min_bins, parameters.habit_share * len(is_moving))
    for first in range(len(is_moving) - parameters.rest_bins + 1):
        habitual &= is_moving[first : first + parameters.rest_bins].any(0)
    return habitual


def _find_moved_insets(ended: Mask, begun: Mask, habitual: Mask, parameters: MotionParameters) -> Mask:
    """Return the blocks of camera insets that change their place about now: motion ends in a rectangle when it begins in a similar one.

    `ended`, `begun`: areas whose habitual motion ends or begins, beside those of `habitual`, which goes on: a person who sways.
    """
    moved = np.zeros_like(ended)
    if not (ended.any() and begun.any()):
        return moved
    nearby = cv2.dilate(habitual.astype(np.uint8), np.ones((parameters.closing_blocks, parameters.closing_blocks), np.uint8)) > 0
    old_insets, new_insets = (_find_insets(areas, nearby, parameters) for areas in (ended, begun))
    for (old, *old_sides), (new, *new_sides) in itertools.product(old_insets, new_insets):
        ratios = [max(a, b) / min(a, b) for a, b in zip(old_sides, new_sides, strict=True)]
        if max(ratios) <= parameters.moved_side_ratio and not (old & new).any():
            moved |= old | new
    return moved


def _find_insets(blocks: Mask, nearby: Mask, parameters: MotionParameters) -> list[tuple[Mask, int, int]]:
    """Return the rectangles among the connected components that have nothing of `nearby`, with width and height."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(blocks.astype(np.uint8))
    components = [(np.asarray(labels == number), *stats[number, 2:5].tolist()) for number in range(1, len(stats))]
    return [
        (component, width, height)
        for component, width, height, area in components
        if area >= parameters.rectangle_share * width * height and not (component & nearby).any()
    ]


def _find_areas(habitual: Mask, parameters: MotionParameters, motions: _Motions | None = None) -> Mask:
    """Close gaps, drop components that are small or come to rest in `motions`, and fill those that are nearly rectangles.

    Of a large component, only the parts that do not come to rest remain: a presenter in front of slides that change often.
    An animation that writes and fades one text after another in the same place comes to rest between them; a person does not.
    """
    areas = np.zeros_like(habitual)
    if not habitual.any():
        return areas
    kernel, pad = parameters.closing_blocks, parameters.closing_blocks // 2 + 1
    padded_mask = np.pad(habitual.astype(np.uint8), pad)
    closed_mask = cv2.morphologyEx(padded_mask, cv2.MORPH_CLOSE, np.ones((kernel, kernel), np.uint8))[pad:-pad, pad:-pad]
    _, labels, stats, _ = cv2.connectedComponentsWithStats(np.ascontiguousarray(closed_mask))
    for number, (left, top, width, height, area) in enumerate(stats.tolist()):
        component = labels == number
        if number == 0 or area < parameters.min_area or (motions and not motions.goes_on_in(component & habitual)):
            continue
        if motions and area > parameters.max_inset_share * habitual.size:
            areas |= _find_areas(motions.find_restless(component & habitual, parameters.closing_blocks // 2), parameters)
        elif area >= parameters.rectangle_share * width * height:
            areas[top : top + height, left : left + width] = True
        else:
            areas |= component
    return areas


def _add_margin(areas: Mask, parameters: MotionParameters) -> Mask:
    return np.asarray(cv2.dilate(areas.astype(np.uint8), np.ones((parameters.margin_blocks, parameters.margin_blocks), np.uint8)) > 0)


def choose_diff_settings(images: list[GrayImage], grid: Grid, contrast: int, parameters: Parameters) -> DiffSettings:
    """Examine the first seconds of a recording: whether the camera shakes, and whether the picture is grainy."""
    camera = parameters.camera
    pairs = list(itertools.pairwise(images))
    if len(pairs) < camera.min_pairs:
        return DiffSettings(contrast)
    step = camera.grain_stride
    grain = median(np.array([percentile(cv2.absdiff(a, b)[::step, ::step], camera.grain_percentile) for a, b in pairs]))
    noisy = grain > camera.max_grain
    edge_blocks = grid.blocks_with_edges(images[len(images) // 2], parameters.comparison.min_gradient)
    steady = DiffSettings(contrast, noisy=noisy)
    moving = np.mean([grid.changed_blocks(steady.threshold_difference(steady.prepare(a), steady.prepare(b))) for a, b in pairs], 0)
    cells = []
    for rows in np.array_split(np.arange(grid.rows), camera.cell_rows):
        for columns in np.array_split(np.arange(grid.columns), camera.cell_columns):
            cell = np.ix_(rows, columns)
            if edge_blocks[cell].sum() >= camera.min_edge_blocks:
                cells.append(float(moving[cell][edge_blocks[cell]].mean()) > camera.min_moving_share)
    shaky = len(cells) >= camera.min_cells and float(np.mean(cells)) > camera.shaking_share
    shaky = shaky and not drifts_steadily(images, parameters.drift)
    return DiffSettings(contrast + (camera.shaky_extra_contrast if shaky else 0), shaky=shaky, noisy=noisy)
