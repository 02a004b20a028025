"""The occurrences of slides that the analysis of a recording collects."""

from __future__ import annotations

from dataclasses import dataclass, field

from services.slides.absences import Absence, is_lasting
from services.slides.decoder import GrayImage
from services.slides.frame_spool import FrameRef, StableFrame
from services.slides.grid import Mask
from services.slides.parameters import OccurrenceParameters
from services.slides.writing import Writing


@dataclass
class BuildStep:
    """The image of a slide before content was added, and a frame that shows it."""

    frame: FrameRef
    image: GrayImage


@dataclass
class SlideOccurrence:
    """One continuous display of a slide; it is updated while the recording is analysed.

    `image`: the image with the most content so far; `best_frame`: a frame that shows it.
    `occlusion_score`: hidden pixels plus blocks in motion in that frame; it has no unit and only serves to compare frames.
    `previous_best_frame`: replaces `best_frame` if that turns out to be after the end of the occurrence, or so near it that the change to
    the next slide may have begun, if `is_best_fading`: `best_frame` shows nothing new and is brighter or darker.
    `state_since_s`: since when the latest state is shown.
    `is_reduced`: the present image has lost more content than it has gained; such a state never becomes `previous_best_frame`.
    `covered_since_s`: since when a film plays over nearly all of it, None if none does.
    `writing`: how it was written, None if it was there from the beginning. `history`: times and images of the stable frames.
    `erased_at_s`: when much of the slide was erased, or None.
    Masks of blocks: `moving_blocks` often move now; `ever_moving_blocks` did so at some time during the occurrence; `unstable_blocks` were
    moving when `image` was taken; `live_blocks` moved again and again; `new_blocks` came with it, None if it was there from the beginning;
    `pointer_blocks` are under a mouse pointer; `replaced_blocks` are those whose new content began the slide, None if it began otherwise;
    `exchanged_blocks` are all whose change began it; `outlasting_blocks` show what came during the occurrence before and outlasted its
    slide, None if nothing did.
    `leaves_empty`: nothing is shown for a while after it. `absences`: times in which it was not shown.
    """

    start_s: float
    end_s: float
    image: GrayImage
    best_frame: FrameRef
    moving_blocks: Mask
    ever_moving_blocks: Mask
    unstable_blocks: Mask
    live_blocks: Mask
    parameters: OccurrenceParameters
    writing: Writing | None = None
    occlusion_score: float = 0.0
    history: list[tuple[float, GrayImage]] = field(default_factory=list)
    builds: list[BuildStep] = field(default_factory=list)
    previous_best_frame: FrameRef | None = None
    state_since_s: float = 0.0
    is_reduced: bool = False
    is_best_fading: bool = False
    covered_since_s: float | None = None
    erased_at_s: float | None = None
    pointer_blocks: Mask | None = None
    replaced_blocks: Mask | None = None
    exchanged_blocks: Mask | None = None
    new_blocks: Mask | None = None
    outlasting_blocks: Mask | None = None
    leaves_empty: bool = False
    absences: list[Absence] = field(default_factory=list)

    @classmethod
    def from_stable_frame(cls, frame: StableFrame, start_s: float, parameters: OccurrenceParameters) -> SlideOccurrence:
        occurrence = cls(
            start_s=start_s,
            end_s=frame.end_s,
            image=frame.image,
            best_frame=frame.best_frame,
            moving_blocks=frame.moving_blocks,
            ever_moving_blocks=frame.moving_blocks,
            unstable_blocks=frame.unstable_blocks,
            live_blocks=frame.live_blocks | frame.unstable_blocks,
            parameters=parameters,
            state_since_s=start_s,
        )
        occurrence.add_to_history(frame)
        return occurrence

    @property
    def is_absent(self) -> bool:
        """Whether nothing of it was shown at last."""
        return is_lasting(self.absences)

    def end_absence(self, time_s: float, min_absence_s: float) -> float:
        """End an absence that still lasts at this time. Return when it began; the time itself if there is none, or only a short one."""
        if not self.is_absent:
            return time_s
        begin_s, _ = self.absences.pop()
        if time_s - begin_s < min_absence_s:
            return time_s
        self.absences.append((begin_s, time_s))
        return begin_s

    @property
    def spans(self) -> list[list[float]]:
        """The parts of its time in which it was shown: start and end in seconds. A short absence, to show the speaker, ends no visit."""
        spans = [[self.start_s, self.end_s]]
        for begin_s, end_s in self.absences:
            if self.start_s < begin_s and end_s < self.end_s and end_s - begin_s > self.parameters.max_cut_s:
                spans[-1][1] = begin_s
                spans.append([end_s, self.end_s])
        return spans

    @property
    def duration_s(self) -> float:
        return self.end_s - self.start_s

    @property
    def latest_state_s(self) -> float:
        """How long the latest state was shown."""
        return self.end_s - self.state_since_s

    @property
    def is_written(self) -> bool:
        """Whether its first parts came one after another."""
        return self.writing is not None and self.writing.is_written

    @property
    def shown_s(self) -> float:
        """The time from its first parts to its end: what is written is seen before it is complete."""
        begun_s = self.writing.begun_s if self.writing and self.is_written else self.start_s
        return self.end_s - min(self.start_s, begun_s)

    def add_to_history(self, frame: StableFrame) -> None:
        """Append the image of the frame; keep the first one and the latest ones, `max_history` in all."""
        self.history.append((frame.start_s, frame.image))
        if len(self.history) > self.parameters.max_history:
            del self.history[1]

    def add_build(self) -> None:
        """Record the present image as a build step, unless the previous step was less than `min_build_gap_s` earlier."""
        if len(self.builds) >= self.parameters.max_builds:
            return
        if not self.builds or self.best_frame.time_s - self.builds[-1].frame.time_s >= self.parameters.min_build_gap_s:
            self.builds.append(BuildStep(self.best_frame, self.image.copy()))
