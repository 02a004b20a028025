"""Two pictures of one document at slightly different places."""

from __future__ import annotations

import cv2
import numpy as np

from services.slides.decoder import GrayImage
from services.slides.grid import Mask
from services.slides.parameters import RevisitParameters


def find_shift(old: GrayImage, new: GrayImage, edges: tuple[Mask, Mask], compared: Mask, parameters: RevisitParameters) -> float:
    """Return by how many rows the old image must be moved down to be like the new one; 0 if it is like it nowhere.

    `edges`: of both images. First the whole number of rows is found for which each row has about as many edge pixels, then its fraction
    for which the pixels of `compared` differ least.
    """
    rows = _find_whole_rows(edges[0] & compared, edges[1] & compared, parameters)
    if rows == 0:
        return 0.0
    candidates = rows + np.linspace(-1, 1, 2 * parameters.scroll_steps + 1)
    return float(min(candidates, key=lambda each: cv2.absdiff(shifted(old, each), new)[compared].mean()))


def shifted(image: GrayImage, rows: float) -> GrayImage:
    """Return the image moved down by a number of rows, which need not be whole; its first or last row fills the gap."""
    matrix = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, rows]])
    return cv2.warpAffine(image, matrix, image.shape[::-1], borderMode=cv2.BORDER_REPLICATE)  # type: ignore[return-value]


def _find_whole_rows(old_edges: Mask, new_edges: Mask, parameters: RevisitParameters) -> int:
    old, new = (edges.sum(1, dtype=np.float64) for edges in (old_edges, new_edges))
    longest = round(parameters.max_scroll_share * len(old))
    inner = new[longest:-longest] - new[longest:-longest].mean()
    windows = np.lib.stride_tricks.sliding_window_view(old, len(inner))  # the last one is that of the largest shift up
    centred = windows - windows.mean(1, keepdims=True)
    norms = np.sqrt((centred * centred).sum(1) * (inner * inner).sum())
    correlations = np.divide(centred @ inner, norms, out=np.zeros_like(norms), where=norms > 0)
    best = int(correlations.argmax())
    return longest - best if correlations[best] > parameters.min_scroll_correlation else 0
