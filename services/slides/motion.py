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
from services.slides.grid import DiffSettings, Grid, Mask, Times, match_brightness
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
    """Samples of a short time, the number of changes of each block, the blocks that rested for long, and those that then moved again."""

    end_s: float
    counts: npt.NDArray[np.int16]
    has_rested: Mask
    moved_again: Mask
    samples: list[_PendingSample] = field(default_factory=list)

    def add(self, sample: _PendingSample, is_resting: Mask, moves_again: Mask) -> None:
        self.samples.append(sample)
        self.has_rested |= is_resting
        self.moved_again |= moves_again
        if sample.moved_blocks is not None and not sample.drifts:
            self.counts += sample.moved_blocks


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
        self._last_motion_s: Times | None = None
        self._habits: tuple[Mask, Mask] = (np.zeros(grid.shape, np.bool_), np.zeros(grid.shape, np.bool_))
        self._moving_blocks: Mask = self._habits[0]

    def detect(self, samples: Iterable[Sample]) -> Iterator[MotionSample]:
        """Add motion masks to the samples; the time bins around a sample decide which blocks move habitually in it."""
        bins: deque[_TimeBin] = deque()
        current = 0  # index in `bins` of the next one to put out
        for sample in samples:
            if not bins or sample.time_s >= bins[-1].end_s:
                counts = np.zeros(self._grid.shape, np.int16)
                has_rested, moved_again = (np.zeros(self._grid.shape, np.bool_) for _ in range(2))
                bins.append(_TimeBin(sample.time_s + self._parameters.bin_s, counts, has_rested, moved_again))
                if len(bins) > current + 1 + self._parameters.reach_bins:
                    yield from self._finish_bin(bins, current)
                    if current < self._parameters.reach_bins:
                        current += 1
                    else:
                        bins.popleft()
            pending_sample = self._compare(sample)
            bins[-1].add(pending_sample, *self._find_rests(pending_sample))
        for bin_index in range(current, len(bins)):
            yield from self._finish_bin(bins, bin_index)

    def _finish_bin(self, bins: deque[_TimeBin], current: int) -> Iterator[MotionSample]:
        parameters = self._parameters
        reach = parameters.reach_bins
        around = range(max(0, current - reach), min(len(bins), current + reach + 1))
        bins_around = [bins[index] for index in around]
        is_moving = np.array([each.counts >= parameters.min_changes for each in bins_around])
        has_rested = np.array([each.has_rested for each in bins_around])
        habitual, restless = (_find_habitual(each, parameters) for each in (is_moving, is_moving & ~has_rested))
        restless |= habitual & ~_rests_in_between(bins_around)
        here = current - around[0]
        ended, begun = (_find_habitual(part, parameters) & ~habitual for part in (is_moving[: here + 1], is_moving[here:]))
        moved_insets = _find_moved_insets(ended, begun, habitual, parameters)
        habits = (habitual | moved_insets, restless | moved_insets)
        if not all(np.array_equal(new, old) for new, old in zip(habits, self._habits, strict=True)):
            self._habits, self._moving_blocks = habits, _moving_areas(*habits, parameters)
        for pending_sample in bins[current].samples:
            yield MotionSample(
                pending_sample.sample,
                pending_sample.image,
                pending_sample.moved_blocks,
                pending_sample.moved_strongly,
                self._moving_blocks,
                pending_sample.drifts,
            )
        bins[current].samples.clear()

    def _find_rests(self, pending_sample: _PendingSample) -> tuple[Mask, Mask]:
        """Return the blocks that have not moved for some time, and those that move again after such a rest."""
        time_s = pending_sample.sample.time_s
        if self._last_motion_s is None:
            self._last_motion_s = np.full(self._grid.shape, time_s, np.float32)
        rested = time_s - self._last_motion_s >= self._parameters.long_rest_s
        if pending_sample.moved_blocks is None:
            return rested, np.zeros_like(rested)
        self._last_motion_s[pending_sample.moved_blocks] = time_s
        return rested & ~pending_sample.moved_blocks, rested & pending_sample.moved_blocks

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


def _rests_in_between(bins: list[_TimeBin]) -> Mask:
    """Return the blocks that move again after a long rest, apart from their first motion in these bins."""
    rests = np.zeros_like(bins[0].has_rested)
    has_moved = np.zeros_like(rests)
    for time_bin in bins:
        rests |= time_bin.moved_again & has_moved
        has_moved |= time_bin.counts > 0
    return rests


def _find_habitual(is_moving: npt.NDArray[np.bool_], parameters: MotionParameters) -> Mask:
    """Return the blocks that move habitually, from those that are active in each bin."""
    habitual: Mask = is_moving.sum(0, dtype=np.int16) >= max(parameters.min_bins, parameters.habit_share * len(is_moving))
    for first in range(len(is_moving) - parameters.rest_bins + 1):
        habitual &= is_moving[first : first + parameters.rest_bins].any(0)
    return habitual


def _find_moved_insets(ended: Mask, begun: Mask, habitual: Mask, parameters: MotionParameters) -> Mask:
    """Return the blocks of camera insets that change their place about now: motion ends in a rectangle when it begins in a similar one.

    `ended`, `begun`: blocks whose habitual motion ends or begins, beside those of `habitual`, which goes on: a person who sways.
    """
    moved = np.zeros_like(ended)
    if min(np.count_nonzero(ended), np.count_nonzero(begun)) < parameters.min_area:
        return moved
    nearby = cv2.dilate(habitual.astype(np.uint8), np.ones((parameters.closing_blocks, parameters.closing_blocks), np.uint8)) > 0
    old_insets, new_insets = (_find_insets(_moving_areas(blocks, blocks, parameters), nearby, parameters) for blocks in (ended, begun))
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


def _moving_areas(habitual: Mask, restless: Mask, parameters: MotionParameters) -> Mask:
    """Close gaps, drop components that are small or have no restless core, fill those that are nearly rectangles, and add a margin.

    Text that is written and fades again and again in the same place moves habitually too, but each part of it rests for seconds in between.
    """
    kernel, pad = parameters.closing_blocks, parameters.closing_blocks // 2 + 1
    padded_mask = np.pad(habitual.astype(np.uint8), pad)
    closed_mask = cv2.morphologyEx(padded_mask, cv2.MORPH_CLOSE, np.ones((kernel, kernel), np.uint8))[pad:-pad, pad:-pad]
    _, labels, stats, _ = cv2.connectedComponentsWithStats(np.ascontiguousarray(closed_mask))
    large = np.zeros(habitual.shape, np.uint8)
    for number, (left, top, width, height, area) in enumerate(stats.tolist()):
        component = labels == number
        is_core_small = np.count_nonzero(restless & component) < parameters.min_core_share * np.count_nonzero(habitual & component)
        if number == 0 or area < parameters.min_area or is_core_small:
            continue
        if area >= parameters.rectangle_share * width * height:
            large[top : top + height, left : left + width] = 1
        else:
            large[component] = 1
    return np.asarray(cv2.dilate(large, np.ones((parameters.margin_blocks, parameters.margin_blocks), np.uint8)) > 0)


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
