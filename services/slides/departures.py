"""The time at which what a stable frame shows goes, where nothing else takes its place at once: black between two slides."""

from __future__ import annotations

import numpy as np

from services.slides.decoder import GrayImage
from services.slides.grid import Grid, Mask, Times
from services.slides.motion import MotionSample
from services.slides.parameters import StableFrameParameters
from services.slides.quantiles import median, percentile


class DepartureDetector:
    """Watches the blocks that showed foreground in the latest stable frame.

    `departed_s`: when most of them began to become empty, None if they did not. Empty blocks show no edge, and one ground.
    """

    def __init__(self, grid: Grid, parameters: StableFrameParameters, min_gradient: int, contrast: int) -> None:
        """`min_gradient`: of an edge; `contrast`: blocks of one ground differ by no more."""
        self._grid, self._parameters, self._min_gradient, self._contrast = grid, parameters, min_gradient, contrast
        self._content: Mask = np.zeros(grid.shape, np.bool_)
        self._min_count = 0.0
        self.departed_s: float | None = None

    def watch(self, image: GrayImage, moving_blocks: Mask) -> None:
        """Watch another stable frame."""
        self._content = self._grid.blocks_with_edges(image, self._min_gradient) & ~moving_blocks
        self._min_count = self._parameters.departed_share * np.count_nonzero(self._content)
        self.departed_s = None

    def observe(self, motion: MotionSample, burst_start_s: Times, unchanged_blocks: Mask) -> None:
        """`burst_start_s`: start of each block's latest motion; `unchanged_blocks` are at rest and show what the stable frame shows."""
        if self.departed_s is not None:
            if np.count_nonzero(self._content & unchanged_blocks) > self._min_count:
                self.departed_s = None
            return
        if motion.moved_blocks is None or not (self._content & motion.moved_blocks).any():
            return
        if np.count_nonzero(self._content & ~unchanged_blocks) <= self._min_count:
            return
        empty_blocks = self._content & ~unchanged_blocks & ~self._grid.blocks_with_edges(motion.image, self._min_gradient)
        if np.count_nonzero(empty_blocks) <= self._min_count:
            return
        levels = self._grid.block_levels(motion.image)
        empty_blocks &= np.abs(levels.astype(np.float32) - median(levels[empty_blocks])) <= self._contrast
        if np.count_nonzero(empty_blocks) > self._min_count:
            starts = burst_start_s[empty_blocks]
            recent = starts[starts > motion.sample.time_s - self._parameters.max_departure_s]
            self.departed_s = percentile(recent, self._parameters.departure_percentile) if recent.size else motion.sample.previous_sample_s
