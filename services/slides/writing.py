"""Slides that are written: their parts come one after another, by an animation or by hand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from services.slides.frame_spool import StableFrame
from services.slides.grid import Mask, Times
from services.slides.parameters import WritingParameters
from services.slides.quantiles import fullest_window, median, percentile


@dataclass
class Writing:
    """How a slide is written. `start_s`: its start if only its first parts count; `begun_s`: when the first one was shown.

    `stands_since_s`: end of its latest part; `is_written`: its first parts came one after another; `has_paused`: it has stood for a while;
    `is_over`: it has stood for long, or is written for long; `blocks`: that came with the slide.
    """

    start_s: float
    begun_s: float
    stands_since_s: float
    is_written: bool
    blocks: Mask
    parameters: WritingParameters
    has_paused: bool = False
    is_over: bool = False

    @classmethod
    def of(cls, frame: StableFrame, start_s: float, content: Mask, new_blocks: Mask, parameters: WritingParameters) -> Writing:
        """`content`: the blocks that show foreground; `new_blocks`: that came with the slide."""
        blocks = content & new_blocks
        times = frame.last_strong_motion_s[blocks]
        if times.size <= parameters.min_new_share * np.count_nonzero(content):
            return cls(start_s, start_s, frame.start_s, False, blocks, parameters)
        begun_s, shown_s = (percentile(times, percent) for percent in (parameters.begin_percentile, 100 - parameters.begin_percentile))
        is_written = shown_s - begun_s >= parameters.min_writing_s
        return cls(start_s, begun_s, max(shown_s, frame.start_s), is_written, blocks, parameters)

    def start_with(self, frame: StableFrame, blocks: Mask, shown_s: float, is_large: bool) -> float | None:
        """Return the start of the slide now that there is new content in `blocks`, complete at `shown_s`; None if it stays as it is.

        A slide that is written without a pause starts when it is complete, one that is written for long with its first parts.
        """
        if self.is_over or not self.is_written:
            return None
        pause_s = percentile(frame.burst_start_s[blocks], self.parameters.begin_percentile) - self.stands_since_s
        self.stands_since_s = max(shown_s, frame.start_s)
        self.has_paused |= pause_s > self.parameters.max_pause_s
        self.is_over = pause_s > self.parameters.max_long_pause_s
        if not self.is_over and shown_s - self.begun_s > self.parameters.max_writing_s:
            self.is_over = True
            return self.start_s
        has_ended = self.has_paused or self.is_over or not is_large
        return None if has_ended or not is_gradual(frame, blocks, self.parameters) else shown_s


def _came_together(times_s: Times, parameters: WritingParameters) -> bool:
    """Whether most parts came at the same time: the others were refined by a codec, or moved later."""
    _, share = fullest_window(times_s, parameters.together_s)
    return share >= parameters.together_share


def is_gradual(frame: StableFrame, blocks: Mask, parameters: WritingParameters) -> bool:
    """Whether the content of the blocks moved to its place or came part by part, rather than with a cut."""
    shown_s, begin_s = frame.last_strong_motion_s[blocks], frame.burst_start_s[blocks]
    if not shown_s.size:
        return False
    motion_s = median(shown_s - begin_s)
    if motion_s < parameters.max_cut_s and _came_together(shown_s, parameters):
        return False
    first_s, last_s = (percentile(shown_s, percent) for percent in (parameters.begin_percentile, 100 - parameters.begin_percentile))
    return motion_s >= parameters.min_motion_s or last_s - first_s >= parameters.min_writing_s


def times_until_pause(times_s: Times, parameters: WritingParameters) -> Times:
    """Return the times at which parts of a slide came, without those after a pause in which most of it stood complete."""
    times = np.sort(times_s)
    pauses = np.flatnonzero(np.diff(times) > parameters.max_pause_s) + 1
    complete = pauses[pauses > parameters.min_complete_share * times.size]
    return times[: complete[0]] if complete.size else times
