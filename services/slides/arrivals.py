"""When new content was fully shown."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from services.slides.comparison import ChangedRegion, Comparer
from services.slides.frame_spool import StableFrame
from services.slides.grid import Mask, Times
from services.slides.occurrences import SlideOccurrence
from services.slides.parameters import SegmentationParameters
from services.slides.quantiles import fullest_window, higher_percentile, median, percentile


class Arrivals:
    """Finds the blocks of changed regions, and the times at which what they show had come."""

    def __init__(self, comparer: Comparer, parameters: SegmentationParameters) -> None:
        self._comparer, self._parameters = comparer, parameters

    def blocks_of(self, regions: Iterable[ChangedRegion], frame: StableFrame) -> Mask:
        blocks = np.zeros_like(frame.changed_blocks)
        for region in regions:
            blocks[region.block_window(self._comparer.grid)] = True
        return blocks

    def shown_since_s(self, regions: Iterable[ChangedRegion], frame: StableFrame, occurrence: SlideOccurrence) -> float:
        """Return the time since which the new content of the regions is fully shown.

        With a shaking camera all of it moves all the time; then it is the time at which most of the picture changed, or was still.
        """
        if self._comparer.diff.shaky:
            return max(min(frame.peak_motion_s, frame.start_s), occurrence.start_s)
        blocks = self.blocks_of(regions, frame) & frame.changed_blocks
        if not blocks.any():
            return max(frame.start_s, occurrence.start_s)
        new_blocks = blocks & self._comparer.blocks_with_edges(frame.image)
        blocks = new_blocks if new_blocks.any() else blocks  # old content may have gone long before
        return max(fully_shown_s(frame.last_strong_motion_s[blocks], self._parameters), occurrence.start_s)

    def paper_shown_s(self, frame: StableFrame, start_s: float) -> float | None:
        """Return when the paper was shown on which the slide is written from then on; None if it came with its content.

        Then most of the picture changed at once, what has changed since began to do so later, and it took its time.
        """
        parameters, peak_s = self._parameters, frame.peak_motion_s
        is_black = median(frame.image) <= self._comparer.max_black
        if (
            self._comparer.diff.shaky
            or is_black
            or start_s - peak_s <= parameters.min_paper_s
            or frame.peak_share < parameters.min_paper_share
        ):
            return None
        changed = frame.changed_blocks & ~frame.moving_blocks
        if not changed.any():
            return None
        ends_s = frame.last_strong_motion_s[changed]
        is_late = ends_s > peak_s + parameters.simultaneous_s
        goes_on = is_late & (frame.burst_start_s[changed] <= peak_s)
        _, together = fullest_window(ends_s[is_late], parameters.simultaneous_s) if is_late.any() else (peak_s, 0.0)
        is_restless = goes_on.mean() > parameters.max_restless_paper_share
        comes_at_once = together * is_late.mean() > parameters.max_later_share
        return None if is_restless or comes_at_once else peak_s

    def arrival_s(self, blocks: Mask, frame: StableFrame) -> float:
        """Return when new content was fully shown; when it began to come, if it came part by part for long, as writing by hand does."""
        times, parameters = frame.last_strong_motion_s[blocks], self._parameters
        begin_s, shown_s = percentile(frame.burst_start_s[blocks], parameters.leaving_percentile), fully_shown_s(times, parameters)
        _, share = fullest_window(times, parameters.simultaneous_s)
        return shown_s if share >= parameters.simultaneous_share or shown_s - begin_s <= parameters.leaving_s else begin_s


def fully_shown_s(times_s: Times, parameters: SegmentationParameters, shown_percentile: float | None = None) -> float:
    """Return when a new slide was fully shown, from the times at which its blocks were.

    If most blocks came together, the others moved later and do not count; otherwise the blocks came one after another.
    """
    last_s, share = fullest_window(times_s, parameters.simultaneous_s)
    if share >= parameters.simultaneous_share:
        return last_s
    return higher_percentile(times_s, parameters.shown_percentile if shown_percentile is None else shown_percentile)
