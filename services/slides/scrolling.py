"""Two pictures of one document at slightly different places."""

from __future__ import annotations

import numpy as np

from services.slides.grid import Mask
from services.slides.parameters import RevisitParameters


def find_shift(old_edges: Mask, new_edges: Mask, parameters: RevisitParameters) -> int:
    """Return by how many rows the old edges must be moved down so that each row has about as many as the new ones; 0 if none fits well."""
    old, new = (edges.sum(1, dtype=np.float64) for edges in (old_edges, new_edges))
    longest = round(parameters.max_scroll_share * len(old))
    inner = new[longest:-longest] - new[longest:-longest].mean()
    windows = np.lib.stride_tricks.sliding_window_view(old, len(inner))  # the last one is that of the largest shift up
    centred = windows - windows.mean(1, keepdims=True)
    norms = np.sqrt((centred * centred).sum(1) * (inner * inner).sum())
    correlations = np.divide(centred @ inner, norms, out=np.zeros_like(norms), where=norms > 0)
    best = int(correlations.argmax())
    return longest - best if correlations[best] > parameters.min_scroll_correlation else 0
