"""Parameters of the grid, the camera, motion and stable frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from services.slides.parameters.field import parameter

Sensitivity = Literal["low", "normal", "high"]


@dataclass(frozen=True)
class GridParameters:
    """Blocks over the analysis frame."""

    blocks_per_row: int = parameter(60, "blocks", "Wanted number of blocks in a row.")
    side_tolerance: int = parameter(2, "pixels", "The block side may differ by this much where the frame then divides with less remainder.")
    changed_share: float = parameter(0.03, "share of a block", "A block changed if more of its pixels did: two of an 8x8 block's 64.")


@dataclass(frozen=True)
class CameraParameters:
    """Contrast of a difference, and recognition of a shaking or grainy picture in the first seconds."""

    contrast_low: int = parameter(20, "grey levels", "Difference that counts with sensitivity `low`.")
    contrast_normal: int = parameter(
        14, "grey levels", "Difference that counts with sensitivity `normal`.", "grainy_clip fails at 7 and 28"
    )
    contrast_high: int = parameter(10, "grey levels", "Difference that counts with sensitivity `high`.")
    shaky_extra_contrast: int = parameter(6, "grey levels", "Added to the contrast where the camera shakes.")
    first_s: float = parameter(15.0, "s", "Length of the beginning that is examined.")
    min_pairs: int = parameter(8, "pairs of frames", "With fewer the picture is taken for steady and clean.")
    grain_stride: int = parameter(4, "pixels", "Every fourth pixel of every fourth line is measured for grain.")
    grain_percentile: float = parameter(75, "%", "Grain is this percentile of the difference between neighbouring samples.")
    max_grain: float = parameter(3, "grey levels", "With more grain frames are blurred before comparison.")
    cell_rows: int = parameter(4, "cells", "Rows of cells in which shaking is measured; a presenter moves in some, a camera moves all.")
    cell_columns: int = parameter(5, "cells", "Columns of cells in which shaking is measured.")
    min_edge_blocks: int = parameter(4, "blocks", "A cell with fewer blocks that contain edges is not counted.")
    min_moving_share: float = parameter(0.25, "share", "A cell moves if its edge blocks change in more of the pairs, on average.")
    min_cells: int = parameter(4, "cells", "With fewer countable cells the camera is taken for steady.")
    shaking_share: float = parameter(0.6, "share of cells", "The camera shakes if more of the cells move.")

    def contrast(self, sensitivity: Sensitivity) -> int:
        return {"low": self.contrast_low, "normal": self.contrast_normal, "high": self.contrast_high}[sensitivity]


@dataclass(frozen=True)
class MotionParameters:
    """Blocks that move habitually: a presenter, a video clip."""

    bin_s: float = parameter(2.0, "s", "Length of a time bin.")
    reach_bins: int = parameter(4, "bins", "Number of bins before and after a bin that decide what moves habitually in it.")
    min_changes: int = parameter(2, "changes", "A block is active in a bin from this many changes on: one change is a cut.")
    habit_share: float = parameter(
        0.55, "share of bins", "A block that is active in at least this share moves habitually.", "camera_builds fails at 1"
    )
    min_bins: int = parameter(3, "bins", "A block that moves habitually is active in at least this many.")
    rest_bins: int = parameter(
        3, "bins", "A block inactive for this many bins in a row does not move habitually.", "camera_builds fails at 1"
    )
    strong_share: float = parameter(0.2, "share of a block", "A block moved strongly if more of its pixels changed.")
    closing_blocks: int = parameter(7, "blocks", "Kernel that closes gaps: a swaying head does not touch every block of its place.")
    margin_blocks: int = parameter(3, "blocks", "Kernel that adds a margin of one block.")
    min_area: int = parameter(6, "blocks", "A smaller connected component is dropped.")
    rectangle_share: float = parameter(
        0.6, "share of its bounding box", "A fuller component is taken for all of the box: clips are rectangles."
    )


@dataclass(frozen=True)
class StableFrameParameters:
    """When blocks are stable, and the time at which a stable frame is taken."""

    stable_after_s: float = parameter(0.8, "s", "A block is stable once it has not moved for this time.")
    rest_s: float = parameter(
        0.45,
        "s",
        "A picture that was still as a whole for this time, two samples, is taken when a large change ends it.",
        "test_brief_pictures: a final state that stands for a second between two animations",
    )
    large_change_share: float = parameter(0.03, "share of blocks", "If more blocks move at one sample, a picture at rest has ended.")
    cut_share: float = parameter(
        0.5, "share of blocks", "If more blocks move at one sample, the picture is cut.", "test_brief_pictures: a slide between two cuts"
    )
    max_refined_share: float = parameter(
        0.003,
        "share of blocks",
        "If fewer blocks change strongly at each sample for `rest_s`, the codec only refines the picture.",
        "test_brief_pictures: a picture that is refined until the next one comes",
    )
    new_picture_share: float = parameter(
        0.3, "share of blocks", "If more blocks move at one sample, a picture that was being refined is replaced by another one."
    )
    time_tolerance_s: float = parameter(1e-3, "s", "Rounding error allowed when `stable_after_s` is compared.")
    burst_gap_s: float = parameter(1.0, "s", "After a longer pause, motion of a block begins a new burst.")
    clear_s: float = parameter(0.5, "s", "A frame is a candidate for the slide's image once the picture was stable for this time after it.")
    max_wait_s: float = parameter(1.0, "s", "A changed, mostly stable frame is taken after this time though some blocks still move.")
    max_restless_share: float = parameter(
        0.1, "share of blocks", "Of a new picture, up to this share may move without rest.", "drifting and meeting fail at 0.006"
    )
    restless_change_share: float = parameter(
        0.4,
        "share of blocks",
        "So much must have changed and become stable: a cut. Less is also what an animation leaves while it goes on.",
        "meeting fails at 0.6; at 0.1 formulas that are written on black fail",
    )
    sudden_change_share: float = parameter(
        0.02, "share of blocks", "Less is not a cut, even where it came at once.", "test_restless: text slides with a chart that drifts"
    )
    early_percentile: float = parameter(20, "%", "First motion of the blocks that is compared with `step_s`.")
    late_percentile: float = parameter(80, "%", "Last motion of the blocks that is compared with `step_s`.")
    step_s: float = parameter(0.3, "s", "A cut is over within this time, a sample; animations take half a second.")
    max_restless_s: float = parameter(2.0, "s", "A new picture with a part that moves without rest is taken after this time.")
    max_unstable_block_share: float = parameter(0.006, "share of blocks", "The picture is stable if at most this share is unstable.")
    max_unstable_block_share_shaky: float = parameter(
        0.03, "share of blocks", "The picture of a shaking camera is stable up to this share."
    )
    new_frame_share: float = parameter(0.1, "share of blocks", "If more changed, blocks still in motion are taken over too: a new picture.")
    start_percentile: float = parameter(95, "%", "The start of a stable frame is this percentile of its blocks' last motion.")
    fallback_interval_s: float = parameter(60.0, "s", "Distance of the frames kept for a recording that is never stable.")
    cached_frames: int = parameter(30, "frames", "Stable frames in memory; the others are on disk.")


@dataclass(frozen=True)
class DriftParameters:
    """Recognition of a picture that drifts as a whole."""

    min_duration_s: float = parameter(2.0, "s", "A picture that drifted for less is part of a transition.", "test_drift: a zoom")
    max_rest_s: float = parameter(2.0, "s", "A picture that was still for longer has come to rest; stable frames show it.")
    min_extent: float = parameter(0.3, "share of the width and height", "Blocks that moved lie at least so far apart.")
    max_remaining: float = parameter(
        0.6,
        "share of the difference",
        "With more left after the motion it is not drift. Zooms leave up to 0.6, fades 1.",
        "test_drift: fades",
    )
    min_step: float = parameter(0.5, "pixels of the analysis frame", "Smaller motions add up, until they can be told from a fade.")
    corners: int = parameter(120, "corners", "At most so many are followed from sample to sample, on images of half the size.")
    min_corners: int = parameter(12, "corners", "With fewer the motion is not known.")
    corner_quality: float = parameter(0.02, "of the best corner", "Weaker corners are not followed.")
    corner_distance: float = parameter(4.0, "pixels of half the analysis frame", "Least distance of two corners.")
    max_deviation: float = parameter(0.4, "pixels of half the analysis frame", "A corner that is farther off moves by itself.")
    min_agreement: float = parameter(0.8, "share of the corners", "So many move together.")
    max_failures: int = parameter(8, "samples", "After so many samples of a film in a row only every `retry_interval` is examined.")
    retry_interval: int = parameter(16, "samples", "Distance of the samples that are examined in a film.")
    steady_samples: int = parameter(24, "samples", "At most so many at the beginning tell a drift from a shaking camera.")
    min_steady_samples: int = parameter(6, "samples", "With fewer the camera shakes.")
    min_steady_share: float = parameter(0.8, "share of the samples", "So many must move on like the sample before.")
    steady_pixels: float = parameter(0.3, "pixels of the analysis frame", "Two motions differ by no more than this and `steady_share`.")
    steady_share: float = parameter(0.4, "share of the motion", "Two motions differ by no more than this and `steady_pixels`.")
