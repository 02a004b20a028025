"""Finds the page of a slide that is shown again."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from services.slides.camera_alignment import align, exchanged_share
from services.slides.comparison import Comparer, correlation, dilated, share_within
from services.slides.decoder import GrayImage
from services.slides.grid import Mask
from services.slides.likeness import Likeness, SlideDifferences, compare_foreground, shows_other_heading
from services.slides.occurrences import SlideOccurrence
from services.slides.panes import Pane, common_pane, find_pane, holds_content
from services.slides.parameters import Parameters
from services.slides.scrolling import find_shift, shifted
from services.slides.slide_page import SlidePage, decode_state, thumbnail_of


@dataclass(frozen=True)
class _Shown:
    """What an occurrence shows; with a shaking camera, moved to where a page shows it."""

    picture: GrayImage
    hidden_blocks: Mask
    thumbnail: GrayImage
    pane: Pane | None


class PageFinder:
    """Compares occurrences with the pages so far, in the whole picture and in the pane that a program shows its page in."""

    def __init__(self, slide_area: Mask, comparer: Comparer, parameters: Parameters) -> None:
        self.differences = SlideDifferences(comparer.grid, slide_area)
        self._comparer, self._parameters, self._panes = comparer, parameters.revisits, parameters.panes
        self._alignment = parameters.alignment

    def find(self, pages: Sequence[SlidePage], occurrence: SlideOccurrence) -> tuple[SlidePage | None, bool]:
        """Return the latest page that the occurrence shows, or None; and whether it resembles another one."""
        is_alike = False
        shown = _Shown(
            occurrence.image,
            occurrence.moving_blocks,
            thumbnail_of(occurrence.image, self._parameters),
            find_pane(occurrence.image, self._panes),
        )
        for page in reversed(pages):
            likeness = self._compare_with(page, shown)
            if likeness == "same":
                return page, False
            is_alike |= likeness == "alike"
        return None, is_alike

    def _compare_with(self, page: SlidePage, shown: _Shown) -> Likeness:
        """Return "same" if the occurrence shows a state of the page in the whole picture, in the pane, or after scrolling."""
        hidden_pixels = self._comparer.hidden_pixels(page.moving_blocks, shown.hidden_blocks)
        is_moved = self._comparer.diff.shaky and page.states
        if is_moved and (aligned := align(shown.picture, decode_state(page.states[-1]), self._alignment)):
            picture, uncovered_pixels = aligned
            shown = replace(shown, picture=picture, thumbnail=thumbnail_of(picture, self._parameters))
            hidden_pixels = hidden_pixels | uncovered_pixels
        resembling = self._resembling_states(page, shown, hidden_pixels)
        likeness = self._compare(page, resembling, shown, hidden_pixels)
        if likeness != "same" and (
            self._is_same_in_pane(page, shown, hidden_pixels) or (resembling and self._is_scrolled(page, shown, hidden_pixels))
        ):
            likeness = "same"
        return "alike" if likeness == "same" and is_moved and self._shows_other_parts(page, shown, hidden_pixels) else likeness

    def _shows_other_parts(self, page: SlidePage, shown: _Shown, hidden_pixels: Mask) -> bool:
        """Whether both, filmed by hand and aligned, show what the other one does not: slides of one template, with the same outline."""
        state = decode_state(page.states[-1])
        share = exchanged_share(state, shown.picture, hidden_pixels, self._comparer, self._alignment)
        return share > self._alignment.max_exchanged_share

    def _compare(self, page: SlidePage, resembling: Sequence[int], shown: _Shown, hidden_pixels: Mask) -> Likeness:
        """Return "same" if the occurrence shows a state of the page: the same foreground, at most some of it marked or not yet there."""
        best: Likeness = "other"
        pane = common_pane((page.pane, shown.pane), self._panes)
        for number in resembling:
            state, picture = decode_state(page.states[number]), shown.picture
            likeness = compare_foreground(state, picture, hidden_pixels, self.differences, self._comparer, self._parameters, pane=pane)
            if likeness == "same" and self._develops_as(page, picture, hidden_pixels):
                return likeness
            if likeness == "alike":
                best = likeness
        return best

    def _develops_as(self, page: SlidePage, picture: GrayImage, hidden_pixels: Mask) -> bool:
        """Whether a picture has what the page got after its first state, or the reverse: all pages begin as the same empty paper."""
        comparer, parameters = self._comparer, self._parameters
        first, fullest = (decode_state(page.states[number]) for number in (0, -1))
        on_page, in_picture = (comparer.added_edges(first, each) & ~hidden_pixels for each in (fullest, picture))
        min_count = parameters.min_developed_px * comparer.grid.scale**2
        if min(np.count_nonzero(on_page), np.count_nonzero(in_picture)) <= min_count:
            return True
        shares = share_within(on_page, comparer.edges(picture)), share_within(in_picture, comparer.edges(fullest))
        return max(shares) >= parameters.min_developed_share

    def _resembling_states(self, page: SlidePage, shown: _Shown, hidden_pixels: Mask, min_correlation: float = -1.0) -> list[int]:
        """Return the positions of a page's states, the fullest first, but those that another thumbnail rules out."""
        parameters = self._parameters
        visible = cv2.resize(hidden_pixels.astype(np.uint8) * np.uint8(255), parameters.thumbnail, interpolation=cv2.INTER_AREA) == 0
        limit = parameters.max_thumbnail_share * shown.thumbnail.size
        return [
            number
            for number, thumbnail in reversed(list(enumerate(page.thumbnails)))
            if np.count_nonzero(cv2.absdiff(thumbnail, shown.thumbnail)[visible] > parameters.max_thumbnail_difference) <= limit
            and (min_correlation < 0 or correlation(thumbnail[visible], shown.thumbnail[visible]) >= min_correlation)
        ]

    def _is_same_in_pane(self, page: SlidePage, shown: _Shown, hidden_pixels: Mask) -> bool:
        """Whether page and occurrence show the same in the pane that they have in common, and no other heading above it."""
        pane = common_pane((page.pane, shown.pane), self._panes)
        if pane is None:
            return False
        picture, comparer = shown.picture, self._comparer
        hidden_outside = hidden_pixels | pane.outside(picture.shape)
        for number in self._resembling_states(page, shown, hidden_outside, self._parameters.min_thumbnail_correlation):
            state = decode_state(page.states[number])
            pictures = (state, picture)
            if (
                all(holds_content(pane, each, hidden_pixels, comparer, self._panes) for each in pictures)
                and compare_foreground(state, picture, hidden_outside, self.differences, comparer, self._parameters) == "same"
                and self._develops_as(page, picture, hidden_outside)
                and not shows_other_heading(
                    comparer.find_regions(state, picture, hidden_pixels), pictures, hidden_pixels, comparer, self._parameters
                )
            ):
                return True
        return False

    def _is_scrolled(self, page: SlidePage, shown: _Shown, hidden_pixels: Mask) -> bool:
        """Whether the occurrence shows the page's fullest state a little higher or lower: a document that is scrolled back to it.

        What did not move, such as a tool bar, is the same in both; what moved must fit after the shift.
        """
        picture, comparer, parameters = shown.picture, self._comparer, self._parameters
        if len(page.states) - 1 not in self._resembling_states(page, shown, hidden_pixels, parameters.min_thumbnail_correlation):
            return False
        state = decode_state(page.states[-1])
        differs = comparer.diff.difference(state, picture) > comparer.diff.contrast
        moved = dilated(differs, 5)
        compared = moved & ~hidden_pixels
        rows = find_shift(state, picture, (comparer.edges(state), comparer.edges(picture)), compared, parameters)
        if rows == 0:
            return False
        unchanged_pixels = ~moved
        border = math.ceil(abs(rows))
        unchanged_pixels[slice(0, border) if rows > 0 else slice(-border, None)] = True
        return (
            compare_foreground(shifted(state, rows), picture, hidden_pixels, self.differences, comparer, parameters, unchanged_pixels)
            == "same"
        )
