"""The images that an occurrence of a slide keeps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from services.slides.frame_spool import FrameRef, StableFrame
from services.slides.occurrences import SlideOccurrence
from services.slides.parameters import DEFAULTS


def stable_frame(start_s: float) -> StableFrame:
    times, mask = np.zeros((1, 1)), np.zeros((1, 1), np.bool_)
    return StableFrame(
        start_s=start_s,
        end_s=start_s + 1,
        best_frame=FrameRef(start_s, start_s),
        occluded_block_count=0,
        image=np.zeros((8, 8), np.uint8),
        last_motion_s=times,
        last_strong_motion_s=times,
        burst_start_s=times,
        changed_blocks=mask,
        moving_blocks=mask,
        recently_moving_blocks=mask,
        unstable_blocks=mask,
        live_blocks=mask,
    )


def test_the_history_keeps_the_first_and_the_latest_images_up_to_the_maximum() -> None:
    parameters = replace(DEFAULTS.occurrences, max_history=4)
    occurrence = SlideOccurrence.from_stable_frame(stable_frame(0), 0.0, parameters)
    for start_s in range(1, 4):
        occurrence.add_to_history(stable_frame(start_s))
    assert [time_s for time_s, _ in occurrence.history] == [0, 1, 2, 3]
    for start_s in range(4, 9):
        occurrence.add_to_history(stable_frame(start_s))
    assert [time_s for time_s, _ in occurrence.history] == [0, 6, 7, 8]


def test_of_strokes_that_follow_quickly_one_a_second_is_a_build_step_and_forty_at_most() -> None:
    occurrence = SlideOccurrence.from_stable_frame(stable_frame(0), 0.0, DEFAULTS.occurrences)
    for number in range(200):
        occurrence.best_frame = stable_frame(number / 2).best_frame
        occurrence.add_build()
    assert [build.frame.time_s for build in occurrence.builds] == list(range(40))
