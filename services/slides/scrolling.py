"""Two pictures of one document at slightly different places."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from services.slides.grid import Mask
from services.slides.parameters import RevisitParameters


def find_shift(old_edges: Mask, new_edges: Mask, parameters: RevisitParameters) -> int:
    """Return by how many rows the old edges must be moved down so that each row has about as many as the new ones; 0 if none fits well."""
    old, new = (edges.sum(1, dtype=np.float64) for edges in (old_edges, new_edges))
    longest = round(parameters.max_scroll_share * len(old))
    inner = new[longest:-longest]
    scores = [_correlation(old[longest - rows : len(old) - longest - rows], inner) for rows in range(-longest, longest + 1)]
    best = int(np.argmax(scores))
    return best - longest if scores[best] > parameters.min_scroll_correlation else 0


def _correlation(first: npt.NDArray[np.float64], second: npt.NDArray[np.float64]) -> float:
    a, b = first - first.mean(), second - second.mean()
    norm = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / norm if norm else 0.0
