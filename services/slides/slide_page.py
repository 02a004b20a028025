"""Slide pages: distinct slides, each with a picture of its fullest state."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field

import cv2

from services.slides.decoder import GrayImage
from services.slides.frame_spool import FrameRef, decode_image
from services.slides.grid import Mask
from services.slides.panes import Pane
from services.slides.parameters import RevisitParameters


@dataclass
class SlidePage:
    """A distinct slide: the spans of time in which it was shown, and the frame that shows its fullest state.

    `states` are compressed images of its build states, the fullest last; `thumbnails` belong to them. A brief visit beside
    a longer one changes none of them: what is fuller then is often a player's button or a window. `fullest_state_s`: how long that state
    was shown. `live_blocks`: moved again and again in the visit in which most did. `resembles_earlier`: hardly differs from a page before
    it. `pane`: where a program shows it in its window.
    """

    spans: list[list[float]]
    best_frame: FrameRef
    moving_blocks: Mask
    live_blocks: Mask
    states: list[bytes]
    thumbnails: list[GrayImage]
    builds: list[FrameRef] = field(default_factory=list)
    longest_visit_s: float = 0.0
    fullest_state_s: float = 0.0
    resembles_earlier: bool = False
    pane: Pane | None = None

    def continue_visit(self, spans: list[list[float]]) -> None:
        """Add what follows the latest visit without a gap: its first span goes on with it."""
        self.spans[-1][1] = spans[0][1]
        self.spans += spans[1:]


decode_state = functools.lru_cache(maxsize=32)(decode_image)  # the states of the latest pages are compared with each occurrence


def thumbnail_of(image: GrayImage, parameters: RevisitParameters) -> GrayImage:
    return cv2.resize(image, parameters.thumbnail, interpolation=cv2.INTER_AREA)  # type: ignore[return-value]
