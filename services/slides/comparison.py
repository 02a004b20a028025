"""What became of the ink between two pictures: patch by patch, what is gone and what is new."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from services.slides.decoder import Gray
from services.slides.grid import DiffSettings, Grid, Mask, edges

_SMALL_SHARE = 0.012  # of the picture
_LEAST_PIXELS = 5
_LEAST_INK = 3
_MINOR = 0.15
_SAME_INK = 0.85
_SHIFTED = 0.8


@dataclass(frozen=True)
class ChangedRegion:
    """A place that changed. `lost`, `gained` and `covered` count pixels of ink (covered: other ink is over it).

    `likeness` is the correlation of before and after.

    `top`, `left`, `pixels`: where, as a mask in its box; all counts are in pixels of a picture 480 wide.
    """

    top: int
    left: int
    pixels: Mask
    size: float
    lost: float
    gained: float
    covered: float
    likeness: float
    small: bool

    @property
    def window(self) -> tuple[slice, slice]:
        height, width = self.pixels.shape
        return np.s_[self.top : self.top + height, self.left : self.left + width]

    def blocks(self, grid: Grid) -> tuple[slice, slice]:
        height, width = self.pixels.shape
        side = grid.side
        rows = slice(min(self.top // side, grid.rows - 1), min((self.top + height - 1) // side, grid.rows - 1) + 1)
        columns = slice(min(self.left // side, grid.columns - 1), min((self.left + width - 1) // side, grid.columns - 1) + 1)
        return rows, columns

    @property
    def gone(self) -> float:
        """Ink that can't be seen any more; that a small thing covers some doesn't count."""
        return self.lost + (0.0 if self.small else self.covered)

    @cached_property
    def is_dimmed(self) -> bool:
        """The same ink, darker or lighter."""
        return self.size > 200 and self.lost > 20 and self.likeness > _SAME_INK

    @cached_property
    def only_adds(self) -> bool:
        return self.lost <= _LEAST_INK or self.lost < _MINOR * self.gained

    @cached_property
    def only_loses(self) -> bool:
        return self.gained <= _LEAST_INK or self.gained < _MINOR * self.lost


@dataclass(frozen=True)
class _Scene:
    old: Gray
    new: Gray
    old_edges: Mask
    new_edges: Mask
    old_ground: Gray

    def cut(self, window: tuple[slice, slice]) -> _Scene:
        return _Scene(self.old[window], self.new[window], self.old_edges[window], self.new_edges[window], self.old_ground[window])


class Comparer:
    """Compares low-resolution pictures of one recording."""

    def __init__(self, grid: Grid, sight: DiffSettings) -> None:
        self.grid, self.sight = grid, sight
        self._area = grid.scale**2
        side = round(7 * grid.scale) | 1
        self._reach = np.ones((side, side), np.uint8)

    def ink(self, picture: Gray, hidden: Mask) -> float:
        return float(np.count_nonzero(edges(picture) & ~hidden)) / self._area

    def kept(self, old: Gray, new: Gray) -> float:
        """The share of the old ink that is still there."""
        before = edges(old)
        after = cv2.dilate(edges(new).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        return float(np.count_nonzero(before & after)) / max(1, int(np.count_nonzero(before)))

    def share(self, patch: ChangedRegion) -> float:
        """Of the whole picture."""
        return patch.size * self._area / (self.grid.height * self.grid.width)

    def equal(self, patch: ChangedRegion, old: Gray, new: Gray) -> bool:
        """Whether the pictures agree where the patch is."""
        differs = self.sight.difference(old[patch.window], new[patch.window])[patch.pixels] > self.sight.contrast
        return float(differs.mean()) < _MINOR

    def is_shifted(self, patch: ChangedRegion, old: Gray, new: Gray) -> bool:
        """Whether what is new in a small place is what was there, moved a little: a pointer that gives way."""
        if not patch.small:
            return False
        before, after = old[patch.window], new[patch.window]
        ground = (
            np.uint8(np.median(np.concatenate([before[~patch.pixels], after[~patch.pixels]]))) if not patch.pixels.all() else np.uint8(0)
        )
        before, after = (np.asarray(cv2.absdiff(part, np.full_like(part, ground)), np.uint8) for part in (before, after))
        rows, columns = np.nonzero((after > self.sight.contrast) & patch.pixels)
        if rows.size == 0:
            return False
        thing = after[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        margin = max(thing.shape)
        fits = cv2.matchTemplate(
            cv2.copyMakeBorder(before, margin, margin, margin, margin, cv2.BORDER_CONSTANT), thing, cv2.TM_CCOEFF_NORMED
        )
        _, best, _, (x, y) = cv2.minMaxLoc(fits)
        shift = max(abs(x - margin - int(columns.min())), abs(y - margin - int(rows.min())))
        return best > _SHIFTED and shift >= 2

    def patches(self, old: Gray, new: Gray, hidden: Mask) -> list[ChangedRegion]:
        """The places outside `hidden` where the pictures differ, for more than a speck."""
        changed = (self.sight.differing(old, new) > 0) & ~hidden
        if np.count_nonzero(changed) < _LEAST_PIXELS * self._area:
            return []
        whole = cv2.dilate(changed.astype(np.uint8), self._reach)
        count, labels, stats, _ = cv2.connectedComponentsWithStats(whole)
        scene = _Scene(old, new, edges(old), edges(new), _ground(old))
        found = []
        for number in range(1, count):
            left, top, width, height = (int(value) for value in stats[number, :4])
            window = np.s_[top : top + height, left : left + width]
            place = labels[window] == number
            pixels = place & changed[window]
            if np.count_nonzero(pixels) >= _LEAST_PIXELS * self._area:
                found.append(self._patch((top, left), place, pixels, scene.cut(window)))
        return found

    def _patch(self, box: tuple[int, int], place: Mask, pixels: Mask, scene: _Scene) -> ChangedRegion:
        size = int(np.count_nonzero(pixels))
        small = size < _SMALL_SHARE * self.grid.height * self.grid.width
        lost, gained, covered = self._ink_on_ground(place, pixels, scene) if small else self._ink_by_edges(pixels, scene)
        likeness = _correlation(scene.old[place], scene.new[place])
        area = self._area
        return ChangedRegion(*box, pixels, size / area, lost / area, gained / area, covered / area, likeness, small)

    def _ink_on_ground(self, place: Mask, pixels: Mask, scene: _Scene) -> tuple[int, int, int]:
        """Pixels of ink gone, come and covered, against the brightness around: ink is gone where the ground shows again."""
        around = place & ~pixels
        ground = float(np.median(np.concatenate([scene.old[around], scene.new[around]]))) if around.any() else float(np.median(scene.new))
        least = self.sight.contrast
        before = np.abs(scene.old[pixels].astype(np.float32) - ground)
        after = np.abs(scene.new[pixels].astype(np.float32) - ground)
        lost = (before > least) & (after < np.maximum(0.4 * before, before - 4 * least)) & (before - after > least)
        gained = (after > least) & (before < np.maximum(0.4 * after, after - 4 * least)) & (after - before > least)
        return int(np.count_nonzero(lost)), int(np.count_nonzero(gained)), int(np.count_nonzero((before > least) & ~lost))

    def _ink_by_edges(self, pixels: Mask, scene: _Scene) -> tuple[int, int, int]:
        """The same by edges: much has changed, perhaps the ground too. What shows neither edge nor ground is covered."""
        gone = scene.old_edges & pixels
        bare = cv2.absdiff(scene.new, scene.old_ground) <= 2 * self.sight.contrast
        lost = int(np.count_nonzero(gone & bare))
        return lost, int(np.count_nonzero(scene.new_edges & pixels)), int(np.count_nonzero(gone)) - lost


def _ground(picture: Gray) -> Gray:
    """The brightness of the paper under the ink: the median of what is around, a thirtieth of the width across."""
    height, width = picture.shape
    coarse = cv2.medianBlur(np.ascontiguousarray(picture[::4, ::4]), 9)
    return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_NEAREST)  # type: ignore[return-value]


def _correlation(old: Gray, new: Gray) -> float:
    a, b = old.astype(np.float32), new.astype(np.float32)
    a -= a.mean()
    b -= b.mean()
    power = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / power if power > 0 else 0.0
