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


def median(values: npt.NDArray[Any]) -> float:
    """Return the median. `values` must not be empty."""
    return percentile(values, 50)
