"""Sensible pages from recordings that are no slide shows: never none, never a flood."""

from __future__ import annotations

from services.slides.grid import Mask
from services.slides.revisits import Page
from services.slides.stable_frames import Moment

MOST_A_MINUTE = 10
MOST_PAGES = 1000
_WINDOW_S = 60.0


def limit_rate(pages: list[Page]) -> list[Page]:
    """Leave out the pages shown shortest where more than so many begin within a minute; what is left out joins the page before."""
    kept = list(pages)
    while crowd := _crowd(kept):
        _leave_out(min(crowd, key=_shown_s), kept)
    return kept


def limit_total(pages: list[Page]) -> list[Page]:
    """Leave out the pages shown shortest, but never the first, until the rest can be made into a document."""
    kept = list(pages)
    for page in sorted(pages[1:], key=_shown_s)[: max(0, len(pages) - MOST_PAGES)]:
        _leave_out(page, kept)
    return kept


def _leave_out(page: Page, kept: list[Page]) -> None:
    number = next(index for index, other in enumerate(kept) if other is page)
    before = kept[number - 1]
    before.spans[-1][1] = max(before.spans[-1][1], page.spans[0][1])
    kept.pop(number)


def _crowd(pages: list[Page]) -> list[Page]:
    """Pages, none of them the very first, of which too many begin within a minute."""
    starts = [page.spans[0][0] for page in pages]
    for first in range(len(pages) - MOST_A_MINUTE):
        if starts[first + MOST_A_MINUTE] - starts[first] < _WINDOW_S:
            return pages[max(1, first) : first + MOST_A_MINUTE + 1]
    return []


def _shown_s(page: Page) -> float:
    return sum(end - start for start, end in page.spans)


def fallback_page(moments: list[Moment], end_s: float, live: Mask) -> Page:
    """The only page of a recording that never stands still: its middle."""
    return Page([[moments[0].time_s, end_s]], moments[len(moments) // 2], 0.0, live, [], [])
