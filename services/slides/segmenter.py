"""Assignment of stable frames to slides: which are states of one slide, and where the next slide begins.

docs/slides.md, "Terms", explains the words used here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from services.slides.arrivals import Arrivals, fully_shown_s
from services.slides.boundaries import BoundaryFinder
from services.slides.change_classifier import ChangeClassifier, ChangeKind
from services.slides.comparison import ChangedRegion, Comparer
from services.slides.decoder import GrayImage
from services.slides.frame_spool import StableFrame, StableFrameSpool
from services.slides.grid import Mask
from services.slides.insertions import is_pushed_down
from services.slides.moved_objects import MovedObjectFinder
from services.slides.occurrences import SlideOccurrence
from services.slides.panes import common_pane, find_pane, holds_content
from services.slides.parameters import Parameters
from services.slides.quantiles import median, percentile
from services.slides.slide_changes import Changes, Foreground
from services.slides.writing import Writing, times_until_pause


class Segmenter:
    """Goes through the stable frames of a recording and yields the occurrences of slides."""

    def __init__(
        self,
        comparer: Comparer,
        frames: StableFrameSpool,
        always_hidden: Mask,
        often_moving: Mask,
        slide_area: Mask,
        first_s: float,
        first_image: GrayImage,
        parameters: Parameters,
    ) -> None:
        """`first_s`, `first_image`: the first sample; blocks in `always_hidden` are not compared; `slide_area`: that slides change.

        Where blocks in `often_moving` are near, a small replacement is no new slide.
        """
        self._comparer, self._frames, self._first_s, self._first_image = comparer, frames, first_s, first_image
        self._all_parameters, self._parameters = parameters, parameters.segmentation
        self._min_absence_s = parameters.stable_frames.min_absence_s
        self._major_share = parameters.classification.major_share
        self._grid = comparer.grid
        self._slide_area, self._outside_pixels = slide_area, ~comparer.grid.to_pixels(slide_area)
        self._often_moving = often_moving
        self._always_hidden_pixels = comparer.grid.to_pixels(always_hidden)
        self._arrivals = Arrivals(comparer, self._parameters)
        self._boundaries = BoundaryFinder(comparer, self._arrivals, self._always_hidden_pixels, parameters)
        self._moved_objects = MovedObjectFinder(comparer, frames, self._always_hidden_pixels, parameters.moved_objects)
        self._previous_s = first_s

    def segment(self) -> Iterator[SlideOccurrence]:
        """Yield the occurrences in time order; only the current one is in memory."""
        occurrence: SlideOccurrence | None = None
        for index in range(len(self._frames)):
            frame = self._frames[index]
            if occurrence is None:
                occurrence = self._start_first(frame)
            else:
                changes = self._classify_changes(index, frame, occurrence, self._boundaries.hidden_pixels(frame, occurrence))
                boundary = self._boundaries.find(changes, frame, occurrence)
                if boundary and (changes_in_pane := self._stays_in_pane(changes, index, frame, occurrence)):
                    changes, boundary = changes_in_pane, None
                if boundary and self._has_insertion(changes, frame, occurrence):
                    changes, boundary = changes.as_added(), None
                if boundary is None:
                    occurrence.end_absence(frame.start_s, self._min_absence_s)
                    if not self._is_covered_by_film(frame, occurrence):
                        self._update(changes, frame, occurrence)
                    elif occurrence.covered_since_s is None:
                        occurrence.covered_since_s = median(frame.burst_start_s[frame.moving_blocks & ~occurrence.moving_blocks])
                else:
                    if (paper_s := self._arrivals.paper_shown_s(frame, boundary.start_s)) is not None:
                        boundary = replace(boundary, start_s=paper_s)
                    self._end(occurrence, frame, boundary.start_s)
                    yield occurrence
                    outlasting_blocks = self._find_outlasting(frame, occurrence)
                    occurrence = self._start(frame, boundary.start_s, frame.changed_blocks)
                    occurrence.outlasting_blocks = outlasting_blocks
                    occurrence.replaced_blocks, occurrence.exchanged_blocks = boundary.replaced_blocks, boundary.exchanged_blocks
            occurrence.end_s = frame.end_s
            occurrence.absences += frame.absences
            self._previous_s = frame.start_s
        if occurrence is not None:
            occurrence.end_s = occurrence.end_absence(occurrence.end_s, self._min_absence_s)
            self._undo_last_state(occurrence)
            yield occurrence

    def _start(self, frame: StableFrame, start_s: float, new_blocks: Mask) -> SlideOccurrence:
        occurrence = SlideOccurrence.from_stable_frame(frame, start_s, self._all_parameters.occurrences)
        occurrence.new_blocks = new_blocks
        content = self._comparer.blocks_with_edges(frame.image) & ~frame.moving_blocks & ~self._comparer.overlay_blocks
        occurrence.writing = writing = Writing.of(frame, start_s, content, new_blocks, self._all_parameters.writing)
        if frame.sudden_s is not None:
            occurrence.start_s = frame.sudden_s
        elif writing.is_written and not self._comparer.diff.shaky:
            times_s = times_until_pause(frame.last_strong_motion_s[writing.blocks], self._all_parameters.writing)
            shown_s = fully_shown_s(times_s, self._parameters, self._all_parameters.writing.shown_percentile)
            is_short = shown_s - writing.begun_s <= self._all_parameters.writing.max_writing_s
            occurrence.start_s = max(start_s, shown_s) if is_short else start_s
        return occurrence

    def _start_first(self, frame: StableFrame) -> SlideOccurrence:
        """Return the first occurrence; it starts with the recording, unless the slide came in the first seconds."""
        blocks = self._comparer.blocks_with_edges(frame.image) & (frame.last_strong_motion_s > self._first_s)
        if self._is_shown_at_first(frame) or not blocks.any():
            return SlideOccurrence.from_stable_frame(frame, self._first_s, self._all_parameters.occurrences)
        return self._start(replace(frame, sudden_s=None), self._arrivals.arrival_s(blocks, frame), blocks)

    def _is_shown_at_first(self, frame: StableFrame) -> bool:
        """Whether the first sample shows most of the slide's foreground, and not by chance: faces have edges everywhere."""
        comparer, parameters = self._comparer, self._all_parameters.stable_frames
        if comparer.common_share(frame.image, self._first_image) <= self._parameters.shown_at_first_share:
            return False
        content = comparer.blocks_with_edges(frame.image) & self._slide_area & ~frame.moving_blocks
        differs = self._grid.changed_blocks(comparer.diff.threshold_difference(self._first_image, frame.image))
        is_absent = np.count_nonzero(content & differs) > parameters.absent_share * np.count_nonzero(content)
        return comparer.diff.shaky or not is_absent

    def _undo_last_state(self, occurrence: SlideOccurrence) -> None:
        """Take back a brief state in which something is missing: a menu that ends the recording hides it."""
        is_brief = occurrence.latest_state_s < self._all_parameters.revisits.brief_s
        if occurrence.previous_best_frame and occurrence.is_reduced and is_brief:
            occurrence.best_frame = occurrence.previous_best_frame
            if occurrence.builds:
                occurrence.image = occurrence.builds.pop().image

    def _find_outlasting(self, frame: StableFrame, occurrence: SlideOccurrence) -> Mask | None:
        """Return the blocks of what came during an occurrence and is still there when most else was exchanged: a notification."""
        (_, first), (_, last) = occurrence.history[0], occurrence.history[-1]
        grid, diff = self._grid, self._comparer.diff
        exchanged, came = (grid.changed_blocks(diff.threshold_difference(last, each)) for each in (frame.image, first))
        shown = self._comparer.blocks_with_edges(last)
        outlasting, rest = shown & came & ~exchanged, shown & ~came
        exchanged_count = int(np.count_nonzero(rest & exchanged))
        is_exchanged = exchanged_count > self._parameters.outlasted_share * np.count_nonzero(rest)
        is_small = 0 < np.count_nonzero(outlasting) <= self._parameters.max_outlasting_ratio * exchanged_count
        return outlasting if is_exchanged and is_small else None

    def _end(self, occurrence: SlideOccurrence, frame: StableFrame, start_s: float) -> None:
        absent_since_s = occurrence.end_absence(start_s, self._min_absence_s)
        left_s = min(absent_since_s, self._change_start_s(frame, occurrence, start_s))
        if occurrence.covered_since_s is not None:
            left_s = min(left_s, occurrence.covered_since_s)
        occurrence.end_s = max(occurrence.start_s, left_s)
        empty_s = start_s - occurrence.end_s
        occurrence.leaves_empty = frame.departed_s is not None and empty_s > self._all_parameters.revisits.join_gap_s
        margin_s = self._parameters.best_frame_margin_s if occurrence.is_best_fading else 0.0
        if occurrence.previous_best_frame and occurrence.best_frame.time_s > occurrence.end_s - margin_s:
            occurrence.best_frame = occurrence.previous_best_frame

    def _change_start_s(self, frame: StableFrame, occurrence: SlideOccurrence, start_s: float) -> float:
        """Return the time at which the change that led to this stable frame began, if it is not hidden."""
        visible = ~self._comparer.hidden_blocks(occurrence.moving_blocks, frame.moving_blocks)
        times = frame.burst_start_s[frame.changed_blocks & visible]
        times = times[times > start_s - self._parameters.leaving_s]
        begin_s = percentile(times, self._parameters.leaving_percentile) if times.size else start_s
        return begin_s if frame.departed_s is None else min(begin_s, frame.departed_s)

    def _classify_changes(self, index: int, frame: StableFrame, occurrence: SlideOccurrence, hidden_pixels: Mask) -> Changes:
        """Classify the regions in which the stable frame differs from the slide."""
        foreground = self._measure_foreground(occurrence, hidden_pixels)
        regions = self._comparer.find_regions(occurrence.image, frame.image, hidden_pixels)
        classifier = ChangeClassifier(
            self._comparer,
            self._frames,
            self._moved_objects,
            self._often_moving,
            index,
            occurrence,
            self._previous_s,
            self._picture_rows(frame.image),
            self._all_parameters.classification,
        )
        is_local = self._is_local(regions, foreground)
        items = [(region, classifier.classify(region, regions, foreground.around(region), is_local)) for region in regions]
        return Changes(items, foreground, classifier)

    def _measure_foreground(self, occurrence: SlideOccurrence, hidden_pixels: Mask) -> Foreground:
        """Measure the foreground of the whole picture, and that of the area that slides change or of the pane that shows them."""
        least_px = self._parameters.min_foreground_px
        whole_px = area_px = max(least_px, self._comparer.foreground_px(occurrence.image, hidden_pixels))
        area = self._slide_area
        if not area.all():
            area_px = max(least_px, self._comparer.foreground_px(occurrence.image, hidden_pixels | self._outside_pixels))
        pane = find_pane(occurrence.image, self._all_parameters.panes, self._parameters.min_pane_side_share)
        if pane is not None:
            outside_pixels = pane.within_border().outside(hidden_pixels.shape)
            pane_px = max(least_px, self._comparer.foreground_px(occurrence.image, hidden_pixels | outside_pixels))
            if pane_px < area_px:
                area, area_px = pane.blocks(self._grid), pane_px
        return Foreground(whole_px, area_px, area, self._grid, self._parameters.inside_share)

    def _picture_rows(self, image: GrayImage) -> tuple[int, int]:
        """Return the first row below the upper black bar and the first one of the lower bar, if all that slides change is in between."""
        side, height = self._grid.side, self._grid.height
        area_rows = np.flatnonzero((~self._outside_pixels).any(1))
        shown_rows = np.flatnonzero(image.max(1) > self._all_parameters.comparison.max_black)
        if shown_rows.size == 0 or shown_rows[0] > area_rows[0] + side or shown_rows[-1] < area_rows[-1] - side:
            return 0, height
        return int(shown_rows[0]), int(shown_rows[-1]) + 1

    def _is_local(self, regions: Sequence[ChangedRegion], foreground: Foreground) -> bool:
        """Whether most of the slide is unchanged."""
        if sum(not region.only_adds and not region.only_loses for region in regions) > self._parameters.max_local_mixed_changes:
            return False
        losses = [
            region for region in regions if not region.only_adds or region.missing_px >= self._major_share * foreground.around(region)
        ]
        return all(sum(region.missing_px for region in part) < self._parameters.local_share * px for part, px in foreground.parts(losses))

    def _stays_in_pane(self, changes: Changes, index: int, frame: StableFrame, occurrence: SlideOccurrence) -> Changes | None:
        """Return what changed in the pane that both pictures have; None if that is a boundary too, or the heading above it changed."""
        pictures, parameters = (occurrence.image, frame.image), self._all_parameters
        pane = common_pane((find_pane(pictures[0], parameters.panes), find_pane(pictures[1], parameters.panes)), parameters.panes)
        if pane is None or self._comparer.common_share(*(pane.crop(each) for each in pictures)) < parameters.revisits.common_share:
            return None
        hidden_pixels = self._boundaries.hidden_pixels(frame, occurrence)
        if not all(holds_content(pane, each, hidden_pixels, self._comparer, parameters.panes) for each in pictures):
            return None
        regions = [region for region, _ in changes.items]
        if self._boundaries.shows_other_heading(regions, frame, occurrence):
            return None
        changes_in_pane = self._classify_changes(index, frame, occurrence, hidden_pixels | pane.outside(frame.image.shape))
        return changes_in_pane if self._boundaries.find(changes_in_pane, frame, occurrence) is None else None

    def _has_insertion(self, changes: Changes, frame: StableFrame, occurrence: SlideOccurrence) -> bool:
        """Whether new content has pushed down what was below it."""
        replaced_regions, parameters = changes.of_kind("replaced"), self._all_parameters.insertions
        if self._comparer.diff.shaky or occurrence.new_blocks is None or not replaced_regions:
            return False
        region = max(replaced_regions, key=lambda region: region.lost_px)
        if any(
            other.top < region.top and other.missing_px > parameters.max_missing_above_px for other in changes.of_kind("replaced", "erased")
        ):
            return False
        new_pixels = ~self._always_hidden_pixels & self._grid.to_pixels(occurrence.new_blocks)
        return changes.classifier.appears_at_once(region) and is_pushed_down(
            region, occurrence.image, frame.image, new_pixels, self._comparer, parameters
        )

    def _update(self, changes: Changes, frame: StableFrame, occurrence: SlideOccurrence) -> None:
        """Add the stable frame to the slide; keep the slide's earlier pixels where it is occluded, faded or largely erased."""
        erased_regions = changes.of_kind("reverted", "erased")
        lost_px = sum(region.lost_px for region in erased_regions)
        is_largely_erased = self._is_largely_erased(erased_regions, changes, frame, occurrence)
        pointers = changes.of_kind("pointer")
        faded_regions = self._find_faded(changes, occurrence, lost_px)
        erased_or_none = erased_regions if faded_regions or is_largely_erased else []
        hidden_regions = [*changes.of_kind("occluder"), *erased_or_none, *pointers, *faded_regions]
        new_kinds: tuple[ChangeKind, ...] = ("added", "replaced") if faded_regions else ("added", "dimmed", "erased", "replaced")
        starts_new_state = bool(changes.of_kind(*new_kinds)) and not is_largely_erased
        if not is_largely_erased:
            occurrence.erased_at_s = None
        elif occurrence.erased_at_s is None:
            occurrence.erased_at_s = self._arrivals.shown_since_s(erased_regions, frame, occurrence)
        self._continue_writing(changes, frame, occurrence)
        if starts_new_state or (not is_largely_erased and self._goes_back(changes)):
            occurrence.add_build()
        if starts_new_state:
            occurrence.state_since_s = frame.start_s
        brightness_change = abs(median(frame.image) - median(occurrence.image))
        image = frame.image.copy()
        for region in hidden_regions:
            image[region.window][region.pixels] = occurrence.image[region.window][region.pixels]
        occurrence.image, occurrence.covered_since_s = image, None
        occurrence.add_to_history(frame)
        occurrence.pointer_blocks = self._arrivals.blocks_of(pointers, frame)
        occurrence.moving_blocks = frame.moving_blocks
        occurrence.ever_moving_blocks = occurrence.ever_moving_blocks | frame.moving_blocks | frame.recently_moving_blocks
        occurrence.unstable_blocks = frame.unstable_blocks
        occurrence.live_blocks = occurrence.live_blocks | frame.live_blocks
        occlusion_score = sum(region.size_px for region in hidden_regions) + frame.occluded_block_count
        if starts_new_state or occlusion_score <= occurrence.occlusion_score:
            if not occurrence.is_reduced:
                occurrence.previous_best_frame = occurrence.best_frame
            occurrence.best_frame = frame.best_frame
            occurrence.is_best_fading = not starts_new_state and brightness_change >= self._parameters.min_fade
            occurrence.is_reduced = lost_px > sum(region.gained_px for region in changes.of_kind("added"))
            occurrence.occlusion_score = occlusion_score

    def _is_covered_by_film(self, frame: StableFrame, occurrence: SlideOccurrence) -> bool:
        """Whether a film plays where nearly all of the slide's foreground was: what is shown after it is compared with the slide."""
        moving, moved_before = (self._grid.to_pixels(blocks) for blocks in (frame.moving_blocks, occurrence.moving_blocks))
        if not (moving & ~moved_before).any():
            return False
        before_px = self._comparer.foreground_px(occurrence.image, moved_before | self._outside_pixels)
        left_px = self._comparer.foreground_px(occurrence.image, moving | moved_before | self._outside_pixels)
        return left_px < self._parameters.max_left_share * before_px

    def _is_largely_erased(
        self, erased_regions: Sequence[ChangedRegion], changes: Changes, frame: StableFrame, occurrence: SlideOccurrence
    ) -> bool:
        """Whether much of the picture's foreground is gone, or of that of the area that slides change, or all that came part by part."""
        shares = [sum(region.lost_px for region in part) / px for part, px in changes.foreground.parts(erased_regions)]
        return max(shares) > self._parameters.erased_share or (shares[0] > self._major_share and self._is_empty_again(frame, occurrence))

    def _is_empty_again(self, frame: StableFrame, occurrence: SlideOccurrence) -> bool:
        """Whether all that came part by part is gone: the next sheet of paper, whose lines may be most of what it shows."""
        if len(occurrence.builds) < self._parameters.min_parts:
            return False
        (_, first), comparer = occurrence.history[0], self._comparer
        added = comparer.added_edges(first, occurrence.image) & ~self._boundaries.hidden_pixels(frame, occurrence)
        left_count = np.count_nonzero(added & comparer.edges(frame.image))
        return bool(left_count < (1 - self._parameters.erased_added_share) * np.count_nonzero(added))

    def _goes_back(self, changes: Changes) -> bool:
        """Whether the slide went back to an earlier state, so that the present one would be lost."""
        reverted_regions = changes.of_kind("reverted")
        removed_px = sum(region.lost_px - region.gained_px for region in reverted_regions)
        return removed_px > self._all_parameters.revisits.min_added_px

    def _find_faded(self, changes: Changes, occurrence: SlideOccurrence, erased_px: float) -> list[ChangedRegion]:
        """Return the regions with less contrast than before if most of the slide is fading out or erased; none if only a part of it is."""
        faded_regions = [region for region in changes.of_kind("recoded", "dimmed", "clip") if region.is_faded]
        faded_px = sum(self._comparer.region_foreground_px(region, occurrence.image) for region in faded_regions)
        return faded_regions if faded_px + erased_px > self._parameters.fading_share * changes.foreground.whole_px else []

    def _continue_writing(self, changes: Changes, frame: StableFrame, occurrence: SlideOccurrence) -> None:
        """Move the start of a slide that is still being written to the end of what was written last."""
        regions = changes.of_kind("added", "replaced")
        is_large = sum(region.gained_px for region in regions) > self._major_share * changes.foreground.whole_px
        blocks = self._arrivals.blocks_of(regions, frame) & frame.changed_blocks & self._comparer.blocks_with_edges(frame.image)
        if occurrence.writing is None or not blocks.any():
            return
        occurrence.writing.blocks = occurrence.writing.blocks | blocks
        shown_s = fully_shown_s(frame.last_strong_motion_s[blocks], self._parameters)
        start_s = occurrence.writing.start_with(frame, blocks, shown_s, is_large)
        occurrence.start_s = occurrence.start_s if start_s is None else start_s
