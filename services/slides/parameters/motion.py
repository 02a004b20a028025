"""Parameters of the grid, the camera, motion and stable frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from services.slides.parameters.field import parameter

Sensitivity = Literal["low", "normal", "high"]


@dataclass(frozen=True)
class GridParameters:
    """Blocks over the analysis frame."""

    blocks_per_row: int = parameter(
        60,
        "blocks",
        "Wanted number of blocks in a row.",
        "test_brief_pictures (a line that is refined) fails at 120",
    )
    side_tolerance: int = parameter(
        2,
        "pixels",
        "The block side may differ by this much where the frame then divides with less remainder.",
        "test_restless (a chart that drifts) fails at 1",
    )
    changed_share: float = parameter(
        0.03,
        "share of a block",
        "A block changed if more of its pixels did: two of an 8x8 block's 64.",
        "test_restless (a chart that drifts) fails at 0.06",
    )


@dataclass(frozen=True)
class CameraParameters:
    """Contrast of a difference, and recognition of a shaking or grainy picture in the first seconds."""

    contrast_low: int = parameter(
        20, "grey levels", "Difference that counts with sensitivity `low`.", "not traced: the tests and lectures have sensitivity `normal`"
    )
    contrast_normal: int = parameter(
        14, "grey levels", "Difference that counts with sensitivity `normal`.", "grainy_clip fails at 7 and 28"
    )
    contrast_high: int = parameter(
        10, "grey levels", "Difference that counts with sensitivity `high`.", "not traced: the tests and lectures have sensitivity `normal`"
    )
    shaky_extra_contrast: int = parameter(
        6,
        "grey levels",
        "Added to the contrast where the camera shakes.",
        "test_camera (a camera in a hand) fails at 0; the tests hold from 3 to 60",
    )
    first_s: float = parameter(
        15.0,
        "s",
        "Length of the beginning that is examined.",
        "test_camera (slides filmed by hand) fails at 1.5; the tests hold from 7.5 to 150",
    )
    min_pairs: int = parameter(
        8, "pairs of frames", "With fewer the picture is taken for steady and clean.", "test_camera (a few samples) fails at 7"
    )
    grain_stride: int = parameter(
        4, "pixels", "Every fourth pixel of every fourth line is measured for grain.", "tests and lectures hold from 1 to 40"
    )
    grain_percentile: float = parameter(
        75,
        "%",
        "Grain is this percentile of the difference between neighbouring samples.",
        "test_camera (a grainy picture) fails at 7 and 100; the tests hold from 37 to 87.5",
    )
    max_grain: float = parameter(
        3, "grey levels", "With more grain frames are blurred before comparison.", "test_camera (a grainy picture) fails at 1"
    )
    cell_rows: int = parameter(
        4,
        "cells",
        "Rows of cells in which shaking is measured; a presenter moves in some, a camera moves all.",
        "test_camera (a page with few words) fails at 8",
    )
    cell_columns: int = parameter(
        5, "cells", "Columns of cells in which shaking is measured.", "test_camera (a page with few words) fails at 10"
    )
    min_edge_blocks: int = parameter(
        4,
        "blocks",
        "A cell with fewer blocks that contain edges is not counted.",
        "the tests hold from 0 to 40",
    )
    min_moving_share: float = parameter(
        0.25,
        "share",
        "A cell moves if its edge blocks change in more of the pairs, on average.",
        "test_camera (slides in quick succession) fails at 0.025; the tests hold from 0.125 to 0.5",
    )
    min_cells: int = parameter(
        4, "cells", "With fewer countable cells the camera is taken for steady.", "test_camera (a page with few words) fails at 3"
    )
    shaking_share: float = parameter(
        0.6,
        "share of cells",
        "The camera shakes if more of the cells move.",
        "test_camera (a camera in a hand) fails at 1; the tests hold from 0.06 to 0.8",
    )

    def contrast(self, sensitivity: Sensitivity) -> int:
        return {"low": self.contrast_low, "normal": self.contrast_normal, "high": self.contrast_high}[sensitivity]


@dataclass(frozen=True)
class MotionParameters:
    """Blocks that move habitually: a presenter, a video clip."""

    bin_s: float = parameter(
        2.0, "s", "Length of a time bin.", "test_moving_parts (a camera inset) fails at 0.2 and 20; the tests hold from 1 to 4"
    )
    reach_bins: int = parameter(
        4,
        "bins",
        "Number of bins before and after a bin that decide what moves habitually in it.",
        "test_brief_pictures (a refined picture) fails at 2",
    )
    min_changes: int = parameter(
        2,
        "changes",
        "A block is active in a bin from this many changes on: one change is a cut.",
        "test_brief_pictures (a refined picture) fails at 1",
    )
    habit_share: float = parameter(
        0.55, "share of bins", "A block that is active in at least this share moves habitually.", "camera_builds fails at 1"
    )
    min_bins: int = parameter(
        3,
        "bins",
        "A block that moves habitually is active in at least this many.",
        "test_moving_parts (a camera inset) fails at 30; the tests hold from 0 to 6",
    )
    rest_bins: int = parameter(
        3, "bins", "A block inactive for this many bins in a row does not move habitually.", "camera_builds fails at 1"
    )
    rest_s: float = parameter(
        1.0,
        "s",
        "Where nothing moves strongly for so long, and for the time between two frames, motion has come to rest.",
        "test_writing: formulas in one place; with 1.2, recodings of obj and of such formulas go on for up to 9 s",
    )
    restless_s: float = parameter(
        8.0,
        "s",
        "Motion is habitual if it goes on for so long and never comes to rest as a whole; else content is written, stands and fades.",
        "written films rest every 6 s at the latest, people and clips go on for 9 s of the 10 s that are seen at a recording's end",
    )
    restless_share: float = parameter(
        0.8, "share of the time that is examined", "As `restless_s`, where less time is examined: in a short recording.", "not traced"
    )
    moved_restless_s: float = parameter(
        4.0, "s", "As `restless_s`, for motion that ends in one place and begins in another: a camera inset that is moved.", "test_insets"
    )
    strong_share: float = parameter(
        0.2,
        "share of a block",
        "A block moved strongly if more of its pixels changed.",
        "test_brief_pictures (a refined picture) fails at 0.1",
    )
    closing_blocks: int = parameter(
        7,
        "blocks",
        "Kernel that closes gaps: a swaying head does not touch every block of its place.",
        "tests and lectures hold from 1 to 71",
    )
    margin_blocks: int = parameter(
        3, "blocks", "Kernel that adds a margin of one block.", "test_moving_parts (a camera inset) fails at 31; the tests hold from 1 to 5"
    )
    min_area: int = parameter(6, "blocks", "A smaller connected component is dropped.", "test_restless (a chart that drifts) fails at 7")
    max_inset_share: float = parameter(
        0.3,
        "share of blocks",
        "Of a larger area, only the places around which something always moves do so habitually: a presenter in front of the slides.",
        "test_moving_parts (slides that change often under a presenter) fails at 0.6",
    )
    moved_side_ratio: float = parameter(
        1.5, "ratio", "Where motion begins in a rectangle as it ends in one with sides that differ less, an inset has moved.", "test_insets"
    )
    brightness_stride: int = parameter(13, "pixels", "Every 13th pixel of every 13th line is measured for brightness.", "test_brightness")
    max_brightness_step: int = parameter(
        6, "grey levels", "If the whole picture changes by more from sample to sample, it fades.", "test_writing: a lamp that flickers"
    )
    rectangle_share: float = parameter(
        0.6,
        "share of its bounding box",
        "A fuller component is taken for all of the box: clips are rectangles.",
        "tests and lectures hold from 0.06 to 1",
    )


@dataclass(frozen=True)
class StableFrameParameters:
    """When blocks are stable, and the time at which a stable frame is taken."""

    stable_after_s: float = parameter(
        0.8, "s", "A block is stable once it has not moved for this time.", "test_quality (distinct slides shown briefly) fails at 1.6"
    )
    rest_s: float = parameter(
        0.45,
        "s",
        "A picture that was still as a whole for this time, two samples, is taken when a large change ends it.",
        "test_brief_pictures: a final state that stands for a second between two animations",
    )
    large_change_share: float = parameter(
        0.03,
        "share of blocks",
        "If more blocks move at one sample, a picture at rest has ended.",
        "test_brief_pictures (a step back before the end) fails at 0.3; the tests hold from 0.003 to 0.06",
    )
    cut_share: float = parameter(
        0.5, "share of blocks", "If more blocks move at one sample, the picture is cut.", "test_brief_pictures: a slide between two cuts"
    )
    max_refined_share: float = parameter(
        0.003,
        "share of blocks",
        "If fewer blocks change strongly at each sample for `rest_s`, the codec only refines the picture.",
        "test_brief_pictures: a picture that is refined until the next one comes",
    )
    replaced_share: float = parameter(
        0.35,
        "share of the blocks with edges",
        "If more of what a picture shows moves at one sample, it is replaced, even if it was still being refined.",
        "the tests hold from 0.1 to 0.85",
    )
    fading_growth: float = parameter(
        1.25,
        "ratio",
        "Weak motion that increases a block's difference from the picture before by more is a slow fade, less is a codec that refines it.",
        "photo_back: a fade of two seconds over a photograph",
    )
    departed_share: float = parameter(
        0.5,
        "share of the blocks with edges",
        "If more of a stable frame becomes empty, what it shows has gone.",
        "test_blank_pictures (black between written slides) fails at 1; the tests hold from 0.25 to 0.75",
    )
    departure_percentile: float = parameter(
        25, "%", "It began to go at this percentile of the blocks' first motion.", "test_blank_pictures: black between written slides"
    )
    max_departure_s: float = parameter(
        3.0, "s", "Motion that began earlier is not that by which it went.", "grainy_clip: a clip that plays until the slide changes"
    )
    absent_share: float = parameter(
        0.85,
        "share of the blocks with edges",
        "If more of a stable frame shows something else, it is not shown; if as much is as before, it is shown again.",
        "test_absences",
    )
    min_absence_s: float = parameter(
        2.5, "s", "A slide that is shown again sooner was there all the time: a flash.", "test_absences: a flash"
    )
    live_gap_s: float = parameter(0.4, "s", "Motion of a block after such a time is another one, not the same that goes on.", "not traced")
    max_live_rest_s: float = parameter(
        3.0,
        "s",
        "After a longer rest it is not live.",
        "a talk with fades: slides were live after a shot of the speaker; the tests hold at 0.1",
    )
    min_live_moves: int = parameter(3, "motions", "A block that moved so often while a picture was shown is live.", "the tests hold at 20")
    time_tolerance_s: float = parameter(
        1e-3, "s", "Rounding error allowed when `stable_after_s` is compared.", "tests and lectures hold from 0.0001 to 0.01"
    )
    burst_gap_s: float = parameter(
        1.0,
        "s",
        "After a longer pause, motion of a block begins a new burst.",
        "test_brief_pictures (a step back before the end) fails at 0.5; test_restless (a chart that drifts) fails at 2",
    )
    clear_s: float = parameter(
        0.5,
        "s",
        "A frame is a candidate for the slide's image once the picture was stable for this time after it.",
        "tests and lectures hold from 0.05 to 5",
    )
    max_same_difference: float = parameter(
        0.01,
        "grey levels, mean",
        "Of frames that differ by at most this and nowhere by `contrast`, the first one is read: the codec refines nothing any more.",
        "test_best_frames: a picture that is refined for some seconds",
    )
    max_wait_s: float = parameter(
        1.0,
        "s",
        "A changed, mostly stable frame is taken after this time though some blocks still move.",
        "tests and lectures hold from 0.1 to 10",
    )
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
    next_change_ratio: float = parameter(
        0.5,
        "ratio",
        "A change of fewer blocks than so many of the change before, which is not at rest yet, is not the next one.",
        "not traced",
    )
    restless_margin_blocks: int = parameter(4, "blocks", "Who moved within so many of a block before may move there now.", "not traced")
    restless_share: float = parameter(
        0.5,
        "share of the blocks in motion",
        "So many must have moved before the change too; of words that are written after it hardly any have.",
        "not traced",
    )
    settled_share: float = parameter(
        0.7,
        "share of the blocks that changed at one moment",
        "So many must be new and at rest, before the picture is taken while the rest of it moves.",
        "not traced",
    )
    settled_content_share: float = parameter(
        0.1,
        "share of the blocks with edges before or now",
        "So many of them must have edges now.",
        "not traced",
    )
    step_s: float = parameter(
        0.3,
        "s",
        "Blocks that began and ended to move within this time, a sample, changed together: a cut or a fade.",
        "tests and lectures hold from 0.03 to 3",
    )
    together_share: float = parameter(
        0.6,
        "share of the changed blocks",
        "So many changed together in a new picture; parts of an animation change one after another.",
        "test_restless (slides that fade into each other while a chart drifts) fails at 1; the tests hold from 0.3 to 0.8",
    )
    max_departed_s: float = parameter(
        5.0,
        "s",
        "After this time without what the latest picture showed, a new one is taken although much of it moves.",
        "test_restless: a heading above a chart that runs",
    )
    max_restless_s: float = parameter(
        2.0,
        "s",
        "A new picture with a part that moves without rest is taken after this time.",
        "test_restless (a chart that drifts) fails at 4",
    )
    max_unstable_block_share: float = parameter(
        0.006,
        "share of blocks",
        "The picture is stable if at most this share is unstable.",
        "board fails at 0.06; the tests hold from 0.0006 to 0.012",
    )
    max_unstable_block_share_shaky: float = parameter(
        0.03, "share of blocks", "The picture of a shaking camera is stable up to this share.", "the tests hold from 0.003 to 0.3"
    )
    new_frame_share: float = parameter(
        0.1,
        "share of blocks",
        "If more changed, blocks still in motion are taken over too: a new picture.",
        "tests and lectures hold from 0.01 to 1",
    )
    min_jolt_share: float = parameter(
        0.1, "share of blocks", "So much moves at once when the slide changes; a hand that sways reaches 0.04.", "not traced"
    )
    max_sway_s: float = parameter(2.5, "s", "What a shaking camera shows is taken so long after that.", "not traced")
    start_percentile: float = parameter(
        95, "%", "The start of a stable frame is this percentile of its blocks' last motion.", "tests and lectures hold from 9 to 100"
    )
    fallback_interval_s: float = parameter(
        60.0, "s", "Distance of the frames kept for a recording that is never stable.", "the tests hold from 6 to 600"
    )
    cached_frames: int = parameter(
        30,
        "frames",
        "Stable frames in memory; the others are on disk.",
        "no result depends on it, only memory: the tests hold from 15 to 60",
    )


@dataclass(frozen=True)
class SlideAreaParameters:
    """The area that slides change."""

    min_change_share: float = parameter(
        0.1,
        "share of blocks",
        "A change of fewer blocks does not tell which area slides change: a build, a menu.",
        "test_meetings (a title and full slides) fails at 0.2; the tests hold at 0.05",
    )
    min_changes_share: float = parameter(
        0.45,
        "share of the large changes",
        "A block that so many change belongs to the area of the slides.",
        "moevm beside a chat fails at 0.2, beside participants at 0.3; the tests hold from 0.35 to 0.5",
    )
    min_area: float = parameter(
        0.2,
        "share of blocks",
        "A smaller area is not that of the slides: a player's bar that comes and goes.",
        "test_slide_area (a player's bar) fails at 0.1, test_meetings (a title and full slides) at 0.3",
    )


@dataclass(frozen=True)
class DriftParameters:
    """Recognition of a picture that drifts as a whole."""

    min_duration_s: float = parameter(2.0, "s", "A picture that drifted for less is part of a transition.", "test_drift: a zoom")
    max_rest_s: float = parameter(
        2.0,
        "s",
        "A picture that was still for longer has come to rest; stable frames show it.",
        "test_drift (slides that drift) fails at 0.2; the tests hold from 1 to 20",
    )
    min_extent: float = parameter(
        0.3, "share of the width and height", "Blocks that moved lie at least so far apart.", "test_drift (slides that drift) fails at 0.6"
    )
    max_remaining: float = parameter(
        0.6,
        "share of the difference",
        "With more left after the motion it is not drift. Zooms leave up to 0.6, fades 1.",
        "test_drift: fades",
    )
    min_step: float = parameter(
        0.5, "pixels of the analysis frame", "Smaller motions add up, until they can be told from a fade.", "the tests hold from 0.05 to 5"
    )
    corners: int = parameter(
        120,
        "corners",
        "At most so many are followed from sample to sample, on images of half the size.",
        "tests and lectures hold from 12 to 1200",
    )
    min_corners: int = parameter(
        12, "corners", "With fewer the motion is not known.", "test_revisits (numbers shown again) fails at 1; the tests hold from 6 to 24"
    )
    corner_quality: float = parameter(
        0.02, "of the best corner", "Weaker corners are not followed.", "tests and lectures hold from 0.002 to 0.2"
    )
    corner_distance: float = parameter(
        4.0,
        "pixels of half the analysis frame",
        "Least distance of two corners.",
        "test_drift (slides that drift) fails at 40; the tests hold from 0.4 to 8",
    )
    max_deviation: float = parameter(
        0.4,
        "pixels of half the analysis frame",
        "A corner that is farther off moves by itself.",
        "test_drift (slides that drift) fails at 0.04; the tests hold from 0.2 to 4",
    )
    min_agreement: float = parameter(
        0.8, "share of the corners", "So many move together.", "test_drift (a zoom, cuts and fades) fails at 0.4"
    )
    max_failures: int = parameter(
        8,
        "samples",
        "After so many samples of a film in a row only every `retry_interval` is examined.",
        "test_drift (slides that drift) fails at 0; the tests hold from 4 to 80",
    )
    retry_interval: int = parameter(16, "samples", "Distance of the samples that are examined in a film.", "the tests hold from 1 to 160")
    steady_samples: int = parameter(
        24,
        "samples",
        "At most so many at the beginning tell a drift from a shaking camera.",
        "test_drift (a shaking camera) fails at 2; the tests hold from 12 to 240",
    )
    min_steady_samples: int = parameter(
        6, "samples", "With fewer the camera shakes.", "test_drift (a shaking camera) fails at 60; the tests hold from 1 to 12"
    )
    min_steady_share: float = parameter(
        0.8,
        "share of the samples",
        "So many must move on like the sample before.",
        "test_drift (a shaking camera) fails at 0.08; the tests hold from 0.4 to 1",
    )
    min_net_share: float = parameter(
        0.5,
        "share of the way",
        "With less between beginning and end, a camera that is held in the hand sways to and fro.",
        "test_camera (a camera that sways slowly) fails at 0; the tests hold from 0.25 to 0.9",
    )
    min_sway: float = parameter(
        0.1,
        "pixels of the analysis frame, per sample",
        "A picture that moves less stands.",
        "test_moving_parts: a codec that refines slides",
    )
    steady_pixels: float = parameter(
        0.3,
        "pixels of the analysis frame",
        "Two motions differ by no more than this and `steady_share`.",
        "test_drift (a shaking camera) fails at 3; the tests hold from 0.03 to 0.6",
    )
    steady_share: float = parameter(
        0.4, "share of the motion", "Two motions differ by no more than this and `steady_pixels`.", "the tests hold from 0.04 to 1"
    )


@dataclass(frozen=True)
class SubtitleParameters:
    """Recognition of burned-in subtitles."""

    height_share: float = parameter(0.3, "share of the height", "Subtitles are in this part at the lower edge.", "test_subtitles")
    max_height_share: float = parameter(0.2, "share of the height", "A higher change is no line, nor two.", "test_subtitles")
    min_width_share: float = parameter(
        0.12, "share of the width", "A narrower change is no line, such as a number.", "test_subtitles: a number at the lower edge"
    )
    min_moved_share: float = parameter(
        0.5, "share of all blocks that move", "A change with fewer is a part of another one.", "test_subtitles"
    )
    word_gap_blocks: int = parameter(3, "blocks", "Kernel that joins the words of a line.", "test_subtitles")
    min_interval_s: float = parameter(1.0, "s", "Sooner after a change, another is a part of it: a fade, or refinement.", "test_subtitles")
    max_interval_s: float = parameter(
        12.0, "s", "Subtitles change at least so often while someone speaks.", "test_subtitles: sentences that are exchanged at leisure"
    )
    min_changes: int = parameter(
        6, "changes", "So many changes in succession are no builds of a slide.", "test_subtitles: a list that grows to the lower edge"
    )
    recent_changes: int = parameter(24, "changes", "Subtitles are known from so many at any time.", "only saves time: the tests hold at 3")
    common_share: float = parameter(
        0.8,
        "share of the changes",
        "So many cover the same place; the strokes of a drawing do not.",
        "test_subtitles: strokes at the lower edge",
    )


@dataclass(frozen=True)
class SidePanelParameters:
    """Recognition of what lies beside the slides."""

    min_moved_share: float = parameter(
        0.005, "share of blocks", "If fewer move at a sample, the slide is not exchanged.", "test_side_panels"
    )
    margin_share: float = parameter(
        0.25,
        "share of the width",
        "The middle of the picture is without so much on each side.",
        "test_side_panels: a chat whose messages go up as a whole",
    )
    exchanged_share: float = parameter(
        0.3,
        "share of the blocks with edges",
        "If more of what the middle shows moves at a sample, the slide is exchanged.",
        "test_side_panels: a chat whose messages go up as a whole",
    )
    duration_s: float = parameter(0.3, "s", "What moves so soon after belongs to the exchange: a fade.", "test_side_panels")
    max_own_share: float = parameter(0.1, "share of blocks", "If fewer move, they change by themselves.", "test_side_panels")
    min_exchanges: int = parameter(
        2,
        "exchanges",
        "With fewer it is not known where the slides are; a block of theirs changes in as many.",
        "test_side_panels: a column that is built up on every slide",
    )
    content_share: float = parameter(
        0.5,
        "share of the exchanges",
        "A block that shows something is a part of the slides if it is exchanged in more of them.",
        "test_side_panels: a chat beside the slides",
    )
    profile_share: float = parameter(
        0.2, "share of the fullest column", "Columns with fewer of the slides' blocks are beside them.", "test_side_panels"
    )
    min_width_share: float = parameter(
        0.1, "share of the width", "A narrower edge beside the slides is no panel.", "obj: the margin of slides with few words"
    )
    min_blocks: int = parameter(
        10, "blocks", "If fewer stay and change by themselves on a side, nothing lies beside the slides there.", "test_side_panels"
    )


@dataclass(frozen=True)
class AlignmentParameters:
    """Pictures of a shaking camera, moved onto each other before they are compared."""

    filter_side: int = parameter(5, "pixels, odd", "Side of the Gaussian filter before the search.", "films hold from 3 to 9")
    max_iterations: int = parameter(40, "steps", "The search for the motion ends after so many.", "only saves time")
    min_step: float = parameter(1e-4, "correlation", "It ends where a step gains less.", "only saves time")
    min_correlation: float = parameter(
        0.6, "correlation", "With less after it, the pictures have nothing in common.", "test_camera: a hand that sways far"
    )
    min_shift: float = parameter(
        2.0, "pixels of the analysis frame", "A picture that moved by less is compared where it is.", "only saves time: h_room"
    )
    max_area_ratio: float = parameter(
        1.5, "ratio of areas", "The size of the picture does not change by more between two visits.", "test_camera: a hand that sways far"
    )
    max_exchanged_share: float = parameter(
        0.035,
        "share of the foreground",
        "A page that exchanges more is another one: the same ones exchange up to 0.027, others 0.077 and more.",
        "not traced",
    )
    min_boundary_share: float = parameter(
        0.09,
        "share of the foreground",
        "With more exchanged the next slide begins: a person in front of a slide exchanges up to 0.06, slides 0.116 and more.",
        "not traced",
    )


@dataclass(frozen=True)
class StabilizationParameters:
    """Undoing the sway of a hand that films."""

    max_corners: int = parameter(200, "corners", "So many corners of a picture are followed.", "not traced")
    corner_quality: float = parameter(0.01, "share of the strongest corner", "A weaker corner is not followed.", "not traced")
    min_corner_gap: int = parameter(6, "pixels of the analysis frame", "Corners are at least so far apart.", "not traced")
    search_side: int = parameter(15, "pixels of the analysis frame", "Side of the window that is searched.", "not traced")
    search_levels: int = parameter(3, "levels", "It is searched in so many smaller pictures first, each half as large.", "not traced")
    min_corners: int = parameter(12, "corners", "With fewer the motion is not known.", "not traced")
    min_share: float = parameter(0.25, "share of the corners", "So many must have moved alike.", "not traced")
    min_spread: float = parameter(0.3, "share of the side", "And be spread so far over the picture.", "not traced")
    max_error: float = parameter(1.0, "pixels of the analysis frame", "A corner that is farther off did not move alike.", "not traced")
    min_shift: float = parameter(0.3, "pixels of the analysis frame", "A smaller motion is not undone.", "not traced")
    max_shift: float = parameter(30.0, "pixels of the analysis frame", "A hand moves no farther between two samples.", "not traced")
    sway_stride: int = parameter(4, "pixels", "Of the first images, every such row and column is compared.", "only saves time")
    sway_contrast: int = parameter(24, "grey levels", "More is a change.", "not traced")
    min_sway_share: float = parameter(
        0.005,
        "share of pixels",
        "With less change in a quarter of the time no hand films; films by hand have 0.007 and more.",
        "not traced",
    )
    sway_images: int = parameter(24, "images", "So many are followed to find out.", "not traced")
    min_sway: float = parameter(
        1.2, "pixels of the analysis frame", "A hand moves so far from image to image, in the median; meetings reach 0.4.", "not traced"
    )
    min_whole_share: float = parameter(
        0.6,
        "share of the corners",
        "If fewer move alike, a part of the picture moves.",
        "test_restless: slides behind a lecturer who never stands still",
    )
