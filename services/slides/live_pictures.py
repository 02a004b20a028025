"""What moves again and again: a camera's live picture of people, a film."""

from __future__ import annotations

import numpy as np

from services.slides.grid import Grid, Mask
from services.slides.motion import MotionSample
from services.slides.parameters import StableFrameParameters


class LiveBlockDetector:
    """Counts how often each block moves without a longer rest. `blocks`: those that did so often while a stable frame is shown."""

    def __init__(self, grid: Grid, parameters: StableFrameParameters) -> None:
        self._parameters = parameters
        self._latest_s = np.full(grid.shape, -np.inf, np.float32)
        self._counts = np.zeros(grid.shape, np.uint8)
        self.restart()

    def restart(self) -> None:
        """Begin with another stable frame; what moved before it came still counts if it goes on."""
        self._has_moved: Mask = np.zeros_like(self._counts, np.bool_)
        self.blocks: Mask = self._has_moved.copy()

    def observe(self, motion: MotionSample, is_shown: bool) -> None:
        """`is_shown`: whether the stable frame is."""
        if motion.moved_blocks is None:
            return
        parameters, rest_s = self._parameters, motion.sample.time_s - self._latest_s
        self._counts[motion.moved_blocks & (rest_s > parameters.max_live_rest_s)] = 0
        again = motion.moved_blocks & (rest_s >= parameters.live_gap_s)
        self._latest_s[again] = motion.sample.time_s
        self._counts[again & (self._counts < parameters.min_live_moves)] += 1
        if is_shown:
            self.blocks |= again & self._has_moved & (self._counts >= parameters.min_live_moves)
            self._has_moved |= again
