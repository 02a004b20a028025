"""The region of interest: where the slides are in the picture; and bounding boxes of areas with motion."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from services.slides.decoder import GrayImage
from services.slides.grid import DiffSettings, Grid, Mask
from services.slides.parameters import RegionParameters

RelativeBox = tuple[float, float, float, float]  # left, top, right, bottom as shares of the frame's width and height


def find_slide_region(
    images: Sequence[GrayImage], grid: Grid, diff: DiffSettings, hidden_blocks: Mask, parameters: RegionParameters
) -> RelativeBox | None:
    """Return the rectangle that contains all differences between slides.

    None unless it is certain: bounded by straight lines that are on every slide, with the shape and size of a slide.
    """
    if len(images) < parameters.min_pages:
        return None
    varying = np.zeros(grid.shape, np.bool_)
    for image in images[1:]:
        varying |= grid.changed_blocks(diff.threshold_difference(images[0], image)) & ~hidden_blocks
    rows, columns = np.flatnonzero(varying.any(1)), np.flatnonzero(varying.any(0))
    if rows.size == 0:
        return None
    top, bottom = int(rows[0]) * grid.side, min(grid.height, (int(rows[-1]) + 1) * grid.side)
    left, right = int(columns[0]) * grid.side, min(grid.width, (int(columns[-1]) + 1) * grid.side)
    vertical, horizontal = _common_edges(images, parameters.min_edge)
    column_strength, row_strength = vertical[top:bottom].mean(0), horizontal[:, left:right].mean(1)
    sides = (
        _line_before(column_strength, left, parameters.min_line_share),
        _line_before(row_strength, top, parameters.min_line_share),
        _line_after(column_strength, right, parameters.min_line_share),
        _line_after(row_strength, bottom, parameters.min_line_share),
    )
    if sum(side is not None for side in sides) < parameters.min_sides:
        return None
    box = (sides[0] or 0, sides[1] or 0, sides[2] or grid.width, sides[3] or grid.height)
    return _check_shape(box, grid, parameters)


def _check_shape(box: tuple[int, int, int, int], grid: Grid, parameters: RegionParameters) -> RelativeBox | None:
    """Return the box in shares of the frame; None if it has not the size and shape of a slide."""
    left, top, right, bottom = box
    area = (right - left) * (bottom - top) / (grid.width * grid.height)
    aspect = (right - left) / max(1, bottom - top)
    if not parameters.min_area <= area <= parameters.max_area or not parameters.min_aspect <= aspect <= parameters.max_aspect:
        return None
    return left / grid.width, top / grid.height, right / grid.width, bottom / grid.height


def _common_edges(images: Sequence[GrayImage], min_edge: int) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Return the pixels that differ in every image from the pixel to the left, and from the one above."""
    vertical: npt.NDArray[np.bool_] | None = None
    horizontal: npt.NDArray[np.bool_] | None = None
    for image in images:
        across = cv2.absdiff(image[:, 1:], image[:, :-1]) > min_edge
        down = cv2.absdiff(image[1:], image[:-1]) > min_edge
        vertical = across if vertical is None else vertical & across
        horizontal = down if horizontal is None else horizontal & down
    assert vertical is not None and horizontal is not None
    return np.pad(vertical, ((0, 0), (1, 0))), np.pad(horizontal, ((1, 0), (0, 0)))


def _line_before(strength: npt.NDArray[np.float64], start: int, min_share: float) -> int | None:
    """Return the nearest line at or before `start`."""
    lines = np.flatnonzero(strength[: start + 1] >= min_share)
    return int(lines[-1]) if lines.size else None


def _line_after(strength: npt.NDArray[np.float64], end: int, min_share: float) -> int | None:
    """Return the nearest line at or after the last pixel before `end`."""
    lines = np.flatnonzero(strength[max(0, end - 1) :] >= min_share)
    return int(lines[0]) + max(0, end - 1) if lines.size else None


def bounding_boxes(blocks: Mask, grid: Grid) -> list[RelativeBox]:
    """Return the bounding boxes of the connected components of a mask of blocks."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(blocks.astype(np.uint8))
    across, down = grid.width / grid.side, grid.height / grid.side
    boxes = []
    for left, top, width, height in stats[1:, :4].tolist():
        right, bottom = (left + width) / across, (top + height) / down
        boxes.append((left / across, top / down, min(1.0, right), min(1.0, bottom)))
    return boxes
