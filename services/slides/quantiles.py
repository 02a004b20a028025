"""Quantiles of small arrays; numpy's own functions load its package of masked arrays, a twentieth of a second of CPU."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt


def percentile(values: npt.NDArray[Any], percent: float) -> float:
    """Return the percentile, interpolated between the two nearest values. `values` must not be empty."""
    position = (values.size - 1) * percent / 100
    lower = math.floor(position)
    upper = min(lower + 1, values.size - 1)
    partition = np.partition(values.reshape(-1), (lower, upper))
    low, high = float(partition[lower]), float(partition[upper])
    return low + (high - low) * (position - lower)


def higher_percentile(values: npt.NDArray[Any], percent: float) -> float:
    """Return the smallest of the values that is not below the percentile. `values` must not be empty."""
    position = math.ceil((values.size - 1) * percent / 100)
    return float(np.partition(values.reshape(-1), position)[position])


def fullest_window(values: npt.NDArray[Any], width: float) -> tuple[float, float]:
    """Return the last value in the window of this width that has most of the values, and its share. `values` must not be empty."""
    ordered = np.sort(values.reshape(-1))
    counts = np.searchsorted(ordered, ordered + width, side="right") - np.arange(ordered.size)
    first = int(counts.argmax())
    return float(ordered[first + counts[first] - 1]), float(counts[first] / ordered.size)


def median(values: npt.NDArray[Any]) -> float:
    """Return the median. `values` must not be empty."""
    return percentile(values, 50)
