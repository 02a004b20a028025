"""Stable frames: the picture each time it comes to rest."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import cv2
import numpy as np

from services.slides.absences import Absence, AbsenceDetector, is_lasting
from services.slides.brief_pictures import BriefPicture, BriefPictureDetector, without_motion
from services.slides.decoder import GrayImage
from services.slides.departures import DepartureDetector
from services.slides.drifting_pictures import DriftingPictureDetector
from services.slides.frame_spool import FrameRef, StableFrame, StableFrameSpool
from services.slides.grid import DiffSettings, Grid, Mask
from services.slides.live_pictures import LiveBlockDetector
from services.slides.motion import MotionSample
from services.slides.parameters import Parameters, StableFrameParameters
from services.slides.quantiles import higher_percentile, median
from services.slides.sample_schedule import Sample
from services.slides.slide_area import SlideAreaEstimator
from services.slides.sudden_changes import SuddenChangeDetector


class _Candidate(NamedTuple):
    """A frame that may show a stable frame best, with its picture and the number of its unstable blocks."""

    frame: FrameRef
    image: GrayImage
    unstable_count: int

    def seen_at(self, time_s: float) -> _Candidate:
        """Return the same frame at a later time, at which the same picture is shown."""
        return self._replace(frame=replace(self.frame, time_s=time_s))


def _is_same_picture(image: GrayImage, later_image: GrayImage, diff: DiffSettings, parameters: StableFrameParameters) -> bool:
    """Whether the codec has not refined the picture in between, which may take seconds."""
    if not diff.is_certainly_same(image, later_image):
        return False
    return cv2.norm(image, later_image, cv2.NORM_L1) <= parameters.max_same_difference * image.size


@dataclass
class _CurrentFrame:
    """The stable frame being shown, until the next one is certain; the frame that shows it best is still open."""

    stable: StableFrame
    best: _Candidate
    candidates: deque[_Candidate] = field(default_factory=deque)

    def add_candidate(self, candidate: _Candidate, is_stable: bool, diff: DiffSettings, parameters: StableFrameParameters) -> None:
        """Accept a frame once the picture was stable for `clear_s` after it.

        The frame with fewest unstable blocks is best; of equal ones the last keyframe, else the last one. The same picture is read from
        the first frame that shows it: a frame costs as much decoding as there are frames between it and the keyframe before.
        """
        if not is_stable:
            self.candidates.clear()
        self.candidates.append(candidate)
        while self.candidates and candidate.frame.time_s - self.candidates[0].frame.time_s >= parameters.clear_s:
            accepted = self.candidates.popleft()
            if accepted.unstable_count < self.best.unstable_count:
                self.best = accepted
            elif accepted.unstable_count == self.best.unstable_count and accepted.frame.is_keyframe >= self.best.frame.is_keyframe:
                is_finished = not accepted.frame.is_keyframe and _is_same_picture(self.best.image, accepted.image, diff, parameters)
                self.best = self.best.seen_at(accepted.frame.time_s) if is_finished else accepted

    def finish(self, end_s: float, absences: Iterable[Absence], live_blocks: Mask) -> StableFrame:
        return replace(
            self.stable,
            end_s=end_s,
            best_frame=self.best.frame,
            occluded_block_count=self.best.unstable_count,
            absences=tuple(absences),
            live_blocks=live_blocks,
        )


class StableFrameDetector:
    """Follows each block until it is stable, and takes a stable frame when nearly all blocks are.

    The image is pieced together block by block. `unstable_s` is the time in which more of the picture moved than a part that may move
    without rest, `motion_s` that for which each block moved habitually, `fallback_frames` a frame a minute for a recording that is never
    stable. `slide_area` knows the blocks that slides change.
    """

    def __init__(self, grid: Grid, diff: DiffSettings, spool: StableFrameSpool, all_parameters: Parameters) -> None:
        self._grid, self._diff, self._spool = grid, diff, spool
        self._parameters = parameters = all_parameters.stable_frames
        share = parameters.max_unstable_block_share_shaky if diff.shaky else parameters.max_unstable_block_share
        self._max_unstable_count = share * (grid.rows * grid.columns)
        self._max_restless_count = parameters.max_restless_share * (grid.rows * grid.columns)
        self._stable_image: GrayImage | None = None
        self._last_motion_s = np.zeros(grid.shape, np.float32)
        self._last_strong_motion_s = np.zeros(grid.shape, np.float32)
        self._burst_start_s = np.zeros(grid.shape, np.float32)
        self._fade_levels = np.zeros(grid.shape, np.float32)  # difference from the latest stable frame when a block last moved strongly
        self._stable_blocks = np.zeros(grid.shape, np.bool_)
        self._recently_moving_blocks = np.zeros(grid.shape, np.bool_)
        self._changed_blocks = np.zeros(grid.shape, np.bool_)  # since the last stable frame
        self._changed_since_s = self._mostly_stable_since_s = float("inf")
        self._rested_s = 0.0  # when the picture was stable last
        self._peak_share, self._peak_motion_s = 0.0, 0.0  # the strongest motion since the last stable frame
        self._min_gradient = min_gradient = all_parameters.comparison.min_gradient
        self._brief_pictures = BriefPictureDetector(grid, parameters, min_gradient)
        self._departures = DepartureDetector(grid, parameters, min_gradient, diff.contrast)
        self._absences = AbsenceDetector(grid, diff, parameters, min_gradient)
        self._live_blocks = LiveBlockDetector(grid, parameters)
        self._sudden_changes = SuddenChangeDetector(grid, parameters)
        self.slide_area = SlideAreaEstimator(grid, all_parameters.slide_area)
        self._drifting_pictures = DriftingPictureDetector(all_parameters.drift)
        self._current: _CurrentFrame | None = None
        self._previous: MotionSample | None = None
        self.unstable_s = 0.0
        self.motion_s = np.zeros(grid.shape, np.float32)
        self.fallback_frames: list[FrameRef] = []
        self.end_s = 0.0

    def detect(self, samples: Iterable[MotionSample]) -> None:
        """Write the stable frames of a recording to the spool."""
        sample: MotionSample | None = None
        for sample in samples:
            self._process(sample)
        if picture := self._drifting_pictures.finish():
            self._take_brief_picture(picture)
        elif sample is not None and self._new_blocks(sample).any():
            self._take(sample)  # an occluder still moved in front of the latest change
        if self._current:
            departed_s = self._departures.departed_s
            end_s = self.end_s if departed_s is None else departed_s
            self._spool.append(self._current.finish(end_s, self._absences.absences, self._live_blocks.blocks))

    def _process(self, motion: MotionSample) -> None:
        for picture in (self._brief_pictures.observe(motion), self._drifting_pictures.observe(motion)):
            if picture:
                self._take_brief_picture(picture)
        if self._stable_image is None:
            self._stable_image = motion.image.copy()
            for times in (self._last_motion_s, self._last_strong_motion_s, self._burst_start_s):
                times[:] = motion.sample.time_s
            self._changed_blocks[:] = True
            self.end_s = motion.sample.time_s
        begun = self._begun_blocks(motion)
        is_ending = float(begun.mean()) > self._parameters.large_change_share
        self._sudden_changes.observe(motion, begun, self._last_motion_s)
        if motion.moved_blocks is not None:
            self._record_motion(motion.sample, motion.image, motion.moved_blocks, motion.moved_strongly)
        self._update_stable_blocks(motion)
        unchanged_blocks = self._stable_blocks & ~self._changed_blocks
        self._departures.observe(motion, self._burst_start_s, unchanged_blocks)
        self._absences.observe(motion, unchanged_blocks)
        self._live_blocks.observe(motion, is_shown=not is_lasting(self._absences.absences))
        self._recently_moving_blocks |= motion.moving_blocks
        unstable_count = int(np.count_nonzero(~self._stable_blocks & ~motion.moving_blocks))
        is_stable = unstable_count <= self._max_unstable_count
        if is_stable:
            self._rested_s = motion.sample.time_s
        passed_s = motion.sample.time_s - self.end_s
        if unstable_count > self._max_restless_count:
            self.unstable_s += passed_s
        self.motion_s[motion.moving_blocks] += passed_s
        self._add_fallback_frame(motion.sample)
        self.end_s = motion.sample.time_s
        if is_stable:
            is_due = self._is_due(motion, unstable_count)
        else:
            is_due = (
                self._is_mostly_stable(motion, unstable_count) or self._is_left(motion, unstable_count) or self._has_come_by_hand(motion)
            )
        is_sudden = not is_stable and not is_due and self._has_changed_suddenly(motion, unstable_count)
        if (is_due or is_sudden) and not self._drifting_pictures.is_drifting:
            taken = self._previous if is_ending and not is_stable and self._previous is not None else motion
            sudden_s = median(self._last_strong_motion_s[self._sudden_changes.blocks]) if is_sudden else None
            self._take(without_motion(taken) if self._is_at_rest(motion) else taken, sudden_s)
        self._previous = motion
        if self._current and not self._drifting_pictures.is_drifting and not (self._changed_blocks & ~motion.moving_blocks).any():
            candidate = _Candidate(FrameRef.of(motion.sample), motion.image, unstable_count)
            self._current.add_candidate(candidate, is_stable, self._diff, self._parameters)

    def _take_brief_picture(self, picture: BriefPicture) -> None:
        """Take a picture that did not become stable, unless a frame of it is taken already; motion since it came only refined it."""
        motion = picture.motion
        if self._stable_image is None or (self._current and self._current.stable.best_frame.time_s > picture.since_s):
            return
        self._changed_blocks |= self._grid.changed_blocks(self._diff.threshold_difference(self._stable_image, motion.image))
        if (self._changed_blocks & ~motion.moving_blocks).any():
            for times in (self._last_motion_s, self._last_strong_motion_s):
                np.minimum(times, picture.since_s, out=times)
            self._stable_blocks[:] = True
            self._take(motion)

    def _add_fallback_frame(self, sample: Sample) -> None:
        frames = self.fallback_frames
        if not frames or sample.time_s - frames[-1].time_s >= self._parameters.fallback_interval_s:
            frames.append(FrameRef.of(sample))

    def _record_motion(self, sample: Sample, image: GrayImage, moving_blocks: Mask, strong_blocks: Mask | None) -> None:
        is_new = sample.time_s - self._last_motion_s > self._parameters.burst_gap_s
        if moving_blocks.mean() > self._parameters.cut_share:
            is_new |= self._stable_blocks
        starts_burst = moving_blocks & is_new
        changed_s = (sample.previous_sample_s + sample.time_s) / 2
        self._burst_start_s[starts_burst] = changed_s
        # Weak motion of a block that has changed already is a codec that refines it, unless a fade goes on.
        counts = starts_burst & ~self._changed_blocks
        if strong_blocks is not None:
            counts |= strong_blocks
        if self._current is not None:
            difference = cv2.absdiff(image, self._current.stable.image)
            levels = self._grid.block_levels(difference)  # type: ignore[arg-type]
            is_fading = (self._fade_levels > 0) & (levels > self._parameters.fading_growth * self._fade_levels)
            counts |= moving_blocks & is_fading
            self._fade_levels[counts] = levels[counts]
        self._last_strong_motion_s[counts] = changed_s
        if (share := float(counts.mean())) > self._peak_share:
            self._peak_share, self._peak_motion_s = share, changed_s
        self._last_motion_s[moving_blocks] = changed_s
        self._stable_blocks &= ~moving_blocks

    def _update_stable_blocks(self, motion: MotionSample) -> None:
        wait_s = self._parameters.stable_after_s - self._parameters.time_tolerance_s
        newly = ~self._stable_blocks & (motion.sample.time_s - self._last_motion_s >= wait_s)
        if not newly.any():
            return
        assert self._stable_image is not None
        if not self._diff.is_certainly_same(self._stable_image, motion.image):
            self._changed_blocks |= self._grid.changed_blocks(self._diff.threshold_difference(self._stable_image, motion.image)) & newly
        self._grid.copy_blocks(self._stable_image, motion.image, newly)
        self._stable_blocks |= newly

    def _is_at_rest(self, motion: MotionSample) -> bool:
        """Whether even the blocks that move habitually are still, such as text that was written and stands now."""
        moved_s = motion.sample.time_s - self._last_motion_s[motion.moving_blocks]
        return bool((moved_s >= self._parameters.stable_after_s - self._parameters.time_tolerance_s).all())

    def _is_due(self, motion: MotionSample, unstable_count: int) -> bool:
        """Whether to take a stable frame: something changed, and the rest of the motion is over or has been waited for."""
        if not (self._changed_blocks & ~motion.moving_blocks).any():
            return False
        self._changed_since_s = min(self._changed_since_s, motion.sample.time_s)
        return unstable_count == 0 or motion.sample.time_s - self._changed_since_s >= self._parameters.max_wait_s

    def _new_blocks(self, motion: MotionSample) -> Mask:
        """Return the blocks at rest that differ from the latest stable frame."""
        return self._changed_blocks & self._stable_blocks & ~motion.moving_blocks

    def _begun_blocks(self, motion: MotionSample) -> Mask:
        """Return the blocks at rest that begin to move: if they are many, the next picture comes, and this one ended a sample before."""
        if motion.moved_strongly is None:
            return np.zeros_like(self._stable_blocks)
        return motion.moved_strongly & self._stable_blocks & ~motion.moving_blocks

    def _is_mostly_stable(self, motion: MotionSample, unstable_count: int) -> bool:
        """Whether to take a new picture of which a part has not come to rest for some seconds: a chart that drifts, a clip."""
        parameters, time_s = self._parameters, motion.sample.time_s
        new_blocks = self._new_blocks(motion)
        if unstable_count > self._max_restless_count or not self._is_new_picture(new_blocks):
            self._mostly_stable_since_s = float("inf")
            return False
        self._mostly_stable_since_s = min(self._mostly_stable_since_s, time_s)
        return not self._diff.shaky and time_s - self._mostly_stable_since_s >= parameters.max_restless_s

    def _has_changed_suddenly(self, motion: MotionSample, unstable_count: int) -> bool:
        """Whether to take a picture of which a part has moved all the time, as much else changed at one moment and has come to rest."""
        if self._diff.shaky or unstable_count > self._max_restless_count or self._current is None or self._stable_image is None:
            return False
        if self._sudden_changes.since_s - self._rested_s < self._parameters.max_departed_s:
            return False
        unstable_blocks = ~self._stable_blocks & ~motion.moving_blocks
        settled = self._sudden_changes.find_settled(motion.sample.time_s, unstable_blocks, self._new_blocks(motion))
        if settled is None:
            return False
        contents = (self._grid.blocks_with_edges(image, self._min_gradient) for image in (self._current.stable.image, self._stable_image))
        return self._sudden_changes.is_exchange(settled, *contents)

    def _has_come_by_hand(self, motion: MotionSample) -> bool:
        """Whether to take what a shaking camera shows since most of the picture changed at once: the hand may never rest for long."""
        parameters = self._parameters
        if not self._diff.shaky or self._peak_share < parameters.min_jolt_share or self._current is None:
            return False
        if motion.sample.time_s - self._peak_motion_s < parameters.max_sway_s:
            return False
        return float(self._new_blocks(motion).mean()) > parameters.new_frame_share

    def _is_left(self, motion: MotionSample, unstable_count: int) -> bool:
        """Whether to take a picture that never comes to rest since the one before it went: a heading above a chart that runs.

        Of what is written, only a small part moves at a time.
        """
        departed_s = self._departures.departed_s
        is_over = departed_s is not None and motion.sample.time_s - departed_s >= self._parameters.max_departed_s
        if not is_over or unstable_count <= self._max_restless_count:
            return False
        assert self._stable_image is not None
        return bool((self._new_blocks(motion) & self._grid.blocks_with_edges(self._stable_image, self._min_gradient)).any())

    def _is_new_picture(self, changed_blocks: Mask) -> bool:
        """Whether the changed blocks came with a cut or a fade: they are most of the picture, or all that is new came at the same time.

        The parts of an animation, such as words that are written, change one after another.
        """
        parameters, share = self._parameters, float(changed_blocks.mean())
        if share > parameters.restless_change_share:
            return True
        if share <= parameters.sudden_change_share:
            return False
        assert self._stable_image is not None
        new_blocks = changed_blocks & self._grid.blocks_with_edges(self._stable_image, self._min_gradient)
        if float(new_blocks.mean()) <= parameters.sudden_change_share:
            return False
        starts, ends = self._burst_start_s[new_blocks], self._last_motion_s[new_blocks]
        together = (np.abs(starts - median(starts)) <= parameters.step_s) & (np.abs(ends - median(ends)) <= parameters.step_s)
        return float(together.mean()) >= parameters.together_share

    def _take(self, motion: MotionSample, sudden_s: float | None = None) -> None:
        assert self._stable_image is not None
        self._grid.copy_blocks(self._stable_image, motion.image, self._stable_blocks)  # specks too small to count as motion
        changed_blocks = self._changed_blocks & ~motion.moving_blocks
        unstable_blocks = ~self._stable_blocks & ~motion.moving_blocks
        occluded_block_count = int(np.count_nonzero(unstable_blocks))
        if changed_blocks.mean() > self._parameters.new_frame_share:
            self._grid.copy_blocks(self._stable_image, motion.image, unstable_blocks)
        else:
            unstable_blocks = np.zeros_like(unstable_blocks)
        start_s = higher_percentile(self._last_motion_s[changed_blocks], self._parameters.start_percentile)
        if self._current:
            self._spool.append(self._current.finish(motion.sample.time_s, self._absences.absences, self._live_blocks.blocks))
            start_s = max(start_s, self._current.stable.start_s)
            self.slide_area.observe(changed_blocks)
        else:
            changed_blocks = np.ones_like(changed_blocks)
        stable = StableFrame(
            start_s=start_s,
            end_s=motion.sample.time_s,
            best_frame=FrameRef.of(motion.sample),
            occluded_block_count=occluded_block_count,
            image=self._stable_image.copy(),
            last_motion_s=self._last_motion_s.copy(),
            last_strong_motion_s=self._last_strong_motion_s.copy(),
            burst_start_s=self._burst_start_s.copy(),
            changed_blocks=changed_blocks,
            moving_blocks=motion.moving_blocks.copy(),
            recently_moving_blocks=self._recently_moving_blocks,
            unstable_blocks=unstable_blocks,
            departed_s=self._departures.departed_s,
            peak_motion_s=self._peak_motion_s,
            peak_share=self._peak_share,
            sudden_s=sudden_s,
            live_blocks=self._live_blocks.blocks,
        )
        self._peak_share = 0.0
        self._departures.watch(stable.image, motion.moving_blocks)
        self._live_blocks.restart()
        self._sudden_changes.restart()
        self._absences.watch(stable.image, motion.moving_blocks, self.slide_area.changing_blocks)
        self._current = _CurrentFrame(stable, _Candidate(stable.best_frame, motion.image, occluded_block_count))
        self._fade_levels[:] = 0
        self._recently_moving_blocks = motion.moving_blocks.copy()
        self._changed_blocks &= ~changed_blocks
        self._changed_since_s = self._mostly_stable_since_s = float("inf")
