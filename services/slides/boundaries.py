"""Where the next slide begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.slides.arrivals import Arrivals
from services.slides.camera_alignment import exchanged_share
from services.slides.comparison import ChangedRegion, Comparer
from services.slides.frame_spool import StableFrame
from services.slides.grid import Mask
from services.slides.likeness import shows_other_heading
from services.slides.occurrences import SlideOccurrence
from services.slides.parameters import Parameters
from services.slides.quantiles import median, percentile
from services.slides.slide_changes import Changes
from services.slides.writing import is_gradual


@dataclass(frozen=True)
class Boundary:
    """`exchanged_blocks`: whose change began the slide; `replaced_blocks`: the same if replacements began it and hardly more was lost."""

    start_s: float
    exchanged_blocks: Mask | None = None
    replaced_blocks: Mask | None = None


class BoundaryFinder:
    """Decides whether a stable frame shows the next slide."""

    def __init__(self, comparer: Comparer, arrivals: Arrivals, always_hidden_pixels: Mask, parameters: Parameters) -> None:
        self._comparer, self._arrivals, self._always_hidden_pixels = comparer, arrivals, always_hidden_pixels
        self._all_parameters, self._parameters = parameters, parameters.segmentation
        self._major_share = parameters.classification.major_share

    def find(self, changes: Changes, frame: StableFrame, occurrence: SlideOccurrence) -> Boundary | None:
        """Return where the next slide begins; None if this slide is still shown."""
        end_of_blank_s = self._end_of_blank_s(changes, frame, occurrence)
        if end_of_blank_s is not None:
            return Boundary(end_of_blank_s)
        boundary = self._find(changes, frame, occurrence)
        return self._find_filmed_by_hand(changes, frame, occurrence) if boundary is None and self._comparer.diff.shaky else boundary

    def _find_filmed_by_hand(self, changes: Changes, frame: StableFrame, occurrence: SlideOccurrence) -> Boundary | None:
        """Return the boundary if much of the slide is gone after the camera's sway is undone, and not behind somebody who goes on."""
        regions, parameters = [region for region, _ in changes.items], self._all_parameters.alignment
        is_person = changes.of_kind("occluder") and frame.end_s - frame.start_s <= self._all_parameters.classification.max_still_s
        if is_person or not regions:
            return None
        share = exchanged_share(occurrence.image, frame.image, self.hidden_pixels(frame, occurrence), self._comparer, parameters)
        if share < parameters.min_boundary_share:
            return None
        return Boundary(self._arrivals.shown_since_s(regions, frame, occurrence), self._arrivals.blocks_of(regions, frame))

    def _end_of_blank_s(self, changes: Changes, frame: StableFrame, occurrence: SlideOccurrence) -> float | None:
        """Return when a slide came on a blank picture; None if nothing did, or only a stroke on paper that has just been shown.

        Empty paper on which someone begins to write at once belongs to the slide that is written. Black is no paper.
        """
        if not self._comparer.is_blank(occurrence.image) or self._comparer.is_blank(frame.image):
            return None
        parameters = self._parameters
        sudden = [region for region, _ in changes.items if changes.classifier.appears_at_once(region)]
        if sum(self._comparer.frame_share(region) for region in sudden) >= parameters.min_slide_share:
            return self._arrivals.shown_since_s(sudden, frame, occurrence)
        blocks = self._arrivals.blocks_of((region for region, _ in changes.items), frame) & frame.changed_blocks
        if not blocks.any():
            return None
        written_s = percentile(frame.burst_start_s[blocks], parameters.leaving_percentile)
        is_paper = median(occurrence.image) > self._all_parameters.comparison.max_black
        if is_paper and written_s - occurrence.start_s <= parameters.max_paper_s:
            return None
        return max(self._arrivals.arrival_s(blocks, frame), occurrence.start_s)

    def _find(self, changes: Changes, frame: StableFrame, occurrence: SlideOccurrence) -> Boundary | None:
        # A large loss is a new slide. If this one was largely erased and nothing more is lost, the new one began with the erasure.
        vanished_regions = [region for region in changes.of_kind("replaced", "erased") if not self._was_occluder(region, occurrence)]
        replaced_regions = [region for region in vanished_regions if not region.only_loses]
        if self._is_developed(changes, frame, occurrence):
            return None
        if self._is_new_slide(changes, vanished_regions, replaced_regions):
            if occurrence.erased_at_s is not None and self._only_adds(frame, occurrence):
                return Boundary(occurrence.erased_at_s)
            start_s = self._arrivals.shown_since_s(replaced_regions or self._with_additions(vanished_regions, changes), frame, occurrence)
            return Boundary(start_s, self._arrivals.blocks_of(replaced_regions, frame))
        # A smaller loss by sudden changes is a new slide if they bring other foreground instead.
        sudden = self._sudden_changes(changes)
        if any(self._is_exchange(part, px) for part, px in changes.foreground.parts(sudden)):
            return Boundary(self._arrivals.shown_since_s(sudden, frame, occurrence), self._arrivals.blocks_of(sudden, frame))
        # A replacement is a new slide, however small; with a shaking camera it cannot be distinguished from motion.
        recoding_strength = self._comparer.recoding_strength(changes.of_kind("recoded"))
        replacements = [
            region for region in replaced_regions if region.strength > recoding_strength and changes.classifier.is_replacement(region)
        ]
        if replacements and not self._comparer.diff.shaky:
            blocks = self._arrivals.blocks_of(replacements, frame)
            missing_px = sum(region.missing_px for region in vanished_regions)
            hardly_more = missing_px <= self._all_parameters.revisits.max_mixed_share * changes.foreground.whole_px
            return Boundary(self._arrivals.shown_since_s(replacements, frame, occurrence), blocks, blocks if hardly_more else None)
        # Another heading is a new slide, also in the margin, where a clock is no replacement.
        headings = [region for region in replaced_regions if changes.classifier.appears_at_once(region)]
        if headings and not self._comparer.diff.shaky and self.shows_other_heading(headings, frame, occurrence):
            return Boundary(self._arrivals.shown_since_s(headings, frame, occurrence), self._arrivals.blocks_of(headings, frame))
        # New content on a largely erased slide belongs to a new slide, which began with the erasure.
        if occurrence.erased_at_s is not None:
            new = changes.of_kind("added", "replaced")
            if any(region.size_px >= self._parameters.min_rewritten_px for region in new):
                return Boundary(occurrence.erased_at_s)
        return None

    def shows_other_heading(self, regions: Sequence[ChangedRegion], frame: StableFrame, occurrence: SlideOccurrence) -> bool:
        """Whether one of the regions in which the stable frame differs from the slide is a heading."""
        pictures, hidden_pixels = (occurrence.image, frame.image), self.hidden_pixels(frame, occurrence)
        return shows_other_heading(regions, pictures, hidden_pixels, self._comparer, self._all_parameters.revisits)

    def _is_developed(self, changes: Changes, frame: StableFrame, occurrence: SlideOccurrence) -> bool:
        """Whether an animation goes on with a slide that it has written: much of that stays, and more comes than goes, but not at once."""
        writing = occurrence.writing
        if writing is None or not writing.is_written or occurrence.erased_at_s is not None:
            return False
        parameters = self._all_parameters.writing
        kept_edges = self._comparer.edges(occurrence.image) & self._comparer.grid.to_pixels(writing.blocks)
        kept_edges &= ~self.hidden_pixels(frame, occurrence)
        min_kept = parameters.min_kept_share * np.count_nonzero(kept_edges)
        for region, kind in changes.items:
            if kind not in ("recoded", "dimmed", "faded"):
                kept_edges[region.window] &= ~region.component
        if np.count_nonzero(kept_edges) < min_kept:
            return False
        regions = changes.of_kind("added", "replaced")
        missing_px, gained_px = sum(region.missing_px for region, _ in changes.items), sum(region.gained_px for region in regions)
        needed_share = self._parameters.regained_share if missing_px <= self._major_share * changes.foreground.whole_px else 1.0
        blocks = self._arrivals.blocks_of(regions, frame) & frame.changed_blocks & self._comparer.blocks_with_edges(frame.image)
        return gained_px > needed_share * missing_px and is_gradual(frame, blocks, parameters)

    def _is_new_slide(self, changes: Changes, vanished_regions: list[ChangedRegion], replaced_regions: list[ChangedRegion]) -> bool:
        """Whether so much foreground is gone that this is another slide."""
        frame_share = sum(self._comparer.frame_share(region) for region in vanished_regions)
        min_share = self._major_share if frame_share <= self._parameters.wide_share else self._parameters.wide_loss_share
        reverted_regions = changes.of_kind("reverted") if replaced_regions else []
        parts = zip(changes.foreground.parts(vanished_regions), changes.foreground.parts(reverted_regions), strict=True)
        for (vanished, foreground_px), (reverted, _) in parts:
            missing_px, reverted_px = sum(region.missing_px for region in vanished), sum(region.lost_px for region in reverted)
            if reverted_px > self._major_share * foreground_px:
                missing_px += reverted_px
            if missing_px > min_share * foreground_px:
                return True
        return False

    def _with_additions(self, vanished_regions: list[ChangedRegion], changes: Changes) -> list[ChangedRegion]:
        """Add what came elsewhere, if it makes up for what went: it tells when the new slide was there."""
        added_regions = changes.of_kind("added")
        gained_px, missing_px = sum(region.gained_px for region in added_regions), sum(region.missing_px for region in vanished_regions)
        return [*vanished_regions, *added_regions] if gained_px > self._parameters.regained_share * missing_px else vanished_regions

    def _is_exchange(self, sudden_regions: Sequence[ChangedRegion], foreground_px: float) -> bool:
        """Whether a good part of the foreground went at once and other foreground came instead."""
        lost_px, gained_px = sum(region.lost_px for region in sudden_regions), sum(region.gained_px for region in sudden_regions)
        if lost_px <= self._parameters.sudden_loss_share * foreground_px or gained_px <= self._parameters.regained_share * lost_px:
            return False
        return any(region.gained_px > region.lost_px for region in sudden_regions)

    def _sudden_changes(self, changes: Changes) -> list[ChangedRegion]:
        """Return the changes that came at once.

        With a shaking camera, leave out those that may be a pointer or a hand, unless two-way changes are in several places.
        """
        classifier = changes.classifier
        sudden = [region for region in changes.of_kind("replaced", "erased", "added") if classifier.appears_at_once(region)]
        two_way_changes = sum(region.lost_px > 0 and region.gained_px > 0 for region in sudden)
        if self._comparer.diff.shaky and two_way_changes < self._parameters.min_shaky_two_way_changes:
            return [region for region in sudden if not region.is_small or not classifier.has_trail(region)]
        return sudden

    def _was_occluder(self, region: ChangedRegion, occurrence: SlideOccurrence) -> bool:
        """Whether the region only lost foreground that moved when the slide's current image was taken: a person in front of the slide."""
        unstable_blocks = occurrence.unstable_blocks[region.block_window(self._comparer.grid)]
        return region.only_loses and float(unstable_blocks.mean()) > self._parameters.occluder_share

    def _only_adds(self, frame: StableFrame, occurrence: SlideOccurrence) -> bool:
        """Whether the stable frame shows all that the one before it showed, but for as little as a pointer or a tooltip."""
        hidden_pixels = self.hidden_pixels(frame, occurrence)
        regions = self._comparer.find_regions(occurrence.history[-1][1], frame.image, hidden_pixels)
        lost_px = sum(region.missing_px for region in regions if not region.only_adds)
        return lost_px <= self._all_parameters.comparison.minor_share * sum(region.gained_px for region in regions)

    def hidden_pixels(self, frame: StableFrame, occurrence: SlideOccurrence) -> Mask:
        """Return the pixels that are not compared."""
        return self._comparer.hidden_pixels(occurrence.moving_blocks, frame.moving_blocks) | self._always_hidden_pixels
