"""How the processor time of a function grows with the length of its input."""

from __future__ import annotations

import time
from collections.abc import Callable

_LENGTHS = (50, 100, 200, 400, 800)  # exponential growth shows itself before it takes long
_NEGLIGIBLE_S, _ENDLESS_S = 0.0005, 0.2
_SHORT, _LONG = 1_000, 4_000
_MAX_RATIO = 10  # linear growth has 4, quadratic growth 16


def grows_fast(run: Callable[[str], object], text_of: Callable[[int], str]) -> bool:
    """Whether the time grows faster than the length of the text; `text_of` makes a text of about a number of characters."""
    for length in _LENGTHS:
        spent_s = _spent_s(run, text_of(length))
        if spent_s > _ENDLESS_S:
            return True
    if spent_s < _NEGLIGIBLE_S:
        return False
    return all(_spent_s(run, text_of(_LONG)) > _MAX_RATIO * _spent_s(run, text_of(_SHORT)) for _ in range(4))


def _spent_s(run: Callable[[str], object], text: str) -> float:
    start_s = time.thread_time()
    run(text)
    return time.thread_time() - start_s
