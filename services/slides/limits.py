"""Limits on the number of pages, for recordings that are no slide shows."""

from __future__ import annotations

from bisect import bisect_right

from services.slides.frame_spool import FrameRef
from services.slides.grid import Mask
from services.slides.parameters import LimitParameters
from services.slides.revisits import SlidePage


def limit_rate(pages: list[SlidePage], parameters: LimitParameters) -> list[SlidePage]:
    """Drop the pages shown shortest while too many begin within a minute; the visit before a dropped one takes over its time."""
    remaining = list(pages)
    while crowd := _find_crowd(remaining, parameters):
        _drop(min(crowd, key=_shown_s), remaining)
    return remaining


def limit_total(pages: list[SlidePage], parameters: LimitParameters) -> list[SlidePage]:
    """Drop the pages shown shortest, but never the first one, until at most `max_pages` are left."""
    remaining = list(pages)
    for page in sorted(pages[1:], key=_shown_s)[: max(0, len(pages) - parameters.max_pages)]:
        _drop(page, remaining)
    return remaining


def _drop(page: SlidePage, remaining: list[SlidePage]) -> None:
    """Drop a page. The visit that precedes one of its visits, whichever page it shows, lasts until the end of the dropped visit."""
    remaining.pop(next(index for index, other in enumerate(remaining) if other is page))
    visits = sorted((span for other in remaining for span in other.spans), key=lambda span: span[0])
    for start, end in page.spans:
        number = bisect_right(visits, start, key=lambda span: span[0])
        if number:
            visits[number - 1][1] = max(visits[number - 1][1], end)


def _find_crowd(pages: list[SlidePage], parameters: LimitParameters) -> list[SlidePage]:
    """Return pages of which too many begin within the window, without the first page of all; none if there is no such window."""
    starts = [page.spans[0][0] for page in pages]
    count = parameters.max_pages_per_window
    for first in range(len(pages) - count):
        if starts[first + count] - starts[first] < parameters.window_s - parameters.time_tolerance_s:
            return pages[max(1, first) : first + count + 1]
    return []


def _shown_s(page: SlidePage) -> float:
    return sum(end - start for start, end in page.spans)


def fallback_page(frames: list[FrameRef], end_s: float, moving_blocks: Mask) -> SlidePage:
    """Return the only page of a recording that is never stable; it shows the frame in the middle."""
    return SlidePage([[frames[0].time_s, end_s]], frames[len(frames) // 2], 0.0, moving_blocks, [], [])
