"""Times in which the picture at rest is not shown and nothing else comes to rest: a camera's picture of the speaker between two slides."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from services.slides.decoder import GrayImage
from services.slides.grid import DiffSettings, Grid, Mask
from services.slides.motion import MotionSample
from services.slides.parameters import StableFrameParameters

Absence = tuple[float, float]  # start and end in seconds; the end is infinite as long as the picture has not come back


def is_lasting(absences: Sequence[Absence]) -> bool:
    """Whether the latest absence has not ended."""
    return bool(absences) and absences[-1][1] == math.inf


class AbsenceDetector:
    """Watches the blocks that showed foreground in the latest stable frame, where slides change: not the controls of a meeting.

    `absences`: when nearly all of them showed something else, in time order. With a shaking camera, none: it blurs what it shows.
    """

    def __init__(self, grid: Grid, diff: DiffSettings, parameters: StableFrameParameters, min_gradient: int) -> None:
        """`min_gradient`: of an edge."""
        self._grid, self._diff, self._parameters, self._min_gradient = grid, diff, parameters, min_gradient
        self._image: GrayImage | None = None
        self._content: Mask = np.zeros(grid.shape, np.bool_)
        self._count = 0
        self.absences: list[Absence] = []

    def watch(self, image: GrayImage, moving_blocks: Mask, changing_blocks: Mask) -> None:
        """Watch another stable frame; `changing_blocks`: that large changes have changed so far."""
        self._image = None if self._diff.shaky else image
        self._content = self._grid.blocks_with_edges(image, self._min_gradient) & ~moving_blocks & changing_blocks
        self._count = int(np.count_nonzero(self._content))
        self.absences = []

    def observe(self, motion: MotionSample, unchanged_blocks: Mask) -> None:
        """`unchanged_blocks` are at rest and show what the stable frame shows."""
        if self._image is None or self._count == 0:
            return
        min_count, is_absent = (1 - self._parameters.absent_share) * self._count, is_lasting(self.absences)
        if np.count_nonzero(self._content & unchanged_blocks) > min_count and not is_absent:
            return
        differs = self._grid.changed_blocks(self._diff.threshold_difference(self._image, motion.image))
        shown = np.count_nonzero(self._content & ~differs)
        changed_s = (motion.sample.previous_sample_s + motion.sample.time_s) / 2
        if is_absent:
            if shown >= self._parameters.absent_share * self._count:
                begin_s, _ = self.absences.pop()
                if changed_s - begin_s >= self._parameters.min_absence_s:
                    self.absences.append((begin_s, changed_s))
        elif shown <= min_count:
            self.absences.append((changed_s, math.inf))
