"""Whether two pictures show the same slide, by the foreground in which they differ."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Literal

import numpy as np

from services.slides.comparison import ChangedRegion, Comparer
from services.slides.decoder import GrayImage
from services.slides.grid import Grid, Mask
from services.slides.occurrences import SlideOccurrence
from services.slides.panes import Pane
from services.slides.parameters import RevisitParameters

Likeness = Literal["same", "alike", "other"]


class SlideDifferences:
    """Blocks in which slides differed from the ones before so far: those with a replacement, and all that changed between two slides.

    The others show what is round the slides: participants of a meeting, the controls of a player.
    """

    def __init__(self, grid: Grid, slide_area: Mask) -> None:
        """`slide_area`: blocks that slides change, as far as it is known from the start: all blocks if it is not."""
        self.replaced_blocks = np.zeros(grid.shape, np.bool_)
        self.exchanged_blocks = np.zeros(grid.shape, np.bool_) if slide_area.all() else slide_area.copy()

    def add_replaced(self, occurrence: SlideOccurrence) -> None:
        if occurrence.replaced_blocks is not None:
            self.replaced_blocks |= occurrence.replaced_blocks

    def add_exchanged(self, occurrence: SlideOccurrence) -> None:
        """Add what the boundary exchanged; not before the occurrence is compared: a toolbar that goes may divide a slide."""
        if occurrence.exchanged_blocks is not None:
            self.exchanged_blocks |= occurrence.exchanged_blocks


class _Area:
    """An area of two pictures, with the differences that are found in it. Its foreground is measured when the first one is."""

    def __init__(
        self,
        blocks: Mask | None,
        pictures: tuple[GrayImage, GrayImage],
        hidden_pixels: Mask,
        comparer: Comparer,
        parameters: RevisitParameters,
        max_share: float | None = None,
    ) -> None:
        """`blocks`: None for the whole pictures; `max_share`: of its foreground that may differ, by default `max_mixed_share`."""
        self._blocks, self._pictures, self._hidden_pixels = blocks, pictures, hidden_pixels
        self._comparer, self._parameters = comparer, parameters
        self._max_share = parameters.max_mixed_share if max_share is None else max_share
        self._added_px = self._removed_px = self._exchanged_px = 0.0

    @cached_property
    def foreground_px(self) -> float:
        """The foreground of the picture that has less."""
        hidden_pixels = self._hidden_pixels
        if self._blocks is not None:
            hidden_pixels = hidden_pixels | ~self._comparer.grid.to_pixels(self._blocks)
        return max(1.0, min(self._comparer.foreground_px(picture, hidden_pixels) for picture in self._pictures))

    def add(self, region: ChangedRegion) -> None:
        """Count a region if most of it is in the area."""
        if self._blocks is not None and self._blocks[region.block_window(self._comparer.grid)].mean() <= self._parameters.within_share:
            return
        if region.only_adds:
            self._added_px += region.gained_px
        elif region.only_loses:
            self._removed_px += region.lost_px
        else:
            exchanged_px = _exchanged_px(region, self._parameters.max_exchange_ratio)
            self._exchanged_px += exchanged_px
            self._removed_px += region.lost_px + region.covered_px - exchanged_px

    @property
    def is_other(self) -> bool:
        """Whether a good part of the foreground was exchanged, or went while so much came elsewhere."""
        differing_px = max(self._exchanged_px, min(self._added_px, self._removed_px))
        return differing_px > 0 and differing_px > self._max_share * self.foreground_px


def compare_foreground(
    old: GrayImage,
    new: GrayImage,
    hidden_pixels: Mask,
    differences: SlideDifferences,
    comparer: Comparer,
    parameters: RevisitParameters,
    unchanged_pixels: Mask | None = None,
    pane: Pane | None = None,
) -> Likeness:
    """Return "same" if all that differs is marked, not yet there, or a small part without replacements, such as a menu or a clock.

    With another heading it is another slide, whatever they have in common: the same chart, the same table. Where much came and as much
    went elsewhere, it is another one too: the next item of a list is framed. A page that has only grown may have grown by a good part.
    What was only coded anew does not count. The largest differences are examined first, as they decide most comparisons.
    `unchanged_pixels`, if known, are not compared; as they may be beside a heading, headings are not either. `pane`: where both show a
    page in a window; what differs in it is compared with its foreground too.
    """
    if unchanged_pixels is not None:
        hidden_pixels = hidden_pixels | unchanged_pixels
    pictures = (old, new)
    areas = [_Area(blocks, pictures, hidden_pixels, comparer, parameters) for blocks in (None, differences.exchanged_blocks)]
    if pane:
        blocks = pane.within_border().blocks(comparer.grid)
        areas.append(_Area(blocks, pictures, hidden_pixels, comparer, parameters, parameters.max_pane_mixed_share))
    foreground_px = areas[0].foreground_px
    differing_px = added_px = 0.0
    is_same = True
    for region in sorted(
        comparer.find_regions(old, new, hidden_pixels), key=lambda region: region.lost_px + region.gained_px, reverse=True
    ):
        if region.is_recoded:
            continue
        differing_px += region.lost_px + region.gained_px
        added_px += region.gained_px if region.only_adds else 0.0
        only_grows = (
            differing_px - added_px <= parameters.max_grown_share * foreground_px and added_px <= parameters.max_growth * foreground_px
        )
        limit = 1 - parameters.common_share if is_same else parameters.max_alike_share
        if differing_px >= limit * foreground_px and not (is_same and only_grows):
            return "other"
        if not is_same or region.is_dimmed:
            continue
        window = region.block_window(comparer.grid)
        is_exchanged = not region.only_adds and not region.only_loses
        is_replaced = is_exchanged and (
            differences.replaced_blocks[window].any()
            or (unchanged_pixels is None and _is_heading(region, pictures, foreground_px, hidden_pixels, comparer, parameters))
        )
        for area in areas:
            area.add(region)
        if is_replaced or any(area.is_other for area in areas):
            is_same = False
            if differing_px >= parameters.max_alike_share * foreground_px:
                return "other"
    return "same" if is_same else "alike"


def shows_other_heading(
    regions: Iterable[ChangedRegion],
    pictures: tuple[GrayImage, GrayImage],
    hidden_pixels: Mask,
    comparer: Comparer,
    parameters: RevisitParameters,
) -> bool:
    """Whether one of the regions in which two pictures differ is a heading."""
    foreground_px = min(comparer.foreground_px(picture, hidden_pixels) for picture in pictures)
    return any(_is_heading(region, pictures, foreground_px, hidden_pixels, comparer, parameters) for region in regions)


def _is_heading(
    region: ChangedRegion,
    pictures: tuple[GrayImage, GrayImage],
    foreground_px: float,
    hidden_pixels: Mask,
    comparer: Comparer,
    parameters: RevisitParameters,
) -> bool:
    """Whether a region is above nearly all that the pictures show, and exchanges as much foreground as a heading has.

    What changes at the top of a window has the window's menus and buttons above it or beside it; the pictures of participants above a
    slide cover each other.
    """
    if (
        _exchanged_px(region, parameters.max_exchange_ratio) < parameters.min_heading_share * foreground_px
        or region.covered_px > region.lost_px + region.gained_px
        or comparer.shows_same_strokes(region)
    ):
        return False
    left_out = hidden_pixels.copy()
    left_out[region.top + region.pixels.shape[0] // 2 :] = True
    left_out[region.window] |= region.component
    return all(comparer.foreground_px(picture, left_out) <= parameters.max_above_heading_share * foreground_px for picture in pictures)


def _exchanged_px(region: ChangedRegion, max_exchange_ratio: float) -> float:
    """Return the foreground for which other foreground came; what is lost beyond the ratio is removed."""
    return min(region.lost_px, max_exchange_ratio * region.gained_px) + region.covered_px
