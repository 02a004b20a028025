"""Assignment of stable frames to slides: which are states of one slide, and where the next slide begins.

docs/slides.md, "Terms", explains the words used here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from services.slides.change_classifier import ChangeClassifier, ChangeKind
from services.slides.comparison import ChangedRegion, Comparer
from services.slides.decoder import GrayImage
from services.slides.frame_spool import StableFrame, StableFrameSpool
from services.slides.grid import Mask, Times
from services.slides.likeness import shows_other_heading
from services.slides.moved_objects import MovedObjectFinder
from services.slides.occurrences import SlideOccurrence
from services.slides.panes import common_pane, find_pane, holds_content
from services.slides.parameters import Parameters, SegmentationParameters
from services.slides.quantiles import higher_percentile, median, percentile
from services.slides.slide_changes import Changes, Foreground
from services.slides.writing import Writing, is_gradual, times_until_pause


class Segmenter:
    """Goes through the stable frames of a recording and yields the occurrences of slides."""

    def __init__(
        self,
        comparer: Comparer,
        frames: StableFrameSpool,
        always_hidden: Mask,
        slide_area: Mask,
        first_s: float,
        first_image: GrayImage,
        parameters: Parameters,
    ) -> None:
        """`first_s`, `first_image`: the first sample; blocks in `always_hidden` are not compared; `slide_area`: that slides change."""
        self._comparer, self._frames, self._first_s, self._first_image = comparer, frames, first_s, first_image
        self._all_parameters, self._parameters = parameters, parameters.segmentation
        self._major_share = parameters.classification.major_share
        self._grid = comparer.grid
        self._slide_area, self._outside_pixels = slide_area, ~comparer.grid.to_pixels(slide_area)
        self._always_hidden_pixels = comparer.grid.to_pixels(always_hidden)
        self._moved_objects = MovedObjectFinder(comparer, frames, self._always_hidden_pixels, parameters.moved_objects)
        self._previous_s = first_s
        self._replaced_blocks: Mask | None = None  # by which the latest boundary was found
        self._exchanged_blocks: Mask | None = None  # with foreground that the latest boundary exchanged

    def segment(self) -> Iterator[SlideOccurrence]:
        """Yield the occurrences in time order; only the current one is in memory."""
        occurrence: SlideOccurrence | None = None
        for index in range(len(self._frames)):
            frame = self._frames[index]
            if occurrence is None:
                occurrence = self._start_first(frame)
            else:
                changes = self._classify_changes(index, frame, occurrence, self._hidden_pixels(frame, occurrence))
                self._replaced_blocks = self._exchanged_blocks = None
                start_s = self._end_of_blank_s(changes, frame, occurrence) or self._find_boundary(changes, frame, occurrence)
                if start_s is not None and (changes_in_pane := self._stays_in_pane(changes, index, frame, occurrence)):
                    changes, start_s = changes_in_pane, None
                if start_s is None:
                    self._update(changes, frame, occurrence)
                else:
                    self._end(occurrence, frame, start_s)
                    yield occurrence
                    outlasting_blocks = self._find_outlasting(frame, occurrence)
                    occurrence = self._start(frame, start_s, frame.changed_blocks)
                    occurrence.outlasting_blocks = outlasting_blocks
                    occurrence.replaced_blocks = self._replaced_blocks
                    occurrence.exchanged_blocks = self._exchanged_blocks
            occurrence.end_s = frame.end_s
            self._previous_s = frame.start_s
        if occurrence is not None:
            self._undo_last_state(occurrence)
            yield occurrence

    def _start(self, frame: StableFrame, start_s: float, new_blocks: Mask) -> SlideOccurrence:
        occurrence = SlideOccurrence.from_stable_frame(frame, start_s, self._all_parameters.occurrences)
        content = self._comparer.blocks_with_edges(frame.image) & ~frame.moving_blocks
        occurrence.writing = writing = Writing.of(frame, start_s, content, new_blocks, self._all_parameters.writing)
        if writing.is_written:
            times_s = times_until_pause(frame.last_strong_motion_s[writing.blocks], self._all_parameters.writing)
            shown_s = _fully_shown_s(times_s, self._parameters, self._all_parameters.writing.shown_percentile)
            is_short = shown_s - writing.begun_s <= self._all_parameters.writing.max_writing_s
            occurrence.start_s = max(start_s, shown_s) if is_short else start_s
        return occurrence

    def _start_first(self, frame: StableFrame) -> SlideOccurrence:
        """Return the first occurrence; it starts with the recording, unless the slide came in the first seconds."""
        blocks = self._comparer.blocks_with_edges(frame.image) & (frame.last_strong_motion_s > self._first_s)
        is_shown_at_first = self._comparer.common_share(frame.image, self._first_image) > self._parameters.shown_at_first_share
        if is_shown_at_first or not blocks.any():
            return SlideOccurrence.from_stable_frame(frame, self._first_s, self._all_parameters.occurrences)
        return self._start(frame, self._arrival_s(blocks, frame), blocks)

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
        occurrence.end_s = max(occurrence.start_s, min(start_s, self._change_start_s(frame, occurrence, start_s)))
        empty_s = start_s - occurrence.end_s
        occurrence.leaves_empty = frame.departed_s is not None and empty_s > self._all_parameters.revisits.join_gap_s
        if occurrence.previous_best_frame and occurrence.best_frame.time_s > occurrence.end_s:
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

    def _hidden_pixels(self, frame: StableFrame, occurrence: SlideOccurrence) -> Mask:
        return self._comparer.hidden_pixels(occurrence.moving_blocks, frame.moving_blocks) | self._always_hidden_pixels

    def _end_of_blank_s(self, changes: Changes, frame: StableFrame, occurrence: SlideOccurrence) -> float | None:
        """Return when a slide came on a blank picture; None if nothing did, or only a stroke on paper that has just been shown.

        Empty paper on which someone begins to write at once belongs to the slide that is written. Black is no paper.
        """
        if not self._comparer.is_blank(occurrence.image) or self._comparer.is_blank(frame.image):
            return None
        parameters = self._parameters
        sudden = [region for region, _ in changes.items if changes.classifier.appears_at_once(region)]
        if sum(self._comparer.frame_share(region) for region in sudden) >= parameters.min_slide_share:
            return self._shown_since_s(sudden, frame, occurrence)
        blocks = self._blocks_of((region for region, _ in changes.items), frame) & frame.changed_blocks
        if not blocks.any():
            return None
        written_s = percentile(frame.burst_start_s[blocks], parameters.leaving_percentile)
        is_paper = median(occurrence.image) > self._all_parameters.comparison.max_black
        if is_paper and written_s - occurrence.start_s <= parameters.max_paper_s:
            return None
        return max(self._arrival_s(blocks, frame), occurrence.start_s)

    def _arrival_s(self, blocks: Mask, frame: StableFrame) -> float:
        """Return when new content was fully shown; when it began to come, if that took long, as writing by hand does."""
        begin_s = percentile(frame.burst_start_s[blocks], self._parameters.leaving_percentile)
        shown_s = _fully_shown_s(frame.last_strong_motion_s[blocks], self._parameters)
        return shown_s if shown_s - begin_s <= self._parameters.leaving_s else begin_s

    def _find_boundary(self, changes: Changes, frame: StableFrame, occurrence: SlideOccurrence) -> float | None:
        """Return the start of the next slide; None if this slide is still shown."""
        # A large loss is a new slide. If this one was largely erased and nothing more is lost, the new one began with the erasure.
        vanished_regions = [region for region in changes.of_kind("replaced", "erased") if not self._was_occluder(region, occurrence)]
        replaced_regions = [region for region in vanished_regions if not region.only_loses]
        if self._is_developed(changes, frame, occurrence):
            return None
        if self._is_new_slide(changes, vanished_regions, replaced_regions):
            if occurrence.erased_at_s is not None and self._only_adds(frame, occurrence):
                return occurrence.erased_at_s
            self._exchanged_blocks = self._blocks_of(replaced_regions, frame)
            return self._shown_since_s(replaced_regions or vanished_regions, frame, occurrence)
        # A smaller loss by sudden changes is a new slide if they bring other foreground instead.
        sudden = self._sudden_changes(changes)
        if any(self._is_exchange(part, px) for part, px in changes.foreground.parts(sudden)):
            self._exchanged_blocks = self._blocks_of(sudden, frame)
            return self._shown_since_s(sudden, frame, occurrence)
        # A replacement is a new slide, however small; with a shaking camera it cannot be distinguished from motion.
        recoding_strength = self._comparer.recoding_strength(changes.of_kind("recoded"))
        replacements = [
            region for region in replaced_regions if region.strength > recoding_strength and changes.classifier.is_replacement(region)
        ]
        if replacements and not self._comparer.diff.shaky:
            self._exchanged_blocks = self._blocks_of(replacements, frame)
            missing_px = sum(region.missing_px for region in vanished_regions)
            if missing_px <= self._all_parameters.revisits.max_mixed_share * changes.foreground.whole_px:  # else it is told apart by that
                self._replaced_blocks = self._exchanged_blocks
            return self._shown_since_s(replacements, frame, occurrence)
        # New content on a largely erased slide belongs to a new slide, which began with the erasure.
        if occurrence.erased_at_s is not None:
            new = changes.of_kind("added", "replaced")
            if any(region.size_px >= self._parameters.min_rewritten_px for region in new):
                return occurrence.erased_at_s
        return None

    def _stays_in_pane(self, changes: Changes, index: int, frame: StableFrame, occurrence: SlideOccurrence) -> Changes | None:
        """Return what changed in the pane that both pictures have; None if that is a boundary too, or the heading above it changed."""
        pictures, parameters = (occurrence.image, frame.image), self._all_parameters
        pane = common_pane((find_pane(pictures[0], parameters.panes), find_pane(pictures[1], parameters.panes)), parameters.panes)
        if pane is None or self._comparer.common_share(*(pane.crop(each) for each in pictures)) < parameters.revisits.common_share:
            return None
        hidden_pixels = self._hidden_pixels(frame, occurrence)
        if not all(holds_content(pane, each, hidden_pixels, self._comparer, parameters.panes) for each in pictures):
            return None
        regions = [region for region, _ in changes.items]
        if shows_other_heading(regions, pictures, hidden_pixels, self._comparer, parameters.revisits):
            return None
        boundary = self._replaced_blocks, self._exchanged_blocks
        changes_in_pane = self._classify_changes(index, frame, occurrence, hidden_pixels | pane.outside(frame.image.shape))
        if self._find_boundary(changes_in_pane, frame, occurrence) is None:
            return changes_in_pane
        self._replaced_blocks, self._exchanged_blocks = boundary
        return None

    def _is_developed(self, changes: Changes, frame: StableFrame, occurrence: SlideOccurrence) -> bool:
        """Whether an animation goes on with a slide that it has written: much of that stays, and more comes than goes, but not at once."""
        writing = occurrence.writing
        if writing is None or not writing.is_written or occurrence.erased_at_s is not None:
            return False
        parameters = self._all_parameters.writing
        kept_edges = self._comparer.edges(occurrence.image) & self._grid.to_pixels(writing.blocks)
        kept_edges &= ~self._hidden_pixels(frame, occurrence)
        min_kept = parameters.min_kept_share * np.count_nonzero(kept_edges)
        for region, kind in changes.items:
            if kind not in ("recoded", "dimmed", "faded"):
                kept_edges[region.window] &= ~region.component
        if np.count_nonzero(kept_edges) < min_kept:
            return False
        regions = changes.of_kind("added", "replaced")
        missing_px, gained_px = sum(region.missing_px for region, _ in changes.items), sum(region.gained_px for region in regions)
        needed_share = self._parameters.regained_share if missing_px <= self._major_share * changes.foreground.whole_px else 1.0
        blocks = self._blocks_of(regions, frame) & frame.changed_blocks & self._comparer.blocks_with_edges(frame.image)
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
        unstable_blocks = occurrence.unstable_blocks[region.block_window(self._grid)]
        return region.only_loses and float(unstable_blocks.mean()) > self._parameters.occluder_share

    def _only_adds(self, frame: StableFrame, occurrence: SlideOccurrence) -> bool:
        """Whether the stable frame shows all that the one before it showed."""
        hidden_pixels = self._hidden_pixels(frame, occurrence)
        regions = self._comparer.find_regions(occurrence.history[-1][1], frame.image, hidden_pixels)
        return all(region.only_adds for region in regions)

    def _shown_since_s(self, regions: Iterable[ChangedRegion], frame: StableFrame, occurrence: SlideOccurrence) -> float:
        """Return the time since which the new content of the regions is fully shown."""
        blocks = self._blocks_of(regions, frame) & frame.changed_blocks
        if not blocks.any():
            return max(frame.start_s, occurrence.start_s)
        new_blocks = blocks & self._comparer.blocks_with_edges(frame.image)
        blocks = new_blocks if new_blocks.any() else blocks  # old content may have gone long before
        return max(_fully_shown_s(frame.last_strong_motion_s[blocks], self._parameters), occurrence.start_s)

    def _blocks_of(self, regions: Iterable[ChangedRegion], frame: StableFrame) -> Mask:
        blocks = np.zeros_like(frame.changed_blocks)
        for region in regions:
            blocks[region.block_window(self._grid)] = True
        return blocks

    def _update(self, changes: Changes, frame: StableFrame, occurrence: SlideOccurrence) -> None:
        """Add the stable frame to the slide; keep the slide's earlier pixels where it is occluded, faded or largely erased."""
        erased_regions = changes.of_kind("reverted", "erased")
        lost_px = sum(region.lost_px for region in erased_regions)
        is_largely_erased = lost_px > self._parameters.erased_share * changes.foreground.whole_px
        pointers = changes.of_kind("pointer")
        faded_regions = self._find_faded(changes, occurrence, lost_px)
        erased_or_none = erased_regions if faded_regions or is_largely_erased else []
        hidden_regions = [*changes.of_kind("occluder"), *erased_or_none, *pointers, *faded_regions]
        new_kinds: tuple[ChangeKind, ...] = ("added", "replaced") if faded_regions else ("added", "dimmed", "erased", "replaced")
        starts_new_state = bool(changes.of_kind(*new_kinds)) and not is_largely_erased
        if not is_largely_erased:
            occurrence.erased_at_s = None
        elif occurrence.erased_at_s is None:
            occurrence.erased_at_s = self._shown_since_s(erased_regions, frame, occurrence)
        self._continue_writing(changes, frame, occurrence)
        if starts_new_state:
            occurrence.add_build()
            occurrence.state_since_s = frame.start_s
        image = frame.image.copy()
        for region in hidden_regions:
            image[region.window][region.pixels] = occurrence.image[region.window][region.pixels]
        occurrence.image = image
        occurrence.add_to_history(frame)
        occurrence.pointer_blocks = self._blocks_of(pointers, frame)
        occurrence.moving_blocks = frame.moving_blocks
        occurrence.ever_moving_blocks = occurrence.ever_moving_blocks | frame.moving_blocks | frame.recently_moving_blocks
        occurrence.unstable_blocks = frame.unstable_blocks
        occlusion_score = sum(region.size_px for region in hidden_regions) + frame.occluded_block_count
        if starts_new_state or occlusion_score <= occurrence.occlusion_score:
            if not occurrence.is_reduced:
                occurrence.previous_best_frame = occurrence.best_frame
            occurrence.best_frame = frame.best_frame
            occurrence.is_reduced = lost_px > sum(region.gained_px for region in changes.of_kind("added"))
            occurrence.occlusion_score = occlusion_score

    def _find_faded(self, changes: Changes, occurrence: SlideOccurrence, erased_px: float) -> list[ChangedRegion]:
        """Return the regions with less contrast than before if most of the slide is fading out or erased; none if only a part of it is."""
        faded_regions = [region for region in changes.of_kind("recoded", "dimmed", "clip") if region.is_faded]
        faded_px = sum(self._comparer.region_foreground_px(region, occurrence.image) for region in faded_regions)
        return faded_regions if faded_px + erased_px > self._parameters.fading_share * changes.foreground.whole_px else []

    def _continue_writing(self, changes: Changes, frame: StableFrame, occurrence: SlideOccurrence) -> None:
        """Move the start of a slide that is still being written to the end of what was written last."""
        regions = changes.of_kind("added", "replaced")
        is_large = sum(region.gained_px for region in regions) > self._major_share * changes.foreground.whole_px
        blocks = self._blocks_of(regions, frame) & frame.changed_blocks & self._comparer.blocks_with_edges(frame.image)
        if occurrence.writing is None or not blocks.any():
            return
        occurrence.writing.blocks = occurrence.writing.blocks | blocks
        shown_s = _fully_shown_s(frame.last_strong_motion_s[blocks], self._parameters)
        start_s = occurrence.writing.start_with(frame, blocks, shown_s, is_large)
        occurrence.start_s = occurrence.start_s if start_s is None else start_s


def _fully_shown_s(times_s: Times, parameters: SegmentationParameters, shown_percentile: float | None = None) -> float:
    """Return when a new slide was fully shown, from the times at which its blocks were.

    If most blocks came together, the others moved later and do not count; otherwise the blocks came one after another.
    """
    times = np.sort(times_s)
    together = np.searchsorted(times, times + parameters.simultaneous_s, side="right") - np.arange(times.size)
    first = int(together.argmax())
    if together[first] >= parameters.simultaneous_share * times.size:
        return float(times[first + together[first] - 1])
    return higher_percentile(times, parameters.shown_percentile if shown_percentile is None else shown_percentile)
