"""What became of the places in which a view differs from the slide shown so far.

It is able to look ahead: what passes by is known from what it leaves behind.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np

from services.slides.comparison import ChangedRegion, Comparer
from services.slides.grid import Mask
from services.slides.occurrences import SlideOccurrence
from services.slides.stable_frames import StableFrame, ViewSpool

Kind = Literal["added", "erased", "replaced", "returned", "same", "clip", "passing", "covering"]

MUCH = 0.12  # of a slide's ink
CLIP_S = 3.0
_CLIP_SHARE = 0.45
_ABRUPT_S = 1.5
_TOGETHER_S = 0.6
_SHORT_S = 2.5
_STANDING_S = 3.0
_STILL_S = 5.0
_POINTER_SIZE = 250  # pixels of a picture 480 wide
_FIGURE_SIZE = 100
_OVERLAP = 0.2
_LEAST_EXCHANGE = 3
_PICTURE_WIDE = 0.08  # of the blocks
_BALANCE = 0.35  # of the ink that goes and the ink that comes
_LOOK_AHEAD_S = 60.0
_LOOK_AHEAD_VIEWS = 60


class ChangeClassifier:
    """Judges patches of one view beside one slide."""

    def __init__(self, comparer: Comparer, views: ViewSpool, index: int, run: SlideOccurrence, previous_s: float) -> None:
        """`index`: the view's among `views`; `previous_s`: when the view before it began."""
        self._comparer, self._views, self._index, self._run, self._previous_s = comparer, views, index, run, previous_s
        self._grid = comparer.grid
        self._view = views[index]

    def kind(self, patch: ChangedRegion, patches: list[ChangedRegion], ink: float, local: bool) -> Kind:
        """`local`: most of the slide is as before, so that what changed may be something in front of it."""
        comparer, view, run = self._comparer, self._view, self._run
        if any(comparer.equal(patch, state, view.picture) for _, state in run.history[:-1]):
            return "returned"
        if self._is_clip(patch) and patch.gone < 0.8 * ink and comparer.share(patch) < _CLIP_SHARE:
            return "clip"
        if patch.is_dimmed:
            return "same"
        place = patch.blocks(self._grid)
        if run.passing is not None and run.passing[place].any() and not view.changed[place].any():
            return "passing"
        if patch.size < _POINTER_SIZE and (self.has_trail(patch) or any(_has_moved(patch, other) for other in patches)):
            stays = (patch.only_adds or is_balanced(patch)) and not self._comes_back(patch)
            if not stays:
                return "passing"
        if patch.only_adds and patch.gone < MUCH * ink:
            return "added"
        if local and self._goes_away(patch):
            return "covering"
        return "erased" if patch.only_loses else "replaced"

    def _is_clip(self, patch: ChangedRegion) -> bool:
        view, place = self._view, patch.blocks(self._grid)
        return float(view.lived[place].mean()) > 0.5 or float(np.median((view.arrived_s - view.began_s)[place])) >= CLIP_S

    def has_trail(self, patch: ChangedRegion) -> bool:
        """Something came here from nearby and left no trace on its way: a pointer."""
        view = self._view
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

    def arrives_at_once(self, patch: ChangedRegion) -> bool:
        view, place = self._view, patch.blocks(self._grid)
        fresh = view.changed[place]
        if not fresh.any():
            return False
        came, began = view.came_s[place][fresh], view.began_s[place][fresh]
        first, last = np.percentile(came, (20, 80))
        return float(last - first) <= _TOGETHER_S and float(np.median(came - began)) <= _ABRUPT_S

    def _goes_away(self, patch: ChangedRegion) -> bool:
        """Whether the place looks as before again soon; what came at once must leave very soon, and nobody stands still for long."""
        view, run = self._view, self._run
        pointer_like = patch.size < _POINTER_SIZE and patch.lost < 0.5 * (patch.gained + patch.covered)
        horizon_s = _SHORT_S if self.arrives_at_once(patch) and not pointer_like else _LOOK_AHEAD_S
        shown, since_s = view.picture, view.start_s
        for ahead in self._ahead(view.start_s + horizon_s):
            if self._comparer.equal(patch, run.full, ahead.picture):
                return True
            if not self._comparer.equal(patch, shown, ahead.picture):
                shown, since_s = ahead.picture, ahead.start_s
            elif patch.size > _POINTER_SIZE and ahead.end_s - since_s > _STILL_S:
                return False
        return False

    def _comes_back(self, patch: ChangedRegion) -> bool:
        """Whether the place will look as before while the slide lasts."""
        full, until_s = self._run.full, self._view.start_s + _LOOK_AHEAD_S
        return any(self._comparer.equal(patch, full, ahead.picture) for ahead in self._ahead(until_s))

    def is_exchange(self, patch: ChangedRegion) -> bool:
        """Ink that had stood gave way at one blow to other ink that stays: a number that changed, not a pen at work."""
        view, run = self._view, self._run
        if not is_balanced(patch) or not self.arrives_at_once(patch):
            return False
        if run.unsure is not None and run.unsure[patch.blocks(self._grid)].any():
            return False
        if self._is_beside(patch, view.live | run.lived) or self._comparer.is_shifted(patch, run.full, view.picture):
            return False
        before = [state for time_s, state in run.history if time_s <= view.start_s - _STANDING_S][-1:]
        if not all(self._comparer.equal(patch, state, run.full) for state in before):
            return False
        return all(self._comparer.equal(patch, view.picture, ahead.picture) for ahead in self._ahead(view.start_s + _STANDING_S))

    def _is_beside(self, patch: ChangedRegion, live: Mask) -> bool:
        """Whether it is at the rim of what moves habitually, and so belongs to it."""
        rows, columns = patch.blocks(self._grid)
        return bool(live[max(0, rows.start - 2) : rows.stop + 2, max(0, columns.start - 2) : columns.stop + 2].any())

    def _ahead(self, until_s: float) -> Iterator[StableFrame]:
        """The next views that show the slide still."""
        for later in range(self._index + 1, min(self._index + _LOOK_AHEAD_VIEWS, len(self._views))):
            view = self._views[later]
            if view.start_s > until_s or self._comparer.kept(self._run.full, view.picture) < 0.5:
                return
            yield view


def _has_moved(patch: ChangedRegion, other: ChangedRegion) -> bool:
    """Whether one thing may have gone from one of the places to the other: of its size and shape, ink lost here and gained there."""
    if other is patch or max(other.size, patch.size) > 1.4 * min(other.size, patch.size):
        return False
    sides = zip(patch.pixels.shape, other.pixels.shape, strict=True)
    if any(max(a, b) > 1.3 * min(a, b) for a, b in sides):
        return False
    here, there = patch.gained - patch.lost, other.gained - other.lost
    return here * there < 0 and abs(here) > 0.3 * patch.size and abs(there) > 0.3 * other.size


def is_balanced(patch: ChangedRegion) -> bool:
    """Whether about as much ink comes as goes; small figures always overlap, a pointer only bares what is under it."""
    less, more = sorted((patch.lost, patch.gained))
    overlaps = patch.size > _FIGURE_SIZE or patch.covered > _OVERLAP * patch.size
    return overlaps and less > max(_LEAST_EXCHANGE, _BALANCE * more)
