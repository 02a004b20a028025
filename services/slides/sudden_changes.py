"""Large changes at one moment, while other parts of the picture go on moving: the next slide behind a lecturer who walks."""

from __future__ import annotations

import cv2
import numpy as np

from services.slides.grid import Grid, Mask, Times
from services.slides.motion import MotionSample
from services.slides.parameters import StableFrameParameters


class SuddenChangeDetector:
    """Follows the `blocks` at rest that began to move together, until they are at rest again. `since_s`: when the first ones began."""

    def __init__(self, grid: Grid, parameters: StableFrameParameters) -> None:
        self._parameters = parameters
        self.blocks: Mask = np.zeros(grid.shape, np.bool_)
        self._restless: Mask = np.zeros(grid.shape, np.bool_)  # blocks that moved shortly before, and those around them
        self.since_s = float("-inf")

    def observe(self, motion: MotionSample, begun: Mask, last_motion_s: Times) -> None:
        """`begun`: blocks at rest that begin to move at this sample; `last_motion_s`: when each block moved last, before it.

        A person who walks on does not outdo a larger change before.
        """
        parameters, time_s, count = self._parameters, motion.sample.time_s, np.count_nonzero(begun)
        if float(begun.mean()) <= parameters.large_change_share:
            return
        if time_s - self.since_s <= parameters.burst_gap_s:
            self.blocks = self.blocks | begun
        elif count > parameters.next_change_ratio * np.count_nonzero(self.blocks):
            self.blocks, self.since_s = begun, time_s
            restless = (time_s - last_motion_s < parameters.max_departed_s) & ~begun
            side = 2 * parameters.restless_margin_blocks + 1
            self._restless = cv2.dilate(restless.astype(np.uint8), np.ones((side, side), np.uint8)) > 0

    def restart(self) -> None:
        """Forget the change: a stable frame shows it."""
        self.blocks = np.zeros_like(self.blocks)
        self.since_s = float("-inf")

    def find_settled(self, time_s: float, unstable: Mask, new_blocks: Mask) -> Mask | None:
        """Return the blocks that changed and have been at rest for some seconds; None if they are not most of those that changed.

        `unstable`: blocks in motion; a good part of them must have moved before the change too, unlike words that are written after it.
        """
        parameters = self._parameters
        if time_s - self.since_s < parameters.max_restless_s:
            return None
        settled = self.blocks & new_blocks
        if np.count_nonzero(settled) < parameters.settled_share * np.count_nonzero(self.blocks):
            return None
        if np.count_nonzero(unstable & self._restless) < parameters.restless_share * np.count_nonzero(unstable):
            return None
        return settled

    def is_exchange(self, settled: Mask, old_content: Mask, content: Mask) -> bool:
        """Whether enough settled blocks show or showed content, and some show it now: not where it only goes before more is written.

        `old_content`, `content`: blocks with edges before and now.
        """
        parameters, exchanged = self._parameters, settled & (old_content | content)
        is_good_part = float(exchanged.mean()) > parameters.sudden_change_share
        return bool(is_good_part and np.count_nonzero(settled & content) > parameters.settled_content_share * np.count_nonzero(exchanged))
