"""The main pane of a window: the page that a program shows beside its tool bars, its list of pages or the participants of a meeting."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from services.slides.comparison import Comparer
from services.slides.decoder import GrayImage
from services.slides.grid import Grid, Mask
from services.slides.parameters import PaneParameters

_BORDER_PX = 2  # of the analysis frame
_STEP = 2  # pixels of the analysis frame: pages are found at half its size


@dataclass(frozen=True)
class Pane:
    """First row and column of a page, and those after its last ones; pixels of the analysis frame."""

    top: int
    left: int
    bottom: int
    right: int

    def overlap(self, other: Pane) -> Pane:
        """Return what both cover; its sides may be negative."""
        return Pane(max(self.top, other.top), max(self.left, other.left), min(self.bottom, other.bottom), min(self.right, other.right))

    def resembles(self, other: Pane, min_share: float) -> bool:
        """Whether so much of each side is common."""
        common = self.overlap(other)
        height, width = max(self.bottom - self.top, other.bottom - other.top), max(self.right - self.left, other.right - other.left)
        return common.bottom - common.top >= min_share * height and common.right - common.left >= min_share * width

    def within_border(self) -> Pane:
        """Return it without the pixels that are edges of its border."""
        return Pane(self.top + _BORDER_PX, self.left + _BORDER_PX, self.bottom - _BORDER_PX, self.right - _BORDER_PX)

    def crop(self, picture: GrayImage) -> GrayImage:
        return picture[self.top : self.bottom, self.left : self.right]

    def blocks(self, grid: Grid) -> Mask:
        """Return the blocks that are whole in it."""
        blocks = np.zeros(grid.shape, np.bool_)
        blocks[-(-self.top // grid.side) : self.bottom // grid.side, -(-self.left // grid.side) : self.right // grid.side] = True
        return blocks

    def outside(self, shape: tuple[int, ...]) -> Mask:
        """Return the pixels around it in a picture of this shape."""
        outside = np.ones(shape, np.bool_)
        outside[self.top : self.bottom, self.left : self.right] = False
        return outside


def find_pane(image: GrayImage, parameters: PaneParameters, min_side_share: float | None = None) -> Pane | None:
    """Return the page on a ground of one colour that fills most of the picture, but not all of it; None if there is none.

    If there is none, the thin lines of a table or of squared paper count as ground. `min_side_share`: default that of the parameters.
    """
    min_side_share = parameters.min_side_share if min_side_share is None else min_side_share
    histogram = cv2.calcHist([image], [0], None, [256], [0, 256]).ravel()
    level = int(np.convolve(histogram, np.ones(2 * parameters.max_difference + 1), "same").argmax())
    lowest, highest = np.array(level - parameters.max_difference), np.array(level + parameters.max_difference)
    ground = _reduce(cv2.inRange(image, lowest, highest))  # type: ignore[arg-type]
    if np.count_nonzero(ground) < parameters.min_ground_share * ground.size:
        return None
    page = _largest_page(ground, parameters)
    if _shortest_side_share(page, ground.shape) < min_side_share:
        closed: GrayImage = cv2.morphologyEx(ground, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))  # type: ignore[assignment]
        page = _largest_page(closed, parameters)
    if not min_side_share <= _shortest_side_share(page, ground.shape) <= parameters.max_side_share:
        return None
    height, width = image.shape
    return Pane(_STEP * page.top, _STEP * page.left, min(_STEP * page.bottom, height), min(_STEP * page.right, width))


def _reduce(ground: GrayImage) -> GrayImage:
    """Return the ground at half the size; a pixel is ground if all of its four are, so that no line is lost."""
    return np.asarray(cv2.erode(ground, np.ones((_STEP, _STEP), np.uint8), anchor=(0, 0))[::_STEP, ::_STEP], np.uint8)


def _largest_page(ground: GrayImage, parameters: PaneParameters) -> Pane:
    """Return the bounds of the largest connected part of the ground."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ground, connectivity=4)
    page = labels == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    rows, columns = (_extent(np.count_nonzero(page, axis), parameters) for axis in (1, 0))
    return Pane(rows.start, columns.start, rows.stop, columns.stop)


def _shortest_side_share(pane: Pane, shape: tuple[int, ...]) -> float:
    """Return the smaller of the shares of the picture's height and width."""
    return min((pane.bottom - pane.top) / shape[0], (pane.right - pane.left) / shape[1])


def common_pane(panes: tuple[Pane | None, Pane | None], parameters: PaneParameters) -> Pane | None:
    """Return the pane that two pictures have in common; None if one has none, or has it at another place."""
    old, new = panes
    return old.overlap(new) if old and new and old.resembles(new, parameters.min_common_share) else None


def holds_content(pane: Pane, picture: GrayImage, hidden_pixels: Mask, comparer: Comparer, parameters: PaneParameters) -> bool:
    """Whether a good part of what a picture shows is in the pane."""
    pane_px = comparer.foreground_px(picture, hidden_pixels | pane.outside(picture.shape))
    return pane_px >= parameters.min_foreground_share * comparer.foreground_px(picture, hidden_pixels)


def _extent(profile: npt.NDArray[np.int_], parameters: PaneParameters) -> slice:
    """Return the first to the last line in which the page is about as wide as in others."""
    lines = np.flatnonzero(profile > parameters.profile_share * profile.max())
    return slice(int(lines[0]), int(lines[-1]) + 1)
