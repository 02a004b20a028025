"""Pictures that are replaced before each of their blocks is stable."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from services.slides.grid import Grid
from services.slides.motion import MotionSample
from services.slides.parameters import StableFrameParameters


@dataclass(frozen=True)
class BriefPicture:
    """A picture that a large change ends: its last sample, and the time since which it was shown."""

    motion: MotionSample
    since_s: float


class BriefPictureDetector:
    """Finds pictures that were still as a whole, or nearly still between two cuts.

    No block has to be stable by itself. Where frames are sparse neither is certain, as the next step of a fade may be to come, unless a
    second frame shows the same. A picture that only weak motion changes, which is what a codec refines, is at rest too when most of what
    it shows is replaced.
    """

    def __init__(self, grid: Grid, parameters: StableFrameParameters, min_gradient: int) -> None:
        """`min_gradient`: of an edge."""
        self._grid, self._parameters, self._min_gradient = grid, parameters, min_gradient
        self._rest_s = parameters.rest_s - parameters.time_tolerance_s
        self._previous: MotionSample | None = None
        self._motion_s = self._visible_motion_s = float("-inf")
        self._is_dense = self._is_confirmed = False
        self._cut_s: float | None = None
        self._at_rest: BriefPicture | None = None
        self._strong_motion_s = float("-inf")
        self._refined_picture: BriefPicture | None = None

    def observe(self, motion: MotionSample) -> BriefPicture | None:
        """Return the picture that this sample ends, if there is one."""
        if self._previous is None:
            self._cut_s = motion.sample.time_s
        moved_share = 0.0 if motion.moved_blocks is None else float(motion.moved_blocks.mean())
        picture = self._end_picture(motion, moved_share) if moved_share > self._parameters.large_change_share else None
        if motion.sample.image is not None:
            self._is_confirmed = moved_share <= self._parameters.max_refined_share
        self._observe_rest(motion)
        self._previous = motion
        return picture

    def _end_picture(self, motion: MotionSample, moved_share: float) -> BriefPicture | None:
        parameters, previous, cut_s = self._parameters, self._previous, self._cut_s
        at_rest, self._at_rest = self._at_rest, None
        refined_picture, is_scene_change = self._refined_picture, moved_share > parameters.cut_share
        is_replaced = refined_picture is not None and self._is_replaced(refined_picture, motion)
        if is_scene_change or is_replaced:
            self._refined_picture = None
        if refined_picture and is_replaced and (at_rest is None or at_rest.since_s < refined_picture.since_s):
            at_rest = refined_picture
        changed_s = (motion.sample.previous_sample_s + motion.sample.time_s) / 2
        if moved_share > parameters.new_frame_share:
            self._cut_s = changed_s if is_scene_change else None
        if at_rest or not is_scene_change or cut_s is None or previous is None:
            return at_rest
        if previous.sample.image is None and not self._is_confirmed:
            return None
        is_brief = parameters.rest_s <= changed_s - cut_s < parameters.stable_after_s + parameters.rest_s
        return BriefPicture(without_motion(previous), cut_s) if is_brief else None

    def _is_replaced(self, picture: BriefPicture, motion: MotionSample) -> bool:
        """Whether most of what the picture shows has changed at this sample."""
        content = self._grid.blocks_with_edges(picture.motion.image, self._min_gradient) & ~picture.motion.moving_blocks
        assert motion.moved_blocks is not None
        return bool(np.count_nonzero(content & motion.moved_blocks) > self._parameters.replaced_share * np.count_nonzero(content))

    def _observe_rest(self, motion: MotionSample) -> None:
        """Remember the picture if no block has moved for `rest_s`, except those that move habitually."""
        time_s = motion.sample.time_s
        if motion.moved_blocks is not None:
            self._motion_s = time_s
            if (motion.moved_blocks & ~motion.moving_blocks).any():
                self._visible_motion_s = time_s
                self._is_dense = self._follows_closely(motion)
        if self._is_dense and time_s - self._visible_motion_s >= self._rest_s:
            is_total = time_s - self._motion_s >= self._rest_s
            self._at_rest = BriefPicture(without_motion(motion) if is_total else motion, self._visible_motion_s)
        self._observe_refinement(motion)

    def _follows_closely(self, motion: MotionSample) -> bool:
        """Whether the frame before was so near that the next step of a fade would be seen within `rest_s`."""
        is_next_sample = self._previous is not None and self._previous.sample.image is not None
        return is_next_sample or motion.sample.frame_gap_s <= self._parameters.rest_s / 2

    def _observe_refinement(self, motion: MotionSample) -> None:
        """Remember the picture if hardly any block has changed strongly for `rest_s`."""
        time_s, strong = motion.sample.time_s, motion.moved_strongly
        if strong is not None and float((strong & ~motion.moving_blocks).mean()) > self._parameters.max_refined_share:
            self._strong_motion_s = (motion.sample.previous_sample_s + time_s) / 2
        elif self._is_dense and time_s - self._strong_motion_s >= self._rest_s:
            self._refined_picture = BriefPicture(motion, self._strong_motion_s)


def without_motion(motion: MotionSample) -> MotionSample:
    """Return the sample of a picture in which even the blocks that move habitually are still."""
    return replace(motion, moving_blocks=np.zeros_like(motion.moving_blocks))
