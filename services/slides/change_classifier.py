"""Classification of the regions in which a stable frame differs from the slide shown so far.

It looks ahead: an occluder is recognised when the slide reappears behind it. docs/slides.md, "Terms", explains the kinds of change.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np

from services.slides.comparison import ChangedRegion, Comparer, Outline
from services.slides.decoder import GrayImage
from services.slides.frame_spool import StableFrame, StableFrameSpool
from services.slides.grid import Mask
from services.slides.moved_objects import MovedObjectFinder
from services.slides.occurrences import SlideOccurrence
from services.slides.parameters import ClassificationParameters
from services.slides.quantiles import median, percentile

ChangeKind = Literal["added", "erased", "replaced", "reverted", "dimmed", "recoded", "clip", "pointer", "occluder", "uncovered"]


class ChangeClassifier:
    """Classifies the changed regions of one stable frame against one slide."""

    def __init__(
        self,
        comparer: Comparer,
        frames: StableFrameSpool,
        moved_objects: MovedObjectFinder,
        often_moving: Mask,
        index: int,
        occurrence: SlideOccurrence,
        previous_s: float,
        picture_rows: tuple[int, int],
        parameters: ClassificationParameters,
    ) -> None:
        """`index`: of the stable frame among `frames`; `previous_s`: start of the one before; `picture_rows`: between black bars."""
        self._comparer, self._frames, self._index, self._parameters = comparer, frames, index, parameters
        self._moved_objects, self._often_moving = moved_objects, often_moving
        self._occurrence, self._previous_s, self._picture_rows = occurrence, previous_s, picture_rows
        self._grid = comparer.grid
        self._frame = frames[index]

    def classify(self, region: ChangedRegion, regions: Sequence[ChangedRegion], foreground_px: float, is_local: bool) -> ChangeKind:
        """Return the kind of change. `is_local`: most of the slide is unchanged, so that an occluder is possible."""
        frame, occurrence = self._frame, self._occurrence
        if any(self._comparer.shows_again(region, state, frame.image) for _, state in occurrence.history[:-1]):
            return "reverted"
        if self._is_clip(region, foreground_px):
            return "clip"
        if region.is_recoded:
            return "recoded"
        if region.is_dimmed:
            return "dimmed"
        if self._is_pointer(region, regions):
            return "pointer"
        may_be_pointer = not region.only_adds or region.size_px < self._parameters.pointer_px
        if is_local and may_be_pointer and len(regions) <= self._parameters.max_pointer_regions:
            movement = self._moved_objects.find(region, regions, self._index, occurrence.image, frame.image)
            if movement is not None:
                return "pointer" if movement == "came" else "uncovered"
        if self._outlasted_a_slide(region):
            return "uncovered"
        if region.only_adds and region.missing_px < self._parameters.major_share * foreground_px:
            return "added"
        if self._is_brief_box(region, regions) or (is_local and self._leaves_again(region)):
            return "occluder"
        if is_local and self._was_box(region, regions):
            return "uncovered"
        return "erased" if region.only_loses else "replaced"

    def _outlasted_a_slide(self, region: ChangedRegion) -> bool:
        """Whether what goes here came before the slide and stayed when most else was exchanged, so that it was in front of both slides."""
        blocks = self._occurrence.outlasting_blocks
        if blocks is None or region.gained_px > region.missing_px + region.covered_px:
            return False
        shown = self._comparer.blocks_with_edges(self._occurrence.image)[region.block_window(self._grid)]
        outlasting = blocks[region.block_window(self._grid)]
        shown_count = max(1, int(np.count_nonzero(shown)))
        return int(np.count_nonzero(outlasting & shown)) > self._parameters.outlasting_share * shown_count

    def _is_clip(self, region: ChangedRegion, foreground_px: float) -> bool:
        """Whether a film plays here, on a slide of which most is still there."""
        if self._occurrence.covered_since_s is not None:
            return False
        frame, parameters, window = self._frame, self._parameters, region.block_window(self._grid)
        changed = frame.changed_blocks[window]
        motion_s = (frame.last_motion_s - frame.burst_start_s)[window][changed if changed.any() else ...]
        goes_on = median(motion_s) >= parameters.clip_s and not self._occurrence.is_absent
        if float(frame.recently_moving_blocks[window].mean()) <= parameters.clip_motion_share and not goes_on:
            return False
        is_small = self._comparer.frame_share(region) < parameters.clip_max_share
        return is_small and region.missing_px < parameters.clip_max_missing * foreground_px

    def _is_pointer(self, region: ChangedRegion, regions: Sequence[ChangedRegion]) -> bool:
        """Whether a pointer rests here: it did before, or an object of its size has just come or gone and does not stay."""
        window, pointer_blocks = region.block_window(self._grid), self._occurrence.pointer_blocks
        if pointer_blocks is not None and pointer_blocks[window].any() and not self._frame.changed_blocks[window].any():
            return True
        if region.size_px >= self._parameters.pointer_px:
            return False
        if not self.has_trail(region) and not any(self._has_moved(region, other) for other in regions):
            return False
        return not (region.only_adds or self._is_balanced(region)) or self._reverts(region)

    def has_trail(self, region: ChangedRegion) -> bool:
        """Whether something came here from nearby and left no trace on its way: a pointer."""
        frame, parameters = self._frame, self._parameters
        rows, columns = region.block_window(self._grid)
        nearby = np.zeros_like(frame.changed_blocks)
        nearby[_with_margin(rows, columns, parameters.trail_blocks)] = True
        nearby[_with_margin(rows, columns, parameters.trail_gap_blocks)] = False
        end_s = float(frame.last_motion_s[rows, columns].max())
        start_s = max(end_s - parameters.trail_before_s, self._previous_s + parameters.trail_delay_s)
        recent = (frame.last_motion_s > start_s) & (frame.last_motion_s <= end_s + parameters.trail_after_s)
        if (recent & ~frame.moving_blocks).mean() > parameters.trail_max_share:
            return False
        trail = nearby & ~frame.changed_blocks & ~frame.moving_blocks & ~self._comparer.overlay_blocks & recent
        return int(np.count_nonzero(trail)) >= parameters.min_trail_blocks

    def appears_at_once(self, region: ChangedRegion) -> bool:
        """Whether the new content came quickly, all blocks at the same time."""
        frame, parameters, window = self._frame, self._parameters, region.block_window(self._grid)
        changed_blocks = frame.changed_blocks[window]
        if not changed_blocks.any():
            return False
        shown_s, start_s = frame.last_strong_motion_s[window][changed_blocks], frame.burst_start_s[window][changed_blocks]
        first_s, last_s = (percentile(shown_s, percent) for percent in (parameters.early_percentile, parameters.late_percentile))
        return last_s - first_s <= parameters.simultaneous_s and median(shown_s - start_s) <= parameters.abrupt_s

    def _leaves_again(self, region: ChangedRegion) -> bool:
        """Whether the region soon looks as before.

        Foreground that came at once must leave soon, unless it hides what it covers: a pointer, a menu. A person is not still for long.
        """
        frame, parameters = self._frame, self._parameters
        hides = region.lost_px < parameters.hiding_loss_share * (region.gained_px + region.covered_px)
        is_at_once = self.appears_at_once(region)
        horizon_s = parameters.brief_s if is_at_once and not hides else parameters.look_ahead_s
        is_large = self._comparer.frame_share(region) >= parameters.max_overlay_share
        may_be_still = region.size_px <= parameters.pointer_px or (is_at_once and hides and not is_large)
        still_image, since_s = frame.image, frame.start_s
        for later_frame in self._frames_until(frame.start_s + horizon_s):
            if self._comparer.shows_again(region, self._occurrence.image, later_frame.image):
                return True
            if not self._comparer.is_equal(region, still_image, later_frame.image):
                still_image, since_s = later_frame.image, later_frame.start_s
            elif not may_be_still and later_frame.end_s - since_s > parameters.max_still_s:
                return False
        return False

    def _is_brief_box(self, region: ChangedRegion, regions: Sequence[ChangedRegion]) -> bool:
        """Whether a box came in front of the slide and does not stay: a menu, another window."""
        if not self._box_covers(self._find_box(region, regions), self._frame.image, self._occurrence.image):
            return False
        until_s = self._frame.start_s + self._parameters.max_still_s
        for index in range(self._index + 1, min(self._index + self._parameters.look_ahead_frames, len(self._frames))):
            later_frame = self._frames[index]
            if later_frame.start_s > until_s:
                return False
            if not self._comparer.is_equal(region, self._frame.image, later_frame.image):
                return True
        return False

    def _was_box(self, region: ChangedRegion, regions: Sequence[ChangedRegion]) -> bool:
        """Whether a toolbar or a menu in front of the slide is gone; a larger box, which did not go soon, was another page.

        A note that came with the slide and goes soon need not hide anything: how to leave the full screen.
        """
        box = self._find_box(region, regions)
        if box is None or self._comparer.outline_area_share(box) >= self._parameters.max_overlay_share:
            return False
        if region.only_loses and self._frame.start_s - self._occurrence.start_s <= self._parameters.max_still_s:
            return True
        return self._box_covers(box, self._occurrence.image, self._frame.image)

    def _box_covers(self, box: Outline | None, covered: GrayImage, uncovered: GrayImage) -> bool:
        """Whether one image cuts off at the outline of a box what the other one shows whole, and not the other one has that outline."""
        comparer = self._comparer
        if box is None or comparer.outline_share(box, uncovered) - comparer.outline_share(box, covered) > self._parameters.outline_gain:
            return False
        return comparer.is_cut_off(box, covered, uncovered)

    def _find_box(self, region: ChangedRegion, regions: Sequence[ChangedRegion]) -> Outline | None:
        """Return the outline of a box that came or went by itself: hardly any foreground has gone elsewhere.

        With a shaking camera, None: boxes are part of the picture of a screen. So is a box around most of it, such as a window.
        """
        parameters, comparer = self._parameters, self._comparer
        if comparer.diff.shaky or region.size_px < parameters.pointer_px:
            return None
        elsewhere_px = sum(other.missing_px for other in regions if other is not region)
        if elsewhere_px >= parameters.box_elsewhere_share * region.missing_px:
            return None
        box = comparer.find_box(region)
        return box if box and comparer.outline_area_share(box) < parameters.clip_max_share else None

    def _reverts(self, region: ChangedRegion) -> bool:
        """Whether the region will look as before while all else that the slide shows is still there."""
        until_s, min_share = self._frame.start_s + self._parameters.look_ahead_s, 1 - self._parameters.major_share
        return any(
            self._comparer.shows_again(region, self._occurrence.image, later_frame.image)
            for later_frame in self._frames_until(until_s, min_share)
        )

    def is_replacement(self, region: ChangedRegion) -> bool:
        """Whether lasting foreground took the place of other lasting foreground at once, such as a changed number."""
        frame, occurrence, parameters = self._frame, self._occurrence, self._parameters
        if not self._is_balanced(region) or not self.appears_at_once(region) or self._comparer.is_in_margin(region, self._picture_rows):
            return False
        rows, columns = region.block_window(self._grid)
        if occurrence.unstable_blocks[rows, columns].any():
            return False
        motion = frame.moving_blocks | frame.recently_moving_blocks | occurrence.ever_moving_blocks | self._often_moving
        if motion[_with_margin(rows, columns, parameters.motion_margin_blocks)].any():
            return False
        if self._comparer.is_shifted(region, occurrence.image, frame.image) or self._comparer.shows_same_strokes(region):
            return False
        before = [state for time_s, state in occurrence.history if time_s <= frame.start_s - parameters.persistence_s][-1:]
        if not all(self._comparer.is_equal(region, state, occurrence.image) for state in before):
            return False
        until_s = frame.start_s + parameters.persistence_s
        return all(self._comparer.is_equal(region, frame.image, later_frame.image) for later_frame in self._frames_until(until_s))

    def _frames_until(self, until_s: float, min_share: float | None = None) -> Iterator[StableFrame]:
        """Return the next stable frames as long as they show so much of the slide; `min_overlap_ahead` if None."""
        first, parameters = self._index + 1, self._parameters
        share = parameters.min_overlap_ahead if min_share is None else min_share
        for index in range(first, min(self._index + parameters.look_ahead_frames, len(self._frames))):
            frame = self._frames[index]
            if frame.start_s > until_s or self._comparer.common_share(self._occurrence.image, frame.image) < share:
                return
            yield frame

    def _has_moved(self, region: ChangedRegion, other: ChangedRegion) -> bool:
        """Whether one object may have gone from one region to the other: similar size and shape, lost in one and gained in the other."""
        parameters = self._parameters
        small, large = sorted((other.size_px, region.size_px))
        if other is region or large > parameters.moved_size_ratio * small:
            return False
        sides = zip(region.pixels.shape, other.pixels.shape, strict=True)
        if any(max(a, b) > parameters.moved_side_ratio * min(a, b) for a, b in sides):
            return False
        here, there, share = region.gained_px - region.lost_px, other.gained_px - other.lost_px, parameters.moved_share
        return here * there < 0 and abs(here) > share * region.size_px and abs(there) > share * other.size_px

    def _is_balanced(self, region: ChangedRegion) -> bool:
        """Whether the region gains about as much foreground as it loses.

        In a small region both must overlap: a pointer that leaves uncovers other foreground.
        """
        parameters = self._parameters
        smaller, larger = sorted((region.lost_px, region.gained_px))
        overlaps = region.size_px > parameters.figure_px or region.covered_px > parameters.figure_overlap * region.size_px
        return overlaps and smaller > max(parameters.min_replaced_px, parameters.balance_share * larger)


def _with_margin(rows: slice, columns: slice, margin: int) -> tuple[slice, slice]:
    return np.s_[max(0, rows.start - margin) : rows.stop + margin, max(0, columns.start - margin) : columns.stop + margin]
