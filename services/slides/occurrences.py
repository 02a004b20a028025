"""A slide being shown, as far as the recording has been analysed."""

from __future__ import annotations

from dataclasses import dataclass, field

from services.slides.decoder import GrayImage
from services.slides.frame_spool import FrameRef, StableFrame
from services.slides.grid import Mask
from services.slides.parameters import OccurrenceParameters


@dataclass
class BuildState:
    """A complete state of a slide before something was added."""

    frame: FrameRef
    image: GrayImage


@dataclass
class SlideOccurrence:
    """A slide being shown. `image` is its fullest state so far, `best_frame` a frame that shows it, `history` its states.

    `occlusion`: how much of it is hidden in `best_frame`, for comparison only: the sum of region sizes (px) and blocks in motion.
    `earlier_frame`: the best frame before this one, in case this one is too late; `erased_since_s`: since when much of it is missing.
    Masks of blocks: `has_motion`: move habitually; `had_motion`: did so at some time while it was shown;
    `pointer_blocks`: a pointer rests there; `unsettled`: moved when `image` was taken.
    """

    start_s: float
    end_s: float
    image: GrayImage
    best_frame: FrameRef
    has_motion: Mask
    had_motion: Mask
    unsettled: Mask
    parameters: OccurrenceParameters
    occlusion: float = 0.0
    history: list[tuple[float, GrayImage]] = field(default_factory=list)
    builds: list[BuildState] = field(default_factory=list)
    earlier_frame: FrameRef | None = None
    erased_since_s: float | None = None
    pointer_blocks: Mask | None = None

    @classmethod
    def starting_with(cls, frame: StableFrame, start_s: float, parameters: OccurrenceParameters) -> SlideOccurrence:
        occurrence = cls(
            start_s, frame.end_s, frame.image, frame.best_frame, frame.has_motion, frame.has_motion, frame.unsettled, parameters
        )
        occurrence.add_to_history(frame)
        return occurrence

    def add_to_history(self, frame: StableFrame) -> None:
        """Append the frame; the first state and the latest ones stay."""
        self.history = [*self.history[:1], *self.history[1:][1 - self.parameters.max_history :], (frame.start_s, frame.image)]

    def add_build(self) -> None:
        """Record the state so far as a build step, unless the one before is too near."""
        if len(self.builds) >= self.parameters.max_builds:
            return
        if not self.builds or self.best_frame.time_s - self.builds[-1].frame.time_s >= self.parameters.min_build_gap_s:
            self.builds.append(BuildState(self.best_frame, self.image.copy()))
