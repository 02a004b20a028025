"""Where a recording moves: block by block, sample by sample, and which blocks do so habitually."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from services.slides.decoder import Gray
from services.slides.grid import SHARE_OF_BLOCK, DiffSettings, Grid, Mask, edges
from services.slides.sampler import Sample

_BIN_S = 2.0
_REACH = 4  # bins before and after
_HABIT = 0.55  # share of the bins in reach in which a habitually moving block moves
_LEAST_BINS = 3
_LONG_REST = 3  # bins; what rests so long is at rest
_SMALLEST_HABIT = 6  # blocks
_RECTANGULAR = 0.6
_STRONG = 0.2  # of a block's pixels


@dataclass(frozen=True)
class MotionSample:
    """A sample, the blocks that moved at it (None: none did), and those that move habitually around it, later included.

    `strongly`: of those that moved, the ones of which a good part did.
    """

    sample: Sample
    picture: Gray
    moved: Mask | None
    strongly: Mask | None
    live: Mask


@dataclass(frozen=True)
class _Look:
    sample: Sample
    picture: Gray
    moved: Mask | None = None
    strongly: Mask | None = None


@dataclass
class _Bin:
    """Two seconds of samples, and how often each block moved in them."""

    end_s: float
    counts: npt.NDArray[np.int16]
    looks: list[_Look] = field(default_factory=list)

    def add(self, look: _Look) -> None:
        self.looks.append(look)
        if look.moved is not None:
            self.counts += look.moved

    @property
    def active(self) -> Mask:
        """Blocks that moved more than once: a cut is no movement."""
        return self.counts > 1


class MotionWatch:
    """Runs a horizon ahead of what it gives out, so that what moves habitually is known from its first second on."""

    def __init__(self, grid: Grid, sight: DiffSettings, hidden: Mask | None = None) -> None:
        """`hidden` blocks are not looked at."""
        self._grid, self._sight = grid, sight
        self._looked_at = np.ones((grid.rows, grid.columns), np.bool_) if hidden is None else ~hidden
        self._anchor: Gray | None = None
        self._latest: Gray | None = None
        self._raw: Mask = np.zeros((grid.rows, grid.columns), np.bool_)
        self._live: Mask = self._raw

    def __call__(self, samples: Iterable[Sample]) -> Iterator[MotionSample]:
        """Moments of `_BIN_S` at a time: those around one tell what moves habitually in it."""
        bins: deque[_Bin] = deque()
        current = 0  # index in `bins` of the one to give out next
        for sample in samples:
            if not bins or sample.time_s >= bins[-1].end_s:
                bins.append(_Bin(sample.time_s + _BIN_S, np.zeros(self._looked_at.shape, np.int16)))
                if len(bins) > current + 1 + _REACH:
                    yield from self._give(bins, current)
                    if current < _REACH:
                        current += 1
                    else:
                        bins.popleft()
            bins[-1].add(self._look(sample))
        for remaining in range(current, len(bins)):
            yield from self._give(bins, remaining)

    def _give(self, bins: deque[_Bin], current: int) -> Iterator[MotionSample]:
        active = np.array([bins[index].active for index in range(max(0, current - _REACH), min(len(bins), current + _REACH + 1))])
        raw = active.sum(0, dtype=np.int16) >= max(_LEAST_BINS, _HABIT * len(active))
        for first in range(len(active) - _LONG_REST + 1):
            raw &= active[first : first + _LONG_REST].any(0)
        if not np.array_equal(raw, self._raw):
            self._raw, self._live = raw, _closed(raw)
        for look in bins[current].looks:
            yield MotionSample(look.sample, look.picture, look.moved, look.strongly, self._live)
        bins[current].looks.clear()

    def _look(self, sample: Sample) -> _Look:
        if sample.picture is None or self._anchor is None or self._latest is None:
            if sample.picture is not None:
                self._latest = self._sight.prepare(sample.picture)
                self._anchor = self._latest.copy()
            assert self._latest is not None
            return _Look(sample, self._latest)
        picture = self._sight.prepare(sample.picture)
        if self._sight.is_same(self._anchor, picture):
            self._latest = picture
            return _Look(sample, picture)
        shares = self._grid.shares(self._sight.differing(self._anchor, picture))
        moved = (shares > 255 * SHARE_OF_BLOCK) & self._looked_at
        self._latest = picture
        if not moved.any():
            return _Look(sample, picture)
        self._grid.copy_blocks(self._anchor, picture, moved)
        return _Look(sample, picture, moved, moved & (shares > 255 * _STRONG))


def _closed(raw: Mask) -> Mask:
    """Gaps closed and a block of margin: a swaying head doesn't touch every block of its place every second.

    What fills most of a rectangle is taken for all of it: camera pictures and clips are rectangles.
    """
    padded = np.pad(raw.astype(np.uint8), 4)
    closed = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))[4:-4, 4:-4]
    _, labels, stats, _ = cv2.connectedComponentsWithStats(np.ascontiguousarray(closed))
    large = np.zeros(raw.shape, np.uint8)
    for number, (left, top, width, height, area) in enumerate(stats.tolist()):
        if number == 0 or area < _SMALLEST_HABIT:
            continue
        if area >= _RECTANGULAR * width * height:
            large[top : top + height, left : left + width] = 1
        else:
            large[labels == number] = 1
    return np.asarray(cv2.dilate(large, np.ones((3, 3), np.uint8)) > 0)


def choose_sight(pictures: list[Gray], grid: Grid, contrast: int) -> DiffSettings:
    """Look at a recording's first seconds: is the camera shaking, is the picture grainy?"""
    pairs = list(itertools.pairwise(pictures))
    if len(pairs) < 8:
        return DiffSettings(contrast)
    grain = float(np.median([np.percentile(cv2.absdiff(a, b)[::4, ::4], 75) for a, b in pairs]))
    noisy = grain > 3
    steady = DiffSettings(contrast, noisy=noisy)
    rim = grid.touched((edges(pictures[len(pictures) // 2]) * np.uint8(255)).astype(np.uint8))
    plain = np.mean([grid.touched(steady.differing(steady.prepare(a), steady.prepare(b))) for a, b in pairs], 0)
    cells = []
    for rows in np.array_split(np.arange(grid.rows), 4):
        for columns in np.array_split(np.arange(grid.columns), 5):
            cell = np.ix_(rows, columns)
            if rim[cell].sum() >= 4:
                cells.append(float(plain[cell][rim[cell]].mean()) > 0.25)
    shakes = len(cells) > 3 and float(np.mean(cells)) > 0.6
    return DiffSettings(contrast + (6 if shakes else 0), shaky=shakes, noisy=noisy)
