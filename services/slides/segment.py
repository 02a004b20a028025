"""Which views are states of one slide, and where the next slide begins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from services.slides.compare import Comparer, Patch
from services.slides.decoder import Gray
from services.slides.grid import Mask, Times
from services.slides.views import Moment, View, ViewSpool

Kind = Literal["added", "erased", "replaced", "returned", "same", "clip", "passing", "covering"]

_LEAST_TOTAL_INK = 150
_MUCH = 0.12  # of a slide's ink
_GOOD_PART = 0.25
_CLIP_S = 3.0
_CLIP_SHARE = 0.45
_ABRUPT_S = 1.5
_TOGETHER_S = 0.6
_BLOW_S = 0.5
_MOST = 0.6
_SHORT_S = 2.5
_STANDING_S = 3.0
_STILL_S = 5.0
_POINTER_SIZE = 250  # pixels of a picture 480 wide
_FIGURE_SIZE = 100
_OVERLAP = 0.2
_LEAST_EXCHANGE = 3
_PICTURE_WIDE = 0.08  # of the blocks
_BALANCE = 0.35  # of the ink that goes and the ink that comes
_EXCHANGE = 0.03
_LOCAL = 0.4
_FEW = 2
_LOOK_AHEAD_S = 60.0
_LOOK_AHEAD_VIEWS = 60
_HISTORY = 6
_STEPS = 40
_STEP_GAP_S = 1.0


@dataclass
class Step:
    """A state of a slide: when it was complete."""

    moment: Moment
    picture: Gray


@dataclass
class Run:
    """A slide being shown. `full` is its fullest state so far, `history` what it looked like.

    `earlier`: the moment chosen before `frame`, should that prove too late; `hole_s`: since when much of the slide is gone;
    `passing`: the blocks in which a pointer rests; `unsure`: those that moved when `full` was taken; `lived`: those that
    moved habitually at some time while the slide was shown.
    """

    start_s: float
    end_s: float
    full: Gray
    live: Mask
    lived: Mask
    frame: Moment
    covered: float = 0.0
    history: list[tuple[float, Gray]] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    earlier: Moment | None = None
    hole_s: float | None = None
    passing: Mask | None = None
    unsure: Mask | None = None

    def remember(self, view: View) -> None:
        self.history = [*self.history[:1], *self.history[1:][1 - _HISTORY :], (view.start_s, view.picture)]

    def complete_step(self) -> None:
        if len(self.steps) < _STEPS and (not self.steps or self.frame.time_s - self.steps[-1].moment.time_s >= _STEP_GAP_S):
            self.steps.append(Step(self.frame, self.full.copy()))


@dataclass(frozen=True)
class _Judged:
    patch: Patch
    kind: Kind


class Segmenter:
    """Goes through the views of a recording, able to look ahead: what passes by is known from what it leaves behind."""

    def __init__(self, comparer: Comparer, views: ViewSpool, always_hidden: Mask, first_s: float) -> None:
        """`first_s`: when the recording's pictures begin."""
        self._comparer, self._views, self._first_s = comparer, views, first_s
        self._grid = comparer.grid
        self._always_hidden = always_hidden
        self._previous_s = first_s

    def runs(self) -> Iterator[Run]:
        """Each slide's appearances, one after another; only the one being looked at is in memory."""
        run: Run | None = None
        for index in range(len(self._views)):
            view = self._views[index]
            if run is None:
                run = _begun(view, self._first_s)
            else:
                start_s = self._follow(index, view, run)
                if start_s is not None:
                    self._end(run, view, start_s)
                    yield run
                    run = _begun(view, start_s)
            run.end_s = view.end_s
            self._previous_s = view.start_s
        if run is not None:
            yield run

    def _end(self, run: Run, view: View, start_s: float) -> None:
        run.end_s = min(start_s, self._leaving_s(view, start_s))
        if run.earlier and run.frame.time_s > run.end_s:
            run.frame = run.earlier

    def _leaving_s(self, view: View, start_s: float) -> float:
        """When the change that led to this view began."""
        began = view.began_s[view.changed]
        began = began[began > start_s - _CLIP_S]
        return float(np.percentile(began, 10)) if began.size else start_s

    def _follow(self, index: int, view: View, run: Run) -> float | None:
        """When the next slide began, None while the run goes on."""
        hidden = self._grid.spread(view.live | run.live | self._always_hidden)
        ink = max(_LEAST_TOTAL_INK, self._comparer.ink(run.full, hidden))
        patches = self._comparer.patches(run.full, view.picture, hidden)
        exchanges = sum(not patch.only_adds and not patch.only_loses for patch in patches)
        local = exchanges <= _FEW and sum(patch.gone for patch in patches if not patch.only_adds) < _LOCAL * ink
        judged = [_Judged(patch, self._kind(patch, patches, index, view, run, ink, local)) for patch in patches]
        start_s = self._new_slide(judged, index, view, run, ink)
        if start_s is None:
            self._go_on(judged, view, run, ink)
        return start_s

    def _kind(self, patch: Patch, patches: list[Patch], index: int, view: View, run: Run, ink: float, local: bool) -> Kind:
        """`local`: most of the slide is as before, so that what changed may be something in front of it."""
        comparer = self._comparer
        if any(comparer.equal(patch, state, view.picture) for _, state in run.history[:-1]):
            return "returned"
        if self._is_clip(patch, view) and patch.gone < 0.8 * ink and comparer.share(patch) < _CLIP_SHARE:
            return "clip"
        if patch.is_dimmed:
            return "same"
        place = patch.blocks(self._grid)
        if run.passing is not None and run.passing[place].any() and not view.changed[place].any():
            return "passing"
        if patch.size < _POINTER_SIZE and (self._has_trail(patch, view) or any(_has_moved(patch, other) for other in patches)):
            stays = (patch.only_adds or _is_balanced(patch)) and not self._comes_back(patch, index, view, run)
            if not stays:
                return "passing"
        if patch.only_adds and patch.gone < _MUCH * ink:
            return "added"
        if local and self._goes_away(patch, index, view, run):
            return "covering"
        return "erased" if patch.only_loses else "replaced"

    def _is_clip(self, patch: Patch, view: View) -> bool:
        place = patch.blocks(self._grid)
        return float(view.lived[place].mean()) > 0.5 or float(np.median((view.arrived_s - view.began_s)[place])) >= _CLIP_S

    def _has_trail(self, patch: Patch, view: View) -> bool:
        """Something came here from nearby and left no trace on its way: a pointer."""
        rows, columns = patch.blocks(self._grid)
        near = np.zeros_like(view.changed)
        near[max(0, rows.start - 5) : rows.stop + 5, max(0, columns.start - 5) : columns.stop + 5] = True
        near[max(0, rows.start - 1) : rows.stop + 1, max(0, columns.start - 1) : columns.stop + 1] = False
        arrived = float(view.arrived_s[rows, columns].max())
        lately = (view.arrived_s > max(arrived - 1.5, self._previous_s + 0.1)) & (view.arrived_s <= arrived + 0.3)
        if (lately & ~view.live).mean() > _PICTURE_WIDE:
            return False
        passed = near & ~view.changed & ~view.live & lately
        return int(np.count_nonzero(passed)) >= 2

    def _arrives_at_once(self, patch: Patch, view: View) -> bool:
        place = patch.blocks(self._grid)
        fresh = view.changed[place]
        if not fresh.any():
            return False
        came, began = view.came_s[place][fresh], view.began_s[place][fresh]
        first, last = np.percentile(came, (20, 80))
        return float(last - first) <= _TOGETHER_S and float(np.median(came - began)) <= _ABRUPT_S

    def _goes_away(self, patch: Patch, index: int, view: View, run: Run) -> bool:
        """Whether the place looks as before again soon; what came at once must leave very soon, and nobody stands still for long."""
        pointer_like = patch.size < _POINTER_SIZE and patch.lost < 0.5 * (patch.gained + patch.covered)
        horizon_s = _SHORT_S if self._arrives_at_once(patch, view) and not pointer_like else _LOOK_AHEAD_S
        shown, since_s = view.picture, view.start_s
        for ahead in self._ahead(run, index, view.start_s + horizon_s):
            if self._comparer.equal(patch, run.full, ahead.picture):
                return True
            if not self._comparer.equal(patch, shown, ahead.picture):
                shown, since_s = ahead.picture, ahead.start_s
            elif patch.size > _POINTER_SIZE and ahead.end_s - since_s > _STILL_S:
                return False
        return False

    def _comes_back(self, patch: Patch, index: int, view: View, run: Run) -> bool:
        """Whether the place will look as before while the slide lasts."""
        return any(self._comparer.equal(patch, run.full, ahead.picture) for ahead in self._ahead(run, index, view.start_s + _LOOK_AHEAD_S))

    def _ahead(self, run: Run, index: int, until_s: float) -> Iterator[View]:
        """The next views that show the slide still."""
        for later in range(index + 1, min(index + _LOOK_AHEAD_VIEWS, len(self._views))):
            view = self._views[later]
            if view.start_s > until_s or self._comparer.kept(run.full, view.picture) < 0.5:
                return
            yield view

    def _new_slide(self, judged: list[_Judged], index: int, view: View, run: Run, ink: float) -> float | None:
        """When the next slide began, None while it is still this one."""
        gone = [j.patch for j in judged if j.kind in ("replaced", "erased")]
        replaced = [patch for patch in gone if not patch.only_loses]
        lost = sum(patch.gone for patch in gone)
        returned = sum(j.patch.lost for j in judged if j.kind == "returned")
        if replaced and returned > _MUCH * ink:
            lost += returned
        area = sum(self._comparer.share(patch) for patch in gone)
        if lost > _MUCH * ink or (area > 0.25 and lost > 0.04 * ink):
            if run.hole_s is not None and self._only_adds(view, run):
                return run.hole_s
            return self._start_of(replaced or gone, view, run)
        shaky = self._comparer.sight.shaky
        at_once = [j.patch for j in judged if j.kind in ("replaced", "erased", "added") and self._arrives_at_once(j.patch, view)]
        if shaky:
            at_once = [patch for patch in at_once if not patch.small or not self._has_trail(patch, view)]
        if sum(patch.lost for patch in at_once) > _EXCHANGE * ink and any(patch.gained > patch.lost for patch in at_once):
            return self._start_of(at_once, view, run)
        exchanged = [patch for patch in replaced if self._is_exchange(patch, index, view, run)]
        if exchanged and not shaky:
            return self._start_of(exchanged, view, run)
        if run.hole_s is not None and any(j.kind in ("added", "replaced") and j.patch.size >= 20 for j in judged):
            return run.hole_s
        return None

    def _only_adds(self, view: View, run: Run) -> bool:
        """Whether the view holds all that the one before it showed."""
        hidden = self._grid.spread(view.live | run.live | self._always_hidden)
        patches = self._comparer.patches(run.history[-1][1], view.picture, hidden)
        return all(patch.only_adds for patch in patches)

    def _is_exchange(self, patch: Patch, index: int, view: View, run: Run) -> bool:
        """Ink that had stood gave way at one blow to other ink that stays: a number that changed, not a pen at work."""
        if not _is_balanced(patch) or not self._arrives_at_once(patch, view):
            return False
        if run.unsure is not None and run.unsure[patch.blocks(self._grid)].any():
            return False
        if self._is_beside(patch, view.live | run.lived) or self._comparer.is_shifted(patch, run.full, view.picture):
            return False
        before = [state for time_s, state in run.history if time_s <= view.start_s - _STANDING_S][-1:]
        if not all(self._comparer.equal(patch, state, run.full) for state in before):
            return False
        return all(
            self._comparer.equal(patch, view.picture, ahead.picture) for ahead in self._ahead(run, index, view.start_s + _STANDING_S)
        )

    def _is_beside(self, patch: Patch, live: Mask) -> bool:
        """Whether it is at the rim of what moves habitually, and so belongs to it."""
        rows, columns = patch.blocks(self._grid)
        return bool(live[max(0, rows.start - 2) : rows.stop + 2, max(0, columns.start - 2) : columns.stop + 2].any())

    def _start_of(self, patches: list[Patch], view: View, run: Run) -> float:
        place = np.zeros_like(view.changed)
        for patch in patches:
            place[patch.blocks(self._grid)] = True
        place &= view.changed
        if not place.any():
            return max(view.start_s, run.start_s)
        return max(_fully_shown_s(view.came_s[place]), run.start_s)

    def _go_on(self, judged: list[_Judged], view: View, run: Run, ink: float) -> None:
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


def _begun(view: View, start_s: float) -> Run:
    run = Run(start_s, view.end_s, view.picture, view.live, view.live, view.frame, unsure=view.restless)
    run.remember(view)
    return run


def _has_moved(patch: Patch, other: Patch) -> bool:
    """Whether one thing may have gone from one of the places to the other: of its size and shape, ink lost here and gained there."""
    if other is patch or max(other.size, patch.size) > 1.4 * min(other.size, patch.size):
        return False
    sides = zip(patch.pixels.shape, other.pixels.shape, strict=True)
    if any(max(a, b) > 1.3 * min(a, b) for a, b in sides):
        return False
    here, there = patch.gained - patch.lost, other.gained - other.lost
    return here * there < 0 and abs(here) > 0.3 * patch.size and abs(there) > 0.3 * other.size


def _is_balanced(patch: Patch) -> bool:
    """Whether about as much ink comes as goes; small figures always overlap, a pointer only bares what is under it."""
    less, more = sorted((patch.lost, patch.gained))
    overlaps = patch.size > _FIGURE_SIZE or patch.covered > _OVERLAP * patch.size
    return overlaps and less > max(_LEAST_EXCHANGE, _BALANCE * more)


def _fully_shown_s(came_s: Times) -> float:
    """When the blocks of a new slide had come: all at one blow, whatever moved there later, or one after another."""
    times = np.sort(came_s)
    within = np.searchsorted(times, times + _BLOW_S, side="right") - np.arange(times.size)
    first = int(within.argmax())
    if within[first] >= _MOST * times.size:
        return float(times[first + within[first] - 1])
    return float(np.percentile(times, 90, method="higher"))
