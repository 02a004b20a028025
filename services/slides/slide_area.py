"""The area that slides change: not the participants of a meeting beside them, nor the window around them."""

from __future__ import annotations

import numpy as np

from services.slides.grid import Grid, Mask
from services.slides.parameters import SlideAreaParameters


class SlideAreaEstimator:
    """Counts how often each block takes part in a large change."""

    def __init__(self, grid: Grid, parameters: SlideAreaParameters) -> None:
        self._parameters = parameters
        self._counts = np.zeros(grid.shape, np.int32)
        self._large_changes = 0

    def observe(self, changed_blocks: Mask) -> None:
        """Add the change from a stable frame to the next one."""
        if changed_blocks.mean() > self._parameters.min_change_share:
            self._counts += changed_blocks
            self._large_changes += 1

    @property
    def changing_blocks(self) -> Mask:
        """The blocks that large changes have changed so far; all blocks before the first one."""
        return self._counts > 0 if self._large_changes else np.ones_like(self._counts, np.bool_)

    def estimate(self, moving_blocks: Mask) -> Mask:
        """Return the smallest rectangle of blocks that has the large changes, without habitual motion; all blocks if it is not known."""
        parameters = self._parameters
        blocks = (self._counts >= max(1.0, parameters.min_changes_share * self._large_changes)) & ~moving_blocks
        rows, columns = np.flatnonzero(blocks.any(1)), np.flatnonzero(blocks.any(0))
        area = np.zeros(blocks.shape, np.bool_)
        if rows.size:
            area[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] = True
        return area if area.mean() >= parameters.min_area else np.ones_like(area)
