"""Recognition of burned-in subtitles: a line near the lower edge that changes every few seconds, whatever the slide does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

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

    def is_part_of(self, line: _LineChange) -> bool:
        """Whether it is a word of a line that is written word by word, as live captions are."""
        return self.shares_rows(line) and 2 * (self.right - self.left) < line.right - line.left


class SubtitleDetector:
    """Collects changes of lines near the lower edge of the picture that are no part of a larger change.

    What a player or a menu shows there now and then counts as well.
    """

    def __init__(self, grid: Grid, parameters: SubtitleParameters) -> None:
        self._grid, self._parameters = grid, parameters
        self._top = round((1 - parameters.height_share) * grid.rows)
        self._changes: list[_LineChange] = []

    def watch(self, samples: Iterable[MotionSample]) -> Iterator[MotionSample]:
        """Collect changes of lines, and pass the samples on; as soon as subtitles are known, their blocks count as moving."""
        blocks = np.zeros(self._grid.shape, np.bool_)
        latest: _LineChange | None = None
        for motion in samples:
            if motion.moved_blocks is not None and motion.moved_blocks[self._top :].any():
                self._observe(motion.sample.time_s, motion.moved_blocks & ~motion.moving_blocks)
                if self._changes and self._changes[-1] is not latest:
                    latest = self._changes[-1]
                    blocks = self._blocks_of(self._find_habitual_changes(self._changes[-self._parameters.recent_changes :]))
            yield replace(motion, moving_blocks=motion.moving_blocks | blocks) if blocks.any() else motion

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
            self._add(_LineChange(time_s, top, top + height, left, left + width))

    def _add(self, change: _LineChange) -> None:
        """Add a change, unless it is a part of one shortly before it; a word before its line goes on above belongs to that."""
        recent = [
            other
            for other in self._changes[-4:]
            if change.time_s - other.time_s < self._parameters.min_interval_s and change.shares_rows(other)
        ]
        if all(other.is_part_of(change) for other in recent):
            self._changes = [other for other in self._changes if other not in recent]
            self._changes.append(change)

    def find_blocks(self) -> Mask:
        """Return the blocks of the subtitles; none if there are no subtitles."""
        return self._blocks_of(self._find_habitual_changes(self._changes))

    def _blocks_of(self, changes: Sequence[_LineChange]) -> Mask:
        blocks = np.zeros(self._grid.shape, np.bool_)
        if changes:
            top, bottom = min(change.top for change in changes), max(change.bottom for change in changes)
            left, right = min(change.left for change in changes), max(change.right for change in changes)
            blocks[max(self._top, top - 1) : bottom + 1, max(0, left - 1) : right + 1] = True
        return blocks

    def _find_habitual_changes(self, changes: Sequence[_LineChange]) -> list[_LineChange]:
        """Return the changes at one height, if there are many of one line.

        Every line of subtitles covers the same place, such as the middle of the picture.
        """
        best: list[_LineChange] = []
        for line in {(change.top, change.bottom): change for change in changes}.values():
            at_height = [change for change in changes if change.shares_rows(line) and not change.is_part_of(line)]
            in_succession = self._in_quick_succession(at_height)
            if len(in_succession) > len(best) and self._have_common_column(in_succession):
                best = in_succession
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
