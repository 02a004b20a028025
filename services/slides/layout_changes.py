"""The same slide at another size: meeting software shows it beside the participants instead of above them."""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from services.slides.comparison import Comparer, share_within
from services.slides.decoder import GrayImage
from services.slides.grid import Mask
from services.slides.parameters import LayoutParameters
from services.slides.quantiles import median

_RING = 9  # pixels, kernel: four around an area
LayoutChange = Literal["smaller", "larger"]
_Place = tuple[float, int, int]  # scale, left, top


def find_layout_change(
    old: GrayImage, old_hidden: Mask, new: GrayImage, new_hidden: Mask, comparer: Comparer, parameters: LayoutParameters
) -> LayoutChange | None:
    """Return whether `new` shows all of `old` smaller or larger than before; None if it shows something else."""
    if _contains(new, new_hidden, old, old_hidden, comparer, parameters):
        return "smaller"
    if _contains(old, old_hidden, new, new_hidden, comparer, parameters):
        return "larger"
    return None


def _contains(
    picture: GrayImage, picture_hidden: Mask, slide: GrayImage, slide_hidden: Mask, comparer: Comparer, parameters: LayoutParameters
) -> bool:
    """Whether `picture` contains the foreground of `slide` at a smaller size, with little else inside its area.

    A picture with much more content around it shows the slide in an editor, which is a different view.
    """
    slide_edges = comparer.edges(slide) & ~slide_hidden
    rows, columns = np.flatnonzero(slide_edges.any(1)), np.flatnonzero(slide_edges.any(0))
    if np.count_nonzero(slide_edges) < parameters.min_edge_pixels:
        return False
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    visible = ~slide_hidden[box]
    content = _fill_hidden(slide[box], slide_hidden[box])
    place = _find_place(picture, content, comparer, parameters)
    if place is None:
        return False
    scale, left, top = place
    small = _resize(content, scale)
    window = np.s_[top : top + small.shape[0], left : left + small.shape[1]]
    visible_in_both = ~picture_hidden[window] & (_resize(visible.astype(np.uint8), scale) > 0)
    slide_edges_small, picture_edges = comparer.edges(small) & visible_in_both, comparer.edges(picture[window]) & visible_in_both
    outside = comparer.edges(picture) & ~picture_hidden
    outside[window] = False
    if np.count_nonzero(outside) > parameters.max_outside_ratio * np.count_nonzero(slide_edges_small):
        return False
    common_share = share_within(slide_edges_small, picture_edges)
    reverse_share = share_within(picture_edges, slide_edges_small)
    return min(common_share, reverse_share) > parameters.min_common_share and bool(
        np.count_nonzero(slide_edges_small) >= parameters.min_edge_pixels // 2
    )


def _fill_hidden(picture: GrayImage, hidden: Mask) -> GrayImage:
    """Return the picture with each hidden area in the colour around it: of the slide under an inset, of the ground of a panel."""
    filled = picture.copy()
    count, labels = cv2.connectedComponents(hidden.astype(np.uint8))
    for number in range(1, count):
        area = labels == number
        around = (cv2.dilate(area.astype(np.uint8), np.ones((_RING, _RING), np.uint8)) > 0) & ~hidden
        filled[area] = np.uint8(median(picture[around] if around.any() else picture))
    return filled


def _find_place(picture: GrayImage, content: GrayImage, comparer: Comparer, parameters: LayoutParameters) -> _Place | None:
    """Return the best match of `content`: by the density of edges at all scales, then by the pixels at scales near the best one."""
    step = parameters.coarse_step
    coarse_picture, coarse_content = (
        _resize(comparer.edges(image).view(np.uint8) * np.uint8(255), 1 / step) for image in (picture, content)
    )
    scales = np.arange(parameters.min_scale, parameters.max_scale + 1e-6, parameters.scale_step)
    score, scale, left, top = max(_match(coarse_picture, coarse_content, float(scale)) for scale in scales)
    if score < parameters.min_coarse_correlation:
        return None
    first_row, first_column = max(0, (top - 2) * step), max(0, (left - 2) * step)
    height, width = (round(side * (scale + parameters.scale_step)) + 4 * step for side in content.shape)
    area = picture[first_row : first_row + height, first_column : first_column + width]
    last_scale = min(scale + parameters.scale_step, parameters.max_scale)
    scales_nearby = np.linspace(scale - parameters.scale_step, last_scale, 2 * parameters.fine_steps + 1)
    score, scale, left, top = max(_match(area, content, float(each)) for each in scales_nearby)
    return (scale, first_column + left, first_row + top) if score >= parameters.min_correlation else None


def _match(picture: GrayImage, content: GrayImage, scale: float) -> tuple[float, float, int, int]:
    """Return the best correlation with the content at this scale, the scale, and the position (left, top)."""
    small = _resize(content, scale)
    if small.shape[0] > picture.shape[0] or small.shape[1] > picture.shape[1]:
        return -1.0, scale, 0, 0
    _, score, _, (left, top) = cv2.minMaxLoc(cv2.matchTemplate(picture, small, cv2.TM_CCOEFF_NORMED))
    return float(score), scale, left, top


def _resize(image: npt.NDArray[np.uint8], scale: float) -> GrayImage:
    height, width = (max(1, round(side * scale)) for side in image.shape)
    return cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)  # type: ignore[return-value]
