"""All tunable numbers of the slide engine, grouped by step; `describe_parameters` lists them with unit, meaning and origin.

Units: `px` counts pixels of a frame scaled to 480 pixels in width, so that a value holds at every resolution; `grey levels` are 0 to 255;
`share` is 0 to 1; `blocks` are cells of the grid. A parameter whose case is "not traced" is as old as the engine: only its role is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

Sensitivity = Literal["low", "normal", "high"]


def parameter(default: float | tuple[int, int], unit: str, meaning: str, case: str = "not traced") -> Any:
    """A dataclass field with its documentation. `case`: the recording, test or commit that fixed the value."""
    return field(default=default, metadata={"unit": unit, "meaning": meaning, "case": case})


@dataclass(frozen=True)
class SamplingParameters:
    """Turning frames at any rate into samples at regular times."""

    period_s: float = parameter(0.25, "s", "Time between two samples.")
    early_tolerance_s: float = parameter(0.03, "s", "A frame may come this much before its sample is due; frame times are rounded.")
    hold_periods: float = parameter(1.5, "periods", "A longer gap between frames is filled with samples of the frame before.")
    long_hold_s: float = parameter(
        30.0, "s", "After this time on one frame the filling samples are farther apart.", "test_limits: 11-day gap"
    )
    hold_stride_share: float = parameter(
        1 / 8,
        "share",
        "After `long_hold_s`, the next filling sample comes after this share of the time held so far.",
        "test_limits: 11-day gap",
    )
    report_interval_s: float = parameter(30.0, "s of recording", "Time between two progress reports.")


@dataclass(frozen=True)
class DecodingParameters:
    """Choosing the packets to decode, and making the analysis frame."""

    max_group_packets: int = parameter(1000, "packets", "A longer GOP is read in parts, so that memory is bounded.")
    max_group_bytes: int = parameter(8 * 2**20, "bytes", "A larger GOP is read in parts, so that memory is bounded.")
    max_demux_errors: int = parameter(50, "errors", "Reading continues after this many streams that appear late in a damaged file.")
    refining_packets: int = parameter(3, "packets", "The first packets after a keyframe only refine it and are no sign of change.")
    burst_share: float = parameter(0.1, "share of the keyframe's bytes", "A larger packet may show another slide.")
    min_floor_packets: int = parameter(8, "packets", "A GOP with fewer gives no estimate of the size of an empty packet.")
    floor_divisor: int = parameter(20, "1/quantile", "The size of an empty packet is this quantile (1/20) of the GOP's packet sizes.")
    active_factor: float = parameter(1.5, "of the floor", "A packet above `active_factor` * floor + `active_bytes` carries motion.")
    active_bytes: int = parameter(16, "bytes", "A packet above `active_factor` * floor + `active_bytes` carries motion.")
    silent_bytes: int = parameter(
        6,
        "bytes over the floor",
        "A smaller packet changes nothing.",
        "a wiped board in 48 bytes; a fade by weighted prediction takes more",
    )
    min_rest_share: float = parameter(0.3, "share of the packets", "A shorter inactive tail of a GOP is decoded too.")
    dense_gap_s: float = parameter(0.1, "s", "Where frames are at most this far apart, non-reference frames are skipped.")
    intra_period_s: float = parameter(0.2, "s", "Of a stream with keyframes only, at most one frame in this time is decoded.")
    plain_contrast: int = parameter(28, "grey levels", "Two keyframes with a block that differs by more are different.")
    faint_contrast: int = parameter(14, "grey levels", "A smaller difference between keyframes is ignored.")
    max_faint_share: float = parameter(0.03, "share of blocks", "Faint differences up to here are coding noise: keyframes are coded anew.")
    cut_share: float = parameter(0.1, "share of blocks", "A larger difference between keyframes is a cut, a smaller one a local change.")
    block_side: int = parameter(8, "pixels of the analysis frame", "Side of the blocks in which keyframes are compared.")
    speck_share: float = parameter(0.03, "share of a block", "A block differs if more of its pixels do.")
    min_width: int = parameter(400, "pixels", "A frame is halved until it is less than twice as wide: 400 to 799.")
    deep_blue: int = parameter(
        176, "level of the Cb plane (neutral: 128)", "A bluer pixel may be as dark as black.", "test_limits: deep blue"
    )
    blue_gain: float = parameter(
        0.6, "luma per Cb level", "Brightness given to blue, below other colours' as strong.", "test_limits: deep blue"
    )


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
    contrast_normal: int = parameter(14, "grey levels", "Difference that counts with sensitivity `normal`.")
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
    habit_share: float = parameter(0.55, "share of bins", "A block that is active in at least this share moves habitually.")
    min_bins: int = parameter(3, "bins", "A block that moves habitually is active in at least this many.")
    rest_bins: int = parameter(3, "bins", "A block inactive for this many bins in a row does not move habitually.")
    strong_share: float = parameter(0.2, "share of a block", "A block moved strongly if more of its pixels changed.")
    closing_blocks: int = parameter(7, "blocks", "Kernel that closes gaps: a swaying head does not touch every block of its place.")
    margin_blocks: int = parameter(3, "blocks", "Kernel that adds a margin of one block.")
    min_area: int = parameter(6, "blocks", "A smaller connected component is dropped.")
    rectangle_share: float = parameter(
        0.6, "share of its bounding box", "A fuller component is taken for all of the box: clips are rectangles."
    )


@dataclass(frozen=True)
class StableFrameParameters:
    """Settling of blocks, and the time at which a stable frame is taken."""

    settle_s: float = parameter(0.8, "s", "A block is settled once it has not moved for this time.")
    time_tolerance_s: float = parameter(1e-3, "s", "Rounding error allowed when `settle_s` is compared.")
    burst_gap_s: float = parameter(1.0, "s", "After a longer pause, motion of a block begins a new burst.")
    clear_s: float = parameter(0.5, "s", "A frame is a candidate for the slide's image once the picture was stable for this time after it.")
    max_wait_s: float = parameter(1.0, "s", "A changed, mostly stable frame is taken after this time though some blocks still move.")
    max_unsettled_share: float = parameter(0.006, "share of blocks", "The picture is stable if at most this share is unsettled.")
    max_unsettled_share_shaky: float = parameter(0.03, "share of blocks", "The picture of a shaking camera is stable up to this share.")
    new_frame_share: float = parameter(0.1, "share of blocks", "If more changed, blocks still in motion are taken over too: a new picture.")
    start_percentile: float = parameter(95, "%", "The start of a stable frame is this percentile of its blocks' last motion.")
    fallback_interval_s: float = parameter(60.0, "s", "Distance of the frames kept for a recording that is never stable.")
    cached_frames: int = parameter(30, "frames", "Stable frames in memory; the others are on disk.")


@dataclass(frozen=True)
class ComparisonParameters:
    """Changed regions between two stable frames, and their foreground."""

    min_gradient: int = parameter(24, "grey levels in 3x3 pixels", "A steeper change of brightness is an edge.")
    min_region_px: float = parameter(5, "px", "A region with fewer changed pixels is a speck.")
    merge_px: float = parameter(7, "px", "Side of the dilation that joins changed pixels into one region: the letters of a word.")
    small_share: float = parameter(0.012, "share of the frame", "A smaller region is compared by brightness, a larger one by edges.")
    min_foreground_px: float = parameter(3, "px", "Less foreground lost or gained counts as none.")
    minor_share: float = parameter(0.15, "share", "Foreground lost below this share of the gained (or the reverse) counts as none.")
    equal_share: float = parameter(0.15, "share of the region", "Two frames are equal in a region if fewer of its pixels differ.")
    min_dimmed_px: float = parameter(200, "px", "A smaller region is never only dimmed.")
    min_dimmed_lost_px: float = parameter(20, "px", "A region that lost less foreground is not dimmed.")
    dimmed_correlation: float = parameter(0.85, "correlation", "Above it, before and after are the same foreground, darker or lighter.")
    shifted_correlation: float = parameter(0.8, "template matching score", "Above it, the new content is the old one, moved: a pointer.")
    min_shift_pixels: int = parameter(2, "pixels of the analysis frame", "A smaller shift is no motion.")
    bared_share: float = parameter(0.4, "share", "Foreground is lost if its contrast falls below this share (or by `bared_contrasts`).")
    bared_contrasts: float = parameter(
        4, "contrasts", "Foreground is lost if its contrast falls by more than this many times the counted one."
    )
    ground_contrasts: float = parameter(2, "contrasts", "A large region shows bare ground where it differs from it by no more.")
    ground_stride: int = parameter(4, "pixels", "The ground is estimated on every fourth pixel of every fourth line.")
    ground_kernel: int = parameter(9, "sampled pixels", "Side of the median filter that estimates the ground.")


@dataclass(frozen=True)
class ClassificationParameters:
    """Kinds of changed regions."""

    major_share: float = parameter(
        0.12, "share of the slide's foreground", "A larger loss is a new slide; a smaller one may be an addition."
    )
    clip_s: float = parameter(3.0, "s", "A region whose blocks moved for at least this long is a video clip.")
    clip_motion_share: float = parameter(
        0.5, "share of the region", "A region of which more moved habitually since the frame before is a video clip."
    )
    clip_max_share: float = parameter(0.45, "share of the frame", "A larger region is no clip.")
    clip_max_missing: float = parameter(0.8, "share of the foreground", "A region that takes more away is no clip.")
    abrupt_s: float = parameter(1.5, "s", "Content that appears within this time after its motion began comes at once.")
    simultaneous_s: float = parameter(0.6, "s", "Blocks of content that comes at once change within this time of one another.")
    early_percentile: float = parameter(20, "%", "First block of the two that are compared with `simultaneous_s`.")
    late_percentile: float = parameter(80, "%", "Last block of the two that are compared with `simultaneous_s`.")
    brief_s: float = parameter(2.5, "s", "Something that came at once is an occluder only if it leaves within this time.")
    persistence_s: float = parameter(3.0, "s", "Exchanged foreground was there this long before and stays this long after.")
    max_still_s: float = parameter(
        5.0, "s", "Something larger than a pointer that is still for longer is no occluder: a person moves more often."
    )
    look_ahead_s: float = parameter(60.0, "s", "An occluder or pointer is recognised if the slide reappears within this time.")
    look_ahead_frames: int = parameter(60, "stable frames", "At most this many are examined ahead.")
    min_overlap_ahead: float = parameter(0.5, "share of the foreground", "Looking ahead ends where less of the slide is left.")
    pointer_px: float = parameter(250, "px", "A larger region is no pointer.")
    pointer_loss_share: float = parameter(0.5, "share", "A pointer takes away less foreground than this share of what it adds or covers.")
    trail_blocks: int = parameter(5, "blocks", "A pointer's trail is searched this far around its region.")
    trail_gap_blocks: int = parameter(1, "blocks", "Blocks as near as this are not part of the trail.")
    trail_before_s: float = parameter(1.5, "s", "The trail moved at most this long before the region's last motion.")
    trail_after_s: float = parameter(0.3, "s", "The trail moved at most this long after the region's last motion.")
    trail_delay_s: float = parameter(0.1, "s", "The trail moved this long after the start of the stable frame before, or later.")
    min_trail_blocks: int = parameter(2, "blocks", "A trail has at least this many blocks.")
    trail_max_share: float = parameter(0.08, "share of blocks", "If more of the picture moved at the time, it is no trail.")
    moved_size_ratio: float = parameter(1.4, "ratio", "Two regions of a more different size are not one object that moved.")
    moved_side_ratio: float = parameter(
        1.3, "ratio", "Two regions with bounding boxes that differ more in a side are not one object that moved."
    )
    moved_share: float = parameter(0.3, "share of the region", "The object loses more than this share here and gains it there.")
    min_exchange_px: float = parameter(3, "px", "An exchange loses and gains more foreground than this.")
    balance_share: float = parameter(0.35, "share", "The smaller of lost and gained is more than this share of the larger in an exchange.")
    figure_px: float = parameter(
        100, "px", "A smaller region is an exchange only if old and new foreground overlap: a pointer bares what is under it."
    )
    figure_overlap: float = parameter(
        0.2, "share of the region", "An exchange in a region smaller than `figure_px` has at least this overlap."
    )
    motion_margin_blocks: int = parameter(2, "blocks", "A region this near to habitual motion belongs to it.")


@dataclass(frozen=True)
class OccurrenceParameters:
    """State kept of the slide that is being shown."""

    max_history: int = parameter(6, "states", "States in memory: the first and the latest ones.")
    max_builds: int = parameter(40, "build steps", "Further build steps are not recorded.")
    min_build_gap_s: float = parameter(1.0, "s", "A build step nearer to the one before is not recorded.")


@dataclass(frozen=True)
class SegmentationParameters:
    """Boundaries between slides."""

    motion_share: float = parameter(0.5, "share of the time", "Blocks that move habitually for longer are never compared.")
    min_foreground_px: float = parameter(150, "px", "A slide with less foreground is treated as if it had this much.")
    hole_share: float = parameter(0.25, "share of the foreground", "If more is erased or reverted, the fullest state is kept aside.")
    hole_fill_px: float = parameter(20, "px", "A new region of this size on an erased slide is a new slide.")
    wide_share: float = parameter(
        0.25, "share of the frame", "If the regions cover a larger area, a smaller loss is a new slide: `wide_loss_share`."
    )
    wide_loss_share: float = parameter(0.04, "share of the foreground", "A larger loss is a new slide if the regions cover `wide_share`.")
    exchange_share: float = parameter(0.03, "share of the foreground", "A larger loss by changes that come at once is a new slide.")
    local_share: float = parameter(0.4, "share of the foreground", "A change that takes away less may be an occluder.")
    max_local_exchanges: int = parameter(2, "regions", "A change with more regions of exchanged foreground is no occluder.")
    min_shaky_exchanges: int = parameter(
        4,
        "regions",
        "With a shaking camera, so many exchanges at once are no pointer: a hand is in one place.",
        "a change in several places, filmed by hand",
    )
    occluder_share: float = parameter(
        0.5,
        "share of the region",
        "What vanished was an occluder if more of it was unsettled at first.",
        "a person in front of a slide when it appears",
    )
    simultaneous_s: float = parameter(0.5, "s", "Blocks that came within this time came together.")
    simultaneous_share: float = parameter(0.6, "share of blocks", "If so many came together, their time is the start of the slide.")
    shown_percentile: float = parameter(90, "%", "Otherwise the slide starts at this percentile of its blocks' times.")
    leaving_percentile: float = parameter(10, "%", "The slide before ends at this percentile of the first motion of the blocks.")
    leaving_s: float = parameter(3.0, "s", "Motion that began earlier does not belong to the change.")


@dataclass(frozen=True)
class RevisitParameters:
    """Recognition of a slide that is shown again."""

    min_duration_s: float = parameter(1.2, "s", "A shorter occurrence cannot be read and gives no page.")
    join_gap_s: float = parameter(0.6, "s", "Occurrences of one slide with a shorter gap are one span.")
    thumbnail: tuple[int, int] = parameter((24, 14), "pixels, width and height", "Size of the image by which most pages are ruled out.")
    max_thumbnail_difference: int = parameter(40, "grey levels", "Thumbnails with a pixel that differs more show different slides.")
    common_share: float = parameter(0.75, "share of the foreground", "Least foreground that two states of one slide have in common.")
    max_states: int = parameter(8, "states", "Latest build states that are compared.")
    fuller_ratio: float = parameter(1.02, "ratio", "A revisit with more foreground than this replaces the page's image.")


@dataclass(frozen=True)
class RegionParameters:
    """The region of the slide in the picture, and areas with motion."""

    min_pages: int = parameter(3, "pages", "With fewer, no region is reported.")
    max_pages: int = parameter(12, "pages", "About this many pages, evenly spread, are examined.")
    min_edge: int = parameter(10, "grey levels", "Step between neighbouring pixels that is part of a line.")
    min_line_share: float = parameter(0.8, "share of a side", "Part of a side that must be an edge on every page.")
    min_sides: int = parameter(2, "sides", "Number of sides that are lines and not the frame's own border.")
    min_area: float = parameter(0.2, "share of the frame", "A smaller region is no slide.")
    max_area: float = parameter(0.9, "share of the frame", "A larger region is the whole frame.")
    min_aspect: float = parameter(1.15, "width / height", "Narrower regions are no slides.")
    max_aspect: float = parameter(2.0, "width / height", "Wider regions are no slides.")
    motion_share: float = parameter(0.2, "share of the time", "Blocks that move habitually for longer are reported as ignored.")
    min_side_pixels: int = parameter(8, "pixels of the recording", "A region or ignored area given by a user must be this large.")


@dataclass(frozen=True)
class LimitParameters:
    """Bounds on pages and on the time of the child process."""

    max_pages_per_window: int = parameter(10, "pages", "More pages that begin within the window are thinned out.")
    window_s: float = parameter(60.0, "s", "Length of the window for `max_pages_per_window`.")
    max_pages: int = parameter(1000, "pages", "The largest document that can be made.", "test_limits: too many slides")
    min_timeout_s: float = parameter(600, "s", "Time allowed for any recording.")
    timeout_factor: float = parameter(4, "s per s of recording", "Time allowed in addition, for each second of the recording.")


@dataclass(frozen=True)
class TitleParameters:
    """Titles among the words read by OCR."""

    min_confidence: float = parameter(0.3, "confidence", "Words read with less are ignored.")
    repeated_share: float = parameter(0.5, "share of slides", "A line on at least this share of the slides is a footer or logo.")
    min_repeats: int = parameter(3, "slides", "A footer or logo is on at least this many slides.")
    positions: int = parameter(20, "positions", "Number of heights on the page at which lines count as being in the same place.")
    lowest_top: float = parameter(0.6, "share of the height", "A line that begins lower is no title.", "test_titles: text at the bottom")
    large_share: float = parameter(0.75, "share of the largest letters", "Smaller lines are no part of the title.")
    max_line_gap: float = parameter(0.9, "of a line's height", "Lines farther apart are not one title.", "test_titles: two lines")
    max_characters: int = parameter(160, "characters", "Longer titles are cut at a word.")


@dataclass(frozen=True)
class WordParameters:
    """Assignment of spoken words to slides."""

    sentence_reach_s: float = parameter(2.0, "s", "A cut falls on a sentence end if one is at most this far from the slide change.")


@dataclass(frozen=True)
class QualityParameters:
    """Signs of trouble in the quality report."""

    max_slides_per_minute: float = parameter(6.0, "slides per minute", "More are reported as very many.")
    min_counted_slides: int = parameter(6, "slides", "With fewer slides the rate is not reported.")
    min_slides_per_minute: float = parameter(
        1 / 20, "slides per minute", "Fewer are reported as very few, if the recording is long: `min_duration_s`."
    )
    min_duration_s: float = parameter(600.0, "s", "Very few slides are reported only for longer recordings.")
    max_unstable_share: float = parameter(0.4, "share of the time", "With more the picture rarely is stable.")
    max_duplicate_risk: float = parameter(0.2, "share of slides", "With more, pages may be duplicates.")
    min_ocr_confidence: float = parameter(0.6, "confidence", "With less the text is hard to read.")
    min_speech_share: float = parameter(0.05, "share of the time", "With less there is hardly any speech.")
    min_visit_s: float = parameter(2.0, "s", "A slide shown for less is a suspected duplicate.")
    same_text_ratio: float = parameter(0.9, "similarity", "A slide whose words resemble those before by this is a suspected duplicate.")


@dataclass(frozen=True)
class Parameters:
    """Every parameter of the engine."""

    sampling: SamplingParameters = SamplingParameters()
    decoding: DecodingParameters = DecodingParameters()
    grid: GridParameters = GridParameters()
    camera: CameraParameters = CameraParameters()
    motion: MotionParameters = MotionParameters()
    stable_frames: StableFrameParameters = StableFrameParameters()
    comparison: ComparisonParameters = ComparisonParameters()
    classification: ClassificationParameters = ClassificationParameters()
    occurrences: OccurrenceParameters = OccurrenceParameters()
    segmentation: SegmentationParameters = SegmentationParameters()
    revisits: RevisitParameters = RevisitParameters()
    region: RegionParameters = RegionParameters()
    limits: LimitParameters = LimitParameters()
    titles: TitleParameters = TitleParameters()
    words: WordParameters = WordParameters()
    quality: QualityParameters = QualityParameters()

    def with_value(self, name: str, value: Any) -> Parameters:
        """Return a copy in which the parameter `group.field` has another value."""
        group, _, key = name.partition(".")
        return replace(self, **{group: replace(getattr(self, group), **{key: value})})


DEFAULTS = Parameters()


@dataclass(frozen=True)
class ParameterDescription:
    """A parameter with its value, unit, meaning and case (the recording, test or commit that fixed the value)."""

    name: str
    value: Any
    unit: str
    meaning: str
    case: str


def describe_parameters(parameters: Parameters = DEFAULTS) -> Iterator[ParameterDescription]:
    """Describe every parameter, named `group.field`, in the order of the steps."""
    for group in fields(parameters):
        values = getattr(parameters, group.name)
        for each in fields(values):
            yield ParameterDescription(f"{group.name}.{each.name}", getattr(values, each.name), **each.metadata)
