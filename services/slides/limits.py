"""Limits on the number of pages, for recordings that are no slide shows."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable

from services.slides.frame_spool import FrameRef
from services.slides.grid import Mask
from services.slides.parameters import LimitParameters
from services.slides.slide_page import SlidePage


def limit_rate(
    pages: list[SlidePage], parameters: LimitParameters, keeps: Callable[[SlidePage, SlidePage], bool] = lambda page, earlier: False
) -> list[SlidePage]:
    """Drop the pages shown shortest while too many begin within a window; the visit before a dropped one takes over its time.

    `keeps` tells whether a page shows what is on an earlier one. Pages that the next one keeps are dropped first, as build steps of it.
    """
    kept_pages = list(pages)
    results: dict[tuple[int, int], bool] = {}

    def keeps_once(page: SlidePage, earlier: SlidePage) -> bool:
        if (key := (id(page), id(earlier))) not in results:
            results[key] = keeps(page, earlier)
        return results[key]

    while crowd := _find_crowd(kept_pages, parameters):
        followers = {id(page): _find_follower(page, kept_pages, keeps_once) for page in crowd}
        shortest = min(crowd, key=lambda page: (followers[id(page)] is None, _shown_s(page)))
        if follower := followers[id(shortest)]:
            _join(shortest, follower, kept_pages)
        else:
            _drop(shortest, kept_pages)
    return kept_pages


def _find_follower(page: SlidePage, pages: list[SlidePage], keeps: Callable[[SlidePage, SlidePage], bool]) -> SlidePage | None:
    """Return the page whose first visit is next, if this page has one visit only and is kept by that one."""
    if len(page.spans) > 1:
        return None
    starts = [(span[0], number, other) for number, other in enumerate(pages) for span in other.spans if span[0] > page.spans[0][0]]
    start_s, _, follower = min(starts, default=(0.0, 0, None))
    return follower if follower and start_s == follower.spans[0][0] and keeps(follower, page) else None


def _join(page: SlidePage, follower: SlidePage, kept_pages: list[SlidePage]) -> None:
    """Make a page the first build step of the one after it."""
    kept_pages.pop(next(index for index, other in enumerate(kept_pages) if other is page))
    follower.spans[0][0] = page.spans[0][0]
    follower.builds[:0] = [*page.builds, page.best_frame]
    follower.states[:0] = page.states
    follower.thumbnails[:0] = page.thumbnails


def limit_total(pages: list[SlidePage], parameters: LimitParameters) -> list[SlidePage]:
    """Drop the pages shown shortest, but never the first one, until at most `max_pages` are left."""
    kept_pages = list(pages)
    for page in sorted(pages[1:], key=_shown_s)[: max(0, len(pages) - parameters.max_pages)]:
        _drop(page, kept_pages)
    return kept_pages


def _drop(page: SlidePage, kept_pages: list[SlidePage]) -> None:
    """Drop a page. The visit that precedes one of its visits, whichever page it shows, lasts until the end of the dropped visit."""
    kept_pages.pop(next(index for index, other in enumerate(kept_pages) if other is page))
    visits = sorted((span for other in kept_pages for span in other.spans), key=lambda span: span[0])
    for start, end in page.spans:
        number = bisect_right(visits, start, key=lambda span: span[0])
        if number:
            visits[number - 1][1] = max(visits[number - 1][1], end)


def _find_crowd(pages: list[SlidePage], parameters: LimitParameters) -> list[SlidePage]:
    """Return pages of which too many begin within a window, without the first page of all; none if there is no such window."""
    starts = [page.spans[0][0] for page in pages]
    windows = ((parameters.max_pages_per_burst, parameters.burst_s), (parameters.max_pages_per_window, parameters.window_s))
    for count, window_s in windows:
        for first in range(len(pages) - count):
            if starts[first + count] - starts[first] < window_s - parameters.time_tolerance_s:
                return pages[max(1, first) : first + count + 1]
    return []


def _shown_s(page: SlidePage) -> float:
    return sum(end - start for start, end in page.spans)


def fallback_page(frames: list[FrameRef], end_s: float, moving_blocks: Mask) -> SlidePage:
    """Return the only page of a recording that is never stable; it shows the frame in the middle."""
    return SlidePage([[frames[0].time_s, end_s]], frames[len(frames) // 2], moving_blocks, moving_blocks, [], [])
