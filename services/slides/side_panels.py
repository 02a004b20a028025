"""Recognition of what lies beside the slides and changes without them: a chat, participants of a meeting, a clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from services.slides.decoder import GrayImage
from services.slides.grid import Grid, Mask
from services.slides.motion import MotionSample
from services.slides.parameters import SidePanelParameters


class SidePanelDetector:
    """Counts for each block the exchanges of most of the middle of the picture that changed it, and those that it survived."""

    def __init__(self, grid: Grid, parameters: SidePanelParameters, min_gradient: int) -> None:
        """`min_gradient`: of an edge."""
        self._grid, self._parameters, self._min_gradient = grid, parameters, min_gradient
        self._exchanged, self._survived, self._own_changes = (np.zeros(grid.shape, np.int32) for _ in range(3))
        margin = round(parameters.margin_share * grid.columns)
        self._middle = slice(margin, grid.columns - margin)  # columns in which a slide is, whatever lies beside it
        self._since_s: float | None = None  # of the exchange that goes on
        self._before: Mask = np.zeros(grid.shape, np.bool_)  # blocks with edges when it began
        self._moved: Mask = np.zeros(grid.shape, np.bool_)  # since then
        self._exchanges = 0

    def watch(self, samples: Iterable[MotionSample]) -> Iterator[MotionSample]:
        """Pass samples on, and observe them."""
        image: GrayImage | None = None
        for motion in samples:
            if self._since_s is not None and motion.sample.time_s - self._since_s > self._parameters.duration_s:
                self._end_exchange(image if image is not None else motion.image)
            if motion.moved_blocks is not None:
                self._observe(motion, motion.moved_blocks & ~motion.moving_blocks, motion.image if image is None else image)
            image = motion.image
            yield motion

    def _observe(self, motion: MotionSample, moved_blocks: Mask, previous_image: GrayImage) -> None:
        share = float(moved_blocks.mean())
        if self._since_s is not None:
            self._moved |= moved_blocks
        elif share > self._parameters.min_moved_share:
            before = self._grid.blocks_with_edges(previous_image, self._min_gradient) & ~motion.moving_blocks
            shown_count = np.count_nonzero(before[:, self._middle])
            if np.count_nonzero((before & moved_blocks)[:, self._middle]) > self._parameters.exchanged_share * shown_count:
                self._since_s, self._before, self._moved = motion.sample.time_s, before, moved_blocks.copy()
        if self._since_s is None and share < self._parameters.max_own_share:
            self._own_changes += moved_blocks

    def _end_exchange(self, image: GrayImage) -> None:
        after = self._grid.blocks_with_edges(image, self._min_gradient)
        self._exchanged += (self._before | after) & self._moved
        self._survived += self._before & ~self._moved
        self._since_s = None
        self._exchanges += 1

    def find_blocks(self) -> Mask:
        """Return the columns at the left and right in which something stays while slides are exchanged, and changes by itself."""
        parameters = self._parameters
        panels = np.zeros(self._grid.shape, np.bool_)
        is_content = self._exchanged > parameters.content_share * (self._exchanged + self._survived)
        content = (self._exchanged >= parameters.min_exchanges) & is_content
        if self._exchanges < parameters.min_exchanges or not content.any():
            return panels
        stays = (self._survived >= parameters.min_exchanges) & (self._own_changes > 0) & ~is_content
        counts = content.sum(0)
        columns = np.flatnonzero(counts > parameters.profile_share * counts.max())
        left, right = stays[:, : columns[0]], stays[:, columns[-1] + 1 :]
        if self._is_panel(left):
            panels[:, : np.flatnonzero(left.any(0))[-1] + 2] = True
        if self._is_panel(right):
            panels[:, columns[-1] + np.flatnonzero(right.any(0))[0] :] = True
        return panels

    def _is_panel(self, stays: Mask) -> bool:
        """Whether the columns beside the slides are wide enough for a panel, and enough stays in them."""
        parameters = self._parameters
        is_wide = stays.shape[1] >= parameters.min_width_share * self._grid.columns
        return is_wide and int(np.count_nonzero(stays)) >= parameters.min_blocks
