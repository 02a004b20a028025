"""Content that pushes down what is below it: a cell of a notebook gets its output, a line of code is inserted."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from services.slides.comparison import ChangedRegion, Comparer, dilated, share_within
from services.slides.decoder import GrayImage
from services.slides.grid import Mask
from services.slides.parameters import InsertionParameters


def is_pushed_down(
    region: ChangedRegion, old: GrayImage, new: GrayImage, new_pixels: Mask, comparer: Comparer, parameters: InsertionParameters
) -> bool:
    """Whether `new` shows what went from the region further down in the same columns, and above it what `old` shows there.

    After scrolling nothing is where it was but the bars of a window. `new_pixels`: which came with the slide, as those bars did not. What
    is pushed out of the region at its lower edge can't be seen any more.
    """
    rows, columns = region.window
    old_edges, new_edges = (comparer.edges(image[:, columns]) for image in (old, new))
    near_new = dilated(new_edges)
    lost = old_edges[rows] & ~near_new[rows]
    near_below = near_new[rows]
    is_low = region.pixels.shape[0] < parameters.min_height_share * comparer.grid.height
    if is_low or np.count_nonzero(lost) <= parameters.min_pushed_px * comparer.grid.scale**2:
        return False
    for shift in _likely_shifts(lost, new_edges[rows], parameters):
        visible = lost[: len(lost) - shift]
        found = visible & near_below[shift:]
        if np.count_nonzero(visible) < parameters.min_visible_share * np.count_nonzero(lost) or not found.any():
            continue
        first = int(np.flatnonzero(found.any(1))[0])
        found_share = int(np.count_nonzero(found)) / int(np.count_nonzero(visible))
        known_share = share_within(new_edges[rows][first + shift :], old_edges[rows][first : len(lost) - shift])
        if min(found_share, known_share) >= parameters.min_found_share:
            kept = (old_edges & near_new & new_pixels[:, columns])[: rows.start]
            return bool(np.count_nonzero(kept) > parameters.min_kept_px * comparer.grid.scale**2)
    return False


def _likely_shifts(lost: Mask, edges: Mask, parameters: InsertionParameters) -> list[int]:
    """Return the rows by which the profile of what went agrees best with that of what is shown, the best ones first."""
    before, after = lost.sum(1, dtype=np.float32), edges.sum(1, dtype=np.float32)
    before, after = before - before.mean(), after - after.mean()
    scores: npt.NDArray[np.float32] = np.correlate(after, before, "full")[len(before) - 1 :]
    scores[: parameters.min_shift] = -np.inf
    return [int(shift) for shift in np.argsort(-scores)[: parameters.tried_shifts] if shift < len(before)]
