"""Which views are states of one slide, and where the next slide begins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from services.slides.change_classifier import CLIP_S, MUCH, ChangeClassifier, Kind
from services.slides.comparison import ChangedRegion, Comparer
from services.slides.grid import Mask, Times
from services.slides.occurrences import SlideOccurrence
from services.slides.stable_frames import StableFrame, ViewSpool

_LEAST_TOTAL_INK = 150
_GOOD_PART = 0.25
_BLOW_S = 0.5
_MOST = 0.6
_EXCHANGE = 0.03
_LOCAL = 0.4
_FEW = 2
_SEVERAL = 4  # places in which ink gives way to other ink at once: a figure is in one place, and a hand in another
_HALF = 0.5


@dataclass(frozen=True)
class _Judged:
    patch: ChangedRegion
    kind: Kind


class Segmenter:
    """Goes through the views of a recording."""

    def __init__(self, comparer: Comparer, views: ViewSpool, always_hidden: Mask, first_s: float) -> None:
        """`first_s`: when the recording's pictures begin."""
        self._comparer, self._views, self._first_s = comparer, views, first_s
        self._grid = comparer.grid
        self._always_hidden = always_hidden
        self._previous_s = first_s

    def runs(self) -> Iterator[SlideOccurrence]:
        """Each slide's appearances, one after another; only the one being looked at is in memory."""
        run: SlideOccurrence | None = None
        for index in range(len(self._views)):
            view = self._views[index]
            if run is None:
                run = SlideOccurrence.begun(view, self._first_s)
            else:
                start_s = self._follow(index, view, run)
                if start_s is not None:
                    self._end(run, view, start_s)
                    yield run
                    run = SlideOccurrence.begun(view, start_s)
            run.end_s = view.end_s
            self._previous_s = view.start_s
        if run is not None:
            yield run

    def _end(self, run: SlideOccurrence, view: StableFrame, start_s: float) -> None:
        run.end_s = min(start_s, self._leaving_s(view, start_s))
        if run.earlier and run.frame.time_s > run.end_s:
            run.frame = run.earlier

    def _leaving_s(self, view: StableFrame, start_s: float) -> float:
        """When the change that led to this view began."""
        began = view.began_s[view.changed]
        began = began[began > start_s - CLIP_S]
        return float(np.percentile(began, 10)) if began.size else start_s

    def _follow(self, index: int, view: StableFrame, run: SlideOccurrence) -> float | None:
        """When the next slide began, None while the run goes on."""
        hidden = self._grid.spread(view.live | run.live | self._always_hidden)
        ink = max(_LEAST_TOTAL_INK, self._comparer.ink(run.full, hidden))
        patches = self._comparer.patches(run.full, view.picture, hidden)
        exchanges = sum(not patch.only_adds and not patch.only_loses for patch in patches)
        local = exchanges <= _FEW and sum(patch.gone for patch in patches if not patch.only_adds) < _LOCAL * ink
        judge = ChangeClassifier(self._comparer, self._views, index, run, self._previous_s)
        judged = [_Judged(patch, judge.kind(patch, patches, ink, local)) for patch in patches]
        start_s = self._new_slide(judged, judge, view, run, ink)
        if start_s is None:
            self._go_on(judged, view, run, ink)
        return start_s

    def _new_slide(
        self, judged: list[_Judged], judge: ChangeClassifier, view: StableFrame, run: SlideOccurrence, ink: float
    ) -> float | None:
        """When the next slide began, None while it is still this one."""
        gone = [j.patch for j in judged if j.kind in ("replaced", "erased") and not self._was_passing_by(j.patch, run)]
        replaced = [patch for patch in gone if not patch.only_loses]
        lost = sum(patch.gone for patch in gone)
        returned = sum(j.patch.lost for j in judged if j.kind == "returned")
        if replaced and returned > MUCH * ink:
            lost += returned
        area = sum(self._comparer.share(patch) for patch in gone)
        if lost > MUCH * ink or (area > 0.25 and lost > 0.04 * ink):
            if run.hole_s is not None and self._only_adds(view, run):
                return run.hole_s
            return self._start_of(replaced or gone, view, run)
        shaky = self._comparer.sight.shaky
        at_once = [j.patch for j in judged if j.kind in ("replaced", "erased", "added") and judge.arrives_at_once(j.patch)]
        if shaky and sum(patch.lost > 0 and patch.gained > 0 for patch in at_once) < _SEVERAL:
            at_once = [patch for patch in at_once if not patch.small or not judge.has_trail(patch)]
        if sum(patch.lost for patch in at_once) > _EXCHANGE * ink and any(patch.gained > patch.lost for patch in at_once):
            return self._start_of(at_once, view, run)
        exchanged = [patch for patch in replaced if judge.is_exchange(patch)]
        if exchanged and not shaky:
            return self._start_of(exchanged, view, run)
        if run.hole_s is not None and any(j.kind in ("added", "replaced") and j.patch.size >= 20 for j in judged):
            return run.hole_s
        return None

    def _was_passing_by(self, patch: ChangedRegion, run: SlideOccurrence) -> bool:
        """Whether what is gone moved when the slide was first seen, and so was somebody in front of it."""
        return patch.only_loses and run.unsure is not None and float(run.unsure[patch.blocks(self._grid)].mean()) > _HALF

    def _only_adds(self, view: StableFrame, run: SlideOccurrence) -> bool:
        """Whether the view holds all that the one before it showed."""
        hidden = self._grid.spread(view.live | run.live | self._always_hidden)
        patches = self._comparer.patches(run.history[-1][1], view.picture, hidden)
        return all(patch.only_adds for patch in patches)

    def _start_of(self, patches: list[ChangedRegion], view: StableFrame, run: SlideOccurrence) -> float:
        place = np.zeros_like(view.changed)
        for patch in patches:
            place[patch.blocks(self._grid)] = True
        place &= view.changed
        if not place.any():
            return max(view.start_s, run.start_s)
        return max(_fully_shown_s(view.came_s[place]), run.start_s)

    def _go_on(self, judged: list[_Judged], view: StableFrame, run: SlideOccurrence, ink: float) -> None:
        """The same slide in another state: keep what is covered or gone for now, take over the rest."""
        gone = sum(j.patch.lost for j in judged if j.kind in ("returned", "erased"))
        in_hole = gone > _GOOD_PART * ink
        kept = [j.patch for j in judged if j.kind == "covering" or (in_hole and j.kind in ("returned", "erased"))]
        passing = [j.patch for j in judged if j.kind == "passing"]
        run.passing = np.zeros_like(view.changed)
        for patch in passing:
            run.passing[patch.blocks(self._grid)] = True
        added = any(j.kind in ("added", "same", "erased", "replaced") for j in judged)
        covered = sum(patch.size for patch in (*kept, *passing)) + view.covered
        if in_hole and run.hole_s is None:
            run.hole_s = self._start_of([j.patch for j in judged if j.kind in ("returned", "erased")], view, run)
        elif not in_hole:
            run.hole_s = None
        if added and not in_hole:
            run.complete_step()
        full = view.picture.copy()
        for patch in (*kept, *passing):
            full[patch.window][patch.pixels] = run.full[patch.window][patch.pixels]
        run.full = full
        run.remember(view)
        run.live = view.live
        run.lived = run.lived | view.live | view.lived
        run.unsure = view.restless
        if (added and not in_hole) or covered <= run.covered:
            run.earlier, run.frame, run.covered = run.frame, view.frame, covered


def _fully_shown_s(came_s: Times) -> float:
    """When the blocks of a new slide had come: all at one blow, whatever moved there later, or one after another."""
    times = np.sort(came_s)
    within = np.searchsorted(times, times + _BLOW_S, side="right") - np.arange(times.size)
    first = int(within.argmax())
    if within[first] >= _MOST * times.size:
        return float(times[first + within[first] - 1])
    return float(np.percentile(times, 90, method="higher"))
