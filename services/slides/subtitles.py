"""Recognition of burned-in subtitles: a line near the lower edge that changes every few seconds, whatever the slide does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from services.slides.grid import Grid, Mask
from services.slides.motion import MotionSample
from services.slides.parameters import SubtitleParameters


@dataclass(frozen=True)
class _LineChange:
    """A change of a line: its bounding box in blocks, ends excluded."""

    time_s: float
    top: int
    bottom: int
    left: int
    right: int

    def shares_rows(self, other: _LineChange) -> bool:
        """Whether one line is at the height of the other: one of two lines, and both, are."""
        common = min(self.bottom, other.bottom) - max(self.top, other.top)
        return 2 * common > min(self.bottom - self.top, other.bottom - other.top)


class SubtitleDetector:
    """Collects changes of lines near the lower edge of the picture that are no part of a larger change.

    What a player or a menu shows there now and then counts as well.
    """

    def __init__(self, grid: Grid, parameters: SubtitleParameters) -> None:
        self._grid, self._parameters = grid, parameters
        self._top = round((1 - parameters.height_share) * grid.rows)
        self._changes: list[_LineChange] = []

    def watch(self, samples: Iterable[MotionSample]) -> Iterator[MotionSample]:
        """Pass samples on, and collect changes of lines."""
        for motion in samples:
            if motion.moved_blocks is not None and motion.moved_blocks[self._top :].any():
                self._observe(motion.sample.time_s, motion.moved_blocks & ~motion.moving_blocks)
            yield motion

    def _observe(self, time_s: float, moved_blocks: Mask) -> None:
        parameters = self._parameters
        words = cv2.dilate(moved_blocks.astype(np.uint8), np.ones((1, parameters.word_gap_blocks), np.uint8))
        _, _, stats, _ = cv2.connectedComponentsWithStats(words)
        moved_count = int(np.count_nonzero(words))
        for left, top, width, height, count in stats[1:].tolist():
            if (
                count < parameters.min_moved_share * moved_count
                or top < self._top
                or height > parameters.max_height_share * self._grid.rows
                or width < parameters.min_width_share * self._grid.columns
            ):
                continue
            change = _LineChange(time_s, top, top + height, left, left + width)
            if not any(
                time_s - other.time_s < parameters.min_interval_s and change.shares_rows(other) for other in reversed(self._changes[-4:])
            ):
                self._changes.append(change)

    def find_blocks(self) -> Mask:
        """Return the blocks of the subtitles; none if there are no subtitles."""
        blocks = np.zeros(self._grid.shape, np.bool_)
        changes = self._find_habitual_changes()
        if changes:
            top, bottom = min(change.top for change in changes), max(change.bottom for change in changes)
            left, right = min(change.left for change in changes), max(change.right for change in changes)
            blocks[max(self._top, top - 1) : bottom + 1, max(0, left - 1) : right + 1] = True
        return blocks

    def _find_habitual_changes(self) -> list[_LineChange]:
        """Return the changes at one height, if there are many of one line.

        Every line of subtitles covers the same place, such as the middle of the picture.
        """
        best: list[_LineChange] = []
        for line in {(change.top, change.bottom): change for change in self._changes}.values():
            changes = self._in_quick_succession([change for change in self._changes if change.shares_rows(line)])
            if len(changes) > len(best) and self._have_common_column(changes):
                best = changes
        return best

    def _in_quick_succession(self, changes: Sequence[_LineChange]) -> list[_LineChange]:
        """Return the changes that belong to a run of many with short intervals."""
        parameters = self._parameters
        runs: list[list[_LineChange]] = []
        for change in changes:
            if not runs or change.time_s - runs[-1][-1].time_s > parameters.max_interval_s:
                runs.append([])
            runs[-1].append(change)
        return [change for run in runs if len(run) >= parameters.min_changes for change in run]

    def _have_common_column(self, changes: Sequence[_LineChange]) -> bool:
        counts = np.zeros(self._grid.columns, np.int32)
        for change in changes:
            counts[change.left : change.right] += 1
        return bool(counts.max() >= self._parameters.common_share * len(changes))
