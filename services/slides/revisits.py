"""Occurrences of the same slide become one page."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator

import numpy as np

from services.slides.comparison import Comparer
from services.slides.frame_spool import decode_image, encode_image
from services.slides.grid import Mask
from services.slides.layout_changes import LayoutChange, find_layout_change
from services.slides.occurrences import SlideOccurrence
from services.slides.page_finder import PageFinder
from services.slides.panes import common_pane, find_pane
from services.slides.parameters import Parameters, RevisitParameters
from services.slides.slide_page import SlidePage, decode_state, thumbnail_of


def merge_revisits(
    occurrences: Iterable[SlideOccurrence], slide_area: Mask, comparer: Comparer, all_parameters: Parameters
) -> list[SlidePage]:
    """Return the distinct slides in order of first appearance.

    Occurrences too short to be read are dropped, and those that show nothing, unless all do. If the next slide keeps most of a glimpse,
    it begins when the glimpse did.
    """
    pages: list[SlidePage] = []
    first_dropped: SlideOccurrence | None = None
    glimpse: SlideOccurrence | None = None
    latest_page: SlidePage | None = None  # of the occurrence directly before
    parameters, finder = all_parameters.revisits, PageFinder(slide_area, comparer, all_parameters)
    for occurrence, is_glimpse in _mark_glimpses(occurrences, comparer, parameters):
        finder.differences.add_replaced(occurrence)
        previous_page, latest_page = latest_page, None
        if occurrence.shown_s < parameters.min_duration_s or comparer.shows_nothing(occurrence.image):
            first_dropped = _better_fallback(first_dropped, occurrence, comparer)
            continue
        page, resembles_earlier = finder.find(pages, occurrence)
        finder.differences.add_exchanged(occurrence)
        if page is not None:
            _add_visit(page, occurrence, page is previous_page, comparer, all_parameters)
            latest_page = page
        elif is_glimpse:
            glimpse = occurrence
            first_dropped = _better_fallback(first_dropped, occurrence, comparer)
            continue
        elif _joins_other_size(pages, occurrence, comparer, all_parameters):
            pass
        else:
            if glimpse and not occurrence.is_written and _is_begun_by(glimpse, occurrence, comparer, parameters):
                occurrence.start_s = glimpse.start_s
            pages.append(_new_page(occurrence, all_parameters))
            pages[-1].resembles_earlier = resembles_earlier
            latest_page = pages[-1]
        glimpse = None
    if not pages and first_dropped is not None:
        pages.append(_new_page(first_dropped, all_parameters))
    return pages


def _is_begun_by(glimpse: SlideOccurrence, slide: SlideOccurrence, comparer: Comparer, parameters: RevisitParameters) -> bool:
    """Whether the slide keeps most of a glimpse, on the same ground: black on which something is being loaded is another picture."""
    changed_share = float(np.mean(comparer.diff.threshold_difference(glimpse.image, slide.image) > 0))
    return changed_share < parameters.max_ground_share and comparer.common_share(glimpse.image, slide.image) > parameters.min_kept_share


def shows_content_of(page: SlidePage, earlier: SlidePage, comparer: Comparer, parameters: RevisitParameters) -> bool:
    """Whether the first state of a page has nearly all that is on an earlier one, such as all but its number."""
    if not page.states or not earlier.states:
        return False
    old, new = decode_image(earlier.states[-1]), decode_image(page.states[0])
    hidden = comparer.hidden_pixels(page.moving_blocks, earlier.moving_blocks)
    missing_px = sum(region.missing_px for region in comparer.find_regions(old, new, hidden) if not region.is_recoded)
    return missing_px <= parameters.max_mixed_share * comparer.foreground_px(old, hidden)


def _mark_glimpses(
    occurrences: Iterable[SlideOccurrence], comparer: Comparer, parameters: RevisitParameters
) -> Iterator[tuple[SlideOccurrence, bool]]:
    """Add whether an occurrence is a glimpse.

    It is brief, another one follows at once, and it is not in a run of brief ones; or it is shown while the next one is loaded.
    """
    run: list[SlideOccurrence] = []
    length = 0
    for occurrence, is_loading in _mark_loading(_mark_last_before_empty_time(occurrences, comparer), comparer, parameters):
        if (occurrence.shown_s < parameters.brief_s and not occurrence.leaves_empty) or is_loading:
            run.append(occurrence)
            length += 1
            if length >= parameters.min_run:
                yield from ((each, False) for each in run)
                run.clear()
        else:
            yield from ((each, True) for each in run)
            run.clear()
            length = 0
            yield occurrence, False
    yield from ((each, True) for each in run)


def _mark_last_before_empty_time(occurrences: Iterable[SlideOccurrence], comparer: Comparer) -> Iterator[SlideOccurrence]:
    """Set `leaves_empty` where a blank picture follows."""
    current: SlideOccurrence | None = None
    for later in occurrences:
        if current is not None:
            current.leaves_empty |= comparer.is_blank(later.image)
            yield current
        current = later
    if current is not None:
        yield current


def _mark_loading(
    occurrences: Iterable[SlideOccurrence], comparer: Comparer, parameters: RevisitParameters
) -> Iterator[tuple[SlideOccurrence, bool]]:
    """Add whether an occurrence is shown briefly and has far less content of its own than both of its neighbours."""
    earlier: SlideOccurrence | None = None
    current: SlideOccurrence | None = None
    for later in itertools.chain(occurrences, [None]):
        if current is not None:
            is_between = earlier is not None and later is not None and current.duration_s < parameters.loading_s
            yield current, is_between and all(_is_sparse(current, each, comparer, parameters) for each in (earlier, later) if each)
        earlier, current = current, later


def _is_sparse(occurrence: SlideOccurrence, other: SlideOccurrence, comparer: Comparer, parameters: RevisitParameters) -> bool:
    """Whether the occurrence shows little that the other one does not, compared with the reverse."""
    hidden_pixels = comparer.hidden_pixels(occurrence.moving_blocks, other.moving_blocks)
    own_px = comparer.own_foreground_px(occurrence.image, other.image, hidden_pixels)
    return own_px < parameters.loading_share * comparer.own_foreground_px(other.image, occurrence.image, hidden_pixels)


def _better_fallback(first: SlideOccurrence | None, other: SlideOccurrence, comparer: Comparer) -> SlideOccurrence:
    """Return the first occurrence that shows something; the first one if none does."""
    if first is None or (comparer.shows_nothing(first.image) and not comparer.shows_nothing(other.image)):
        return other
    return first


def _new_page(occurrence: SlideOccurrence, all_parameters: Parameters) -> SlidePage:
    parameters = all_parameters.revisits
    states = [*[build.image for build in occurrence.builds][-parameters.max_states :], occurrence.image]
    return SlidePage(
        spans=occurrence.spans,
        best_frame=occurrence.best_frame,
        moving_blocks=occurrence.moving_blocks,
        live_blocks=occurrence.live_blocks,
        states=[encode_image(state) for state in states],
        thumbnails=[thumbnail_of(state, parameters) for state in states],
        builds=[build.frame for build in occurrence.builds],
        longest_visit_s=occurrence.duration_s,
        fullest_state_s=occurrence.latest_state_s,
        pane=find_pane(occurrence.image, all_parameters.panes),
    )


def _add_visit(
    page: SlidePage,
    occurrence: SlideOccurrence,
    is_continued: bool,
    comparer: Comparer,
    all_parameters: Parameters,
) -> None:
    """Add an occurrence to its page. `is_continued`: nothing was shown between it and the latest visit."""
    parameters = all_parameters.revisits
    page.live_blocks = max(page.live_blocks, occurrence.live_blocks, key=np.count_nonzero)
    if is_continued or occurrence.start_s - page.spans[-1][1] < parameters.join_gap_s:
        page.continue_visit(occurrence.spans)
    else:
        page.spans += occurrence.spans
    if page.builds and page.fullest_state_s < parameters.brief_s <= occurrence.duration_s and _is_without_box(page, occurrence, comparer):
        _remove_fullest_state(page)
    is_long = occurrence.duration_s >= parameters.brief_s or occurrence.duration_s >= page.longest_visit_s
    page.longest_visit_s = max(page.longest_visit_s, occurrence.duration_s)
    if is_long and _is_better_state(page, occurrence, comparer, all_parameters):
        page.builds += [page.best_frame, *(build.frame for build in occurrence.builds)]
        page.best_frame = occurrence.best_frame
        page.fullest_state_s = occurrence.latest_state_s
        page.states.append(encode_image(occurrence.image))
        page.thumbnails.append(thumbnail_of(occurrence.image, parameters))


def _is_better_state(page: SlidePage, occurrence: SlideOccurrence, comparer: Comparer, all_parameters: Parameters) -> bool:
    """Whether the occurrence shows more than the page's fullest state, or other content in a box: a form without its suggestions.

    More is either much more or sharper foreground in the whole picture, or some more in the pane that a program shows its page in. With
    other content in a box, the fullest state must not have more elsewhere that the occurrence has not.
    """
    if not page.states:
        return False
    fullest, parameters = decode_state(page.states[-1]), all_parameters.revisits
    hidden_pixels = comparer.hidden_pixels(page.moving_blocks, occurrence.moving_blocks)
    if comparer.foreground_px(occurrence.image, hidden_pixels) > parameters.fuller_ratio * comparer.foreground_px(fullest, hidden_pixels):
        return True
    pane = common_pane((page.pane, find_pane(occurrence.image, all_parameters.panes)), all_parameters.panes)
    if pane is not None:
        hidden_pixels = hidden_pixels | pane.outside(fullest.shape)
    exchanged_px = gained_px = missing_px = 0.0
    for region in comparer.find_regions(fullest, occurrence.image, hidden_pixels):
        if region.is_recoded or region.is_dimmed:
            continue
        if comparer.find_box(region) is None:
            gained_px += region.gained_px
            missing_px += region.lost_px
        elif not region.only_adds and not region.only_loses:
            exchanged_px += region.gained_px + region.covered_px
        else:
            missing_px += region.lost_px
    return exchanged_px > missing_px or gained_px - missing_px > parameters.min_added_px


def _is_without_box(page: SlidePage, occurrence: SlideOccurrence, comparer: Comparer) -> bool:
    """Whether only boxes were added in the page's fullest state, such as a tooltip, and the occurrence shows what was there before."""
    before, fullest = (decode_state(state) for state in page.states[-2:])
    regions = comparer.find_regions(before, fullest, comparer.hidden_pixels(page.moving_blocks, occurrence.moving_blocks))
    return bool(regions) and all(
        region.only_adds and comparer.find_box(region) is not None and comparer.is_equal(region, before, occurrence.image)
        for region in regions
    )


def _remove_fullest_state(page: SlidePage) -> None:
    """Make the last build step of a page its fullest state."""
    page.best_frame = page.builds.pop()
    page.states.pop()
    page.thumbnails.pop()
    page.fullest_state_s = math.inf


def _joins_other_size(pages: list[SlidePage], occurrence: SlideOccurrence, comparer: Comparer, parameters: Parameters) -> bool:
    """Add the occurrence to a page that shows the same slide at another size, the latest ones first. The larger one is its picture.

    Slides of one template have much in common in place; they are at the same size.
    """
    layout = parameters.layout
    candidates = sorted((page for page in pages if page.states), key=lambda page: page.spans[-1][1], reverse=True)
    for page in candidates[: layout.max_compared]:
        state, is_directly_before = decode_image(page.states[-1]), occurrence.start_s - page.spans[-1][1] <= layout.max_gap_s
        if not is_directly_before and comparer.common_share(state, occurrence.image) > layout.max_in_place_share:
            continue
        hidden_pixels = [comparer.grid.to_pixels(blocks) for blocks in (page.moving_blocks, occurrence.moving_blocks)]
        change = find_layout_change(state, hidden_pixels[0], occurrence.image, hidden_pixels[1], comparer, layout)
        if change is not None:
            _add_other_size(page, occurrence, change, parameters)
            return True
    return False


def _add_other_size(page: SlidePage, occurrence: SlideOccurrence, change: LayoutChange, parameters: Parameters) -> None:
    """Add a visit at another size; without a pause it continues the one before."""
    if occurrence.start_s - page.spans[-1][1] > parameters.layout.max_gap_s:
        page.spans += occurrence.spans
    else:
        page.continue_visit(occurrence.spans)
    page.longest_visit_s = max(page.longest_visit_s, occurrence.duration_s)
    position = len(page.states) if change == "larger" else 0
    page.states.insert(position, encode_image(occurrence.image))
    page.thumbnails.insert(position, thumbnail_of(occurrence.image, parameters.revisits))
    if change == "larger":
        page.best_frame, page.moving_blocks = occurrence.best_frame, occurrence.moving_blocks
        page.pane = find_pane(occurrence.image, parameters.panes)
