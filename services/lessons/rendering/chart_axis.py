"""The axis of a chart: round ticks, and numbers as text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

_MAX_TICKS = 6
_STEPS = (1, 2, 2.5, 5, 10)
_MAX_LABELLED_VALUES = 24


def axis(values: Sequence[float], *, from_zero: bool) -> dict[str, Any]:
    """Return low and high ends and ticks for these values; bars start at zero, lines only if that costs little room."""
    low, high = min(values), max(values)
    if from_zero or 0 < low < 0.5 * high:
        low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        low, high = min(low - abs(low) * 0.1, 0.0) if low <= 0 else 0.0, high or 1.0
    if low == high:
        high = low + 1.0
    step = _round_step((high - low) / (_MAX_TICKS - 1))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    digits = max(0, -math.floor(math.log10(step)) + (1 if step / 10 ** math.floor(math.log10(step)) == 2.5 else 0))
    ticks = [{"value": number * step, "label": _format(number * step, digits)} for number in range(first, last + 1)]
    return {"low": first * step, "high": last * step, "ticks": ticks}


def _round_step(rough: float) -> float:
    magnitude = 10.0 ** math.floor(math.log10(rough))
    return next(step * magnitude for step in _STEPS if step * magnitude >= rough * 0.999)


def number_text(value: float) -> str:
    """Return a value as text, with at most four significant digits after the first thousand."""
    if value == round(value) and abs(value) < 1e15:
        return _format(value, 0)
    digits = max(0, 2 - math.floor(math.log10(abs(value)))) if abs(value) >= 1e-6 else 6
    text = _format(value, min(digits, 6))
    return text.rstrip("0").rstrip(".") if "." in text else text


def _format(value: float, digits: int) -> str:
    if abs(value) >= 1e15:
        return f"{value:.2e}"
    text = f"{value:,.{digits}f}".replace(",", "\u202f").replace("-", "\u2212")
    return text.removeprefix("\u2212") if not any(each in "123456789" for each in text) else text


def shows_values(series: int, labels: int) -> bool:
    return series * labels <= _MAX_LABELLED_VALUES
