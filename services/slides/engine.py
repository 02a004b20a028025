"""The slide engine in one process: samples to views, views to runs, runs to pages."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import cv2
import numpy as np

from services.slides.comparison import Comparer
from services.slides.grid import Grid, Mask, Times
from services.slides.limits import MOST_A_MINUTE, MOST_PAGES, fallback_page, limit_rate, limit_total
from services.slides.motion import MotionWatch, choose_sight
from services.slides.port import Sensitivity
from services.slides.region import Shares, boxes, slide_region
from services.slides.revisits import Page, pages_of
from services.slides.sampler import PERIOD_S, Sample, Sampler
from services.slides.segmenter import Segmenter
from services.slides.stable_frames import ViewFinder, ViewSpool, unpacked

_CONTRAST: dict[Sensitivity, int] = {"low": 20, "normal": 14, "high": 10}
_FIRST_LOOK = int(15 / PERIOD_S)
_MOSTLY = 0.5  # of the time
_OFTEN = 0.2
_REGION_PAGES = 12


@dataclass(frozen=True)
class Places:
    """Parts of the picture as shares of its width and height: (left, top, right, bottom)."""

    region: Shares | None = None
    ignored: tuple[Shares, ...] = ()

    def hidden(self, grid: Grid) -> Mask:
        hidden = np.zeros((grid.rows, grid.columns), np.bool_)
        if self.region:
            hidden[:] = True
            hidden[_window(self.region, grid)] = False
        for place in self.ignored:
            hidden[_window(place, grid)] = True
        return hidden


def _window(place: Shares, grid: Grid) -> tuple[slice, slice]:
    left, top, right, bottom = place
    across, down = grid.width / grid.side, grid.height / grid.side
    return slice(round(top * down), max(1, round(bottom * down))), slice(round(left * across), max(1, round(right * across)))


@dataclass(frozen=True)
class Found:
    """What the engine saw. `unquiet_share` is the share of time in which the picture did not stand still.

    `region` and `ignored` are shares of the picture's sides: where the slides are, if plain, and what moves much of the time.
    """

    pages: list[Page]
    unstable_share: float = 0.0
    region: Shares | None = None
    ignored: list[Shares] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def find_pages(
    sampler: Sampler, sensitivity: Sensitivity, places: Places, duration_s: float, report: Callable[[float, float], None]
) -> Found:
    """Run the engine over a recording."""
    cv2.setNumThreads(1)
    samples = iter(_reporting(sampler, duration_s, report))
    first = list(itertools.islice(samples, _FIRST_LOOK))
    pictures = [sample.picture for sample in first if sample.picture is not None]
    if not pictures:
        return Found([])
    grid = Grid.over(pictures[0])
    sight = choose_sight(pictures, grid, _CONTRAST[sensitivity])
    hidden = places.hidden(grid)
    with ViewSpool() as spool:
        finder = ViewFinder(grid, sight, spool)
        finder.follow(MotionWatch(grid, sight, hidden)(itertools.chain(first, samples)))
        comparer = Comparer(grid, sight)
        share_live = finder.live_s / max(finder.end_s - first[0].time_s, PERIOD_S)
        runs = Segmenter(comparer, spool, hidden | (share_live > _MOSTLY), first[0].time_s).runs()
        pages = pages_of(runs, comparer)
    return _found(pages, finder, comparer, share_live, hidden)


def _found(pages: list[Page], finder: ViewFinder, comparer: Comparer, share_live: Times, hidden: Mask) -> Found:
    grid, sight = comparer.grid, comparer.sight
    moving = share_live > _OFTEN
    warnings = []
    if not pages:
        pages = [fallback_page(finder.moments, finder.end_s, moving)]
        warnings.append("The picture never stands still; one page stands for all of it.")
    kept = limit_rate(pages)
    if len(kept) < len(pages):
        warnings.append(f"The picture changes more than {MOST_A_MINUTE} times a minute; the shortest views were left out.")
    if len(kept) > MOST_PAGES:
        kept = limit_total(kept)
        warnings.append(f"There are more than {MOST_PAGES} slides; those shown shortest were left out.")
    spread = kept[:: max(1, len(kept) // _REGION_PAGES)]
    looks = [unpacked(page.states[-1]) for page in spread if page.states]
    return Found(
        kept,
        finder.unquiet_s / max(finder.end_s, PERIOD_S),
        slide_region(looks, grid, sight, moving | hidden),
        boxes(moving & ~hidden, grid),
        warnings,
    )


def _reporting(samples: Iterable[Sample], duration_s: float, report: Callable[[float, float], None]) -> Iterator[Sample]:
    """Passes samples on; reports about every half minute of the recording."""
    next_s = 0.0
    for sample in samples:
        if sample.time_s >= next_s:
            report(min(sample.time_s, duration_s), duration_s)
            next_s = sample.time_s + 30
        yield sample
