"""Sensible pages from recordings that are no slide shows: never none, never a flood."""

from __future__ import annotations

from services.slides.grid import Mask
from services.slides.revisits import Page
from services.slides.views import Moment

MOST_A_MINUTE = 10
_WINDOW_S = 60.0


def at_most_so_many(pages: list[Page]) -> list[Page]:
    """Leave out the pages shown shortest where more than so many begin within a minute; what is left out joins the page before."""
    kept = list(pages)
    while crowd := _crowd(kept):
        shortest = min(crowd, key=_shown_s)
        number = kept.index(shortest)
        before = kept[number - 1]
        before.spans[-1][1] = max(before.spans[-1][1], shortest.spans[0][1])
        kept.pop(number)
    return kept


def _crowd(pages: list[Page]) -> list[Page]:
    """Pages, none of them the very first, of which too many begin within a minute."""
    starts = [page.spans[0][0] for page in pages]
    for first in range(len(pages) - MOST_A_MINUTE):
        if starts[first + MOST_A_MINUTE] - starts[first] < _WINDOW_S:
            return pages[max(1, first) : first + MOST_A_MINUTE + 1]
    return []


def _shown_s(page: Page) -> float:
    return sum(end - start for start, end in page.spans)


def one_for_all(moments: list[Moment], end_s: float, live: Mask) -> Page:
    """The only page of a recording that never stands still: its middle."""
    return Page([[moments[0].time_s, end_s]], moments[len(moments) // 2], 0.0, live, [], [])
