"""A slide being shown, as far as it is known by now."""

from __future__ import annotations

from dataclasses import dataclass, field

from services.slides.decoder import Gray
from services.slides.grid import Mask
from services.slides.stable_frames import Moment, StableFrame

_HISTORY = 6
_STEPS = 40
_STEP_GAP_S = 1.0


@dataclass
class Step:
    """A state of a slide: when it was complete."""

    moment: Moment
    picture: Gray


@dataclass
class SlideOccurrence:
    """A slide being shown. `full` is its fullest state so far, `history` what it looked like.

    `earlier`: the moment chosen before `frame`, should that prove too late; `hole_s`: since when much of the slide is gone;
    `passing`: the blocks in which a pointer rests; `unsure`: those that moved when `full` was taken; `lived`: those that
    moved habitually at some time while the slide was shown.
    """

    start_s: float
    end_s: float
    full: Gray
    live: Mask
    lived: Mask
    frame: Moment
    covered: float = 0.0
    history: list[tuple[float, Gray]] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    earlier: Moment | None = None
    hole_s: float | None = None
    passing: Mask | None = None
    unsure: Mask | None = None

    @classmethod
    def begun(cls, view: StableFrame, start_s: float) -> SlideOccurrence:
        run = cls(start_s, view.end_s, view.picture, view.live, view.live, view.frame, unsure=view.restless)
        run.remember(view)
        return run

    def remember(self, view: StableFrame) -> None:
        self.history = [*self.history[:1], *self.history[1:][1 - _HISTORY :], (view.start_s, view.picture)]

    def complete_step(self) -> None:
        if len(self.steps) < _STEPS and (not self.steps or self.frame.time_s - self.steps[-1].moment.time_s >= _STEP_GAP_S):
            self.steps.append(Step(self.frame, self.full.copy()))
