"""Where in the picture the slide is, if that is plain, and which places move all the time."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from services.slides.decoder import Gray
from services.slides.grid import DiffSettings, Grid, Mask

Shares = tuple[float, float, float, float]

_LEAST_PAGES = 3
_EDGE = 10  # grey levels between two neighbouring pixels
_LINE = 0.8  # of a side's length that must be an edge on every page
_LEAST_AREA = 0.2
_MOST_AREA = 0.9
_ASPECTS = (1.15, 2.0)
_LEAST_SIDES = 2  # that are lines and not the picture's own border


def slide_region(pictures: Sequence[Gray], grid: Grid, sight: DiffSettings, hidden: Mask) -> Shares | None:
    """The rectangle around all that differs between slides, (left, top, right, bottom) as shares of the picture.

    None unless it is plain: bounded by straight lines that stand on every slide, of a slide's shape, and neither tiny nor
    nearly everything.
    """
    if len(pictures) < _LEAST_PAGES:
        return None
    varying = np.zeros((grid.rows, grid.columns), np.bool_)
    for picture in pictures[1:]:
        varying |= grid.touched(sight.differing(pictures[0], picture)) & ~hidden
    rows, columns = np.flatnonzero(varying.any(1)), np.flatnonzero(varying.any(0))
    if rows.size == 0:
        return None
    top, bottom = int(rows[0]) * grid.side, min(grid.height, (int(rows[-1]) + 1) * grid.side)
    left, right = int(columns[0]) * grid.side, min(grid.width, (int(columns[-1]) + 1) * grid.side)
    upright, level = _standing_edges(pictures)
    sides = (
        _line_before(upright[top:bottom].mean(0), left),
        _line_before(level[:, left:right].mean(1), top),
        _line_after(upright[top:bottom].mean(0), right),
        _line_after(level[:, left:right].mean(1), bottom),
    )
    if sum(side is not None for side in sides) < _LEAST_SIDES:
        return None
    box = (sides[0] or 0, sides[1] or 0, sides[2] or grid.width, sides[3] or grid.height)
    return _plausible(box, grid)


def _plausible(box: tuple[int, int, int, int], grid: Grid) -> Shares | None:
    left, top, right, bottom = box
    area = (right - left) * (bottom - top) / (grid.width * grid.height)
    aspect = (right - left) / max(1, bottom - top)
    if not _LEAST_AREA <= area <= _MOST_AREA or not _ASPECTS[0] <= aspect <= _ASPECTS[1]:
        return None
    return left / grid.width, top / grid.height, right / grid.width, bottom / grid.height


def _standing_edges(pictures: Sequence[Gray]) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Where every picture has a step between a pixel and the one to its left, or above it."""
    upright: npt.NDArray[np.bool_] | None = None
    level: npt.NDArray[np.bool_] | None = None
    for picture in pictures:
        across = cv2.absdiff(picture[:, 1:], picture[:, :-1]) > _EDGE
        down = cv2.absdiff(picture[1:], picture[:-1]) > _EDGE
        upright = across if upright is None else upright & across
        level = down if level is None else level & down
    assert upright is not None and level is not None
    return np.pad(upright, ((0, 0), (1, 0))), np.pad(level, ((1, 0), (0, 0)))


def _line_before(strength: npt.NDArray[np.float64], start: int) -> int | None:
    """The nearest line at or before `start`."""
    lines = np.flatnonzero(strength[: start + 1] >= _LINE)
    return int(lines[-1]) if lines.size else None


def _line_after(strength: npt.NDArray[np.float64], end: int) -> int | None:
    lines = np.flatnonzero(strength[max(0, end - 1) :] >= _LINE)
    return int(lines[0]) + max(0, end - 1) if lines.size else None


def boxes(blocks: Mask, grid: Grid) -> list[Shares]:
    """Bounding boxes of connected blocks, as shares of the picture."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(blocks.astype(np.uint8))
    across, down = grid.width / grid.side, grid.height / grid.side
    found = []
    for left, top, width, height in stats[1:, :4].tolist():
        right, bottom = (left + width) / across, (top + height) / down
        found.append((left / across, top / down, min(1.0, right), min(1.0, bottom)))
    return found
