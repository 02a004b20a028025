"""Parameters of sampling and decoding."""

from __future__ import annotations

from dataclasses import dataclass

from services.slides.parameters.field import parameter


@dataclass(frozen=True)
class SamplingParameters:
    """Turning frames at any rate into samples at regular times."""

    period_s: float = parameter(
        0.25, "s", "Time between two samples.", "test_brief_pictures (a final state between two animations) fails at 0.125"
    )
    early_tolerance_s: float = parameter(
        0.03,
        "s",
        "A frame may come this much before its sample is due; frame times are rounded.",
        "photo_back fails at 0.3; the tests hold from 0.003 to 0.06",
    )
    hold_periods: float = parameter(
        1.5,
        "periods",
        "A longer gap between frames is filled with samples of the frame before.",
        "test_decoder (keyframes only) fails at 0.75 and 3",
    )
    long_hold_s: float = parameter(
        30.0, "s", "After this time on one frame the filling samples are farther apart.", "test_limits: 11-day gap"
    )
    hold_stride_share: float = parameter(
        1 / 8,
        "share",
        "After `long_hold_s`, the next filling sample comes after this share of the time held so far.",
        "test_limits: 11-day gap",
    )
    final_hold_s: float = parameter(
        2.0,
        "s",
        "A last frame that follows a gap of at least this length is held for this time: players show it on, however short it is.",
        "few-frames: vfr",
    )
    report_interval_s: float = parameter(
        30.0, "s of recording", "Time between two progress reports.", "no result depends on it: the tests hold from 15 to 60"
    )


@dataclass(frozen=True)
class DecodingParameters:
    """Choosing the packets to decode, and making the analysis frame."""

    max_group_packets: int = parameter(
        1000,
        "packets",
        "A longer GOP is read in parts, so that memory is bounded.",
        "no result depends on it, only memory: the tests hold from 100 to 10000",
    )
    max_group_bytes: int = parameter(
        8 * 2**20,
        "bytes",
        "A larger GOP is read in parts, so that memory is bounded.",
        "no result depends on it, only memory: the tests hold from 4194304 to 16777216",
    )
    refining_packets: int = parameter(
        3,
        "packets",
        "The first packets after a keyframe only refine it, where frames are dense: `dense_gap_s`.",
        "the tests hold from 1 to 30, lectures from 3 to 30",
    )
    max_refinement_share: float = parameter(
        0.2,
        "share of the keyframe's bytes",
        "A larger packet right after a keyframe shows something new.",
        "not traced",
    )
    burst_share: float = parameter(
        0.1,
        "share of the keyframe's bytes",
        "A larger packet may show another slide.",
        "test_decoder (still parts) fails at 0.01; photo_back fails at 1; the tests hold from 0.05 to 0.2",
    )
    min_floor_packets: int = parameter(
        8,
        "packets",
        "A GOP with fewer gives no estimate of the size of an empty packet.",
        "test_few_frames (slides in few frames) fails at 4; test_decoder (still parts) fails at 80",
    )
    floor_divisor: int = parameter(
        20,
        "1/quantile",
        "The size of an empty packet is this quantile (1/20) of the GOP's packet sizes.",
        "tests and lectures hold from 2 to 200",
    )
    active_factor: float = parameter(
        1.5,
        "of the floor",
        "A packet above `active_factor` * floor + `active_bytes` carries motion.",
        "tests and lectures hold from 0.15 to 15",
    )
    active_bytes: int = parameter(
        16, "bytes", "A packet above `active_factor` * floor + `active_bytes` carries motion.", "tests and lectures hold from 1 to 160"
    )
    silent_bytes: int = parameter(
        6,
        "bytes over the floor",
        "A smaller packet changes nothing.",
        "a wiped board in 48 bytes; a fade by weighted prediction takes more",
    )
    min_rest_share: float = parameter(
        0.3, "share of the packets", "A shorter inactive tail of a GOP is decoded too.", "tests and lectures hold from 0.03 to 1"
    )
    dense_gap_s: float = parameter(
        0.1, "s", "Where frames are at most this far apart, non-reference frames are skipped.", "tests and lectures hold from 0.01 to 1"
    )
    intra_period_s: float = parameter(
        0.2,
        "s",
        "Of a stream with keyframes only, at most one frame in this time is decoded.",
        "test_decoder (keyframes only) fails at 0.1 and 0.4",
    )
    plain_contrast: int = parameter(
        28,
        "grey levels",
        "Two keyframes with a block that differs by more are different.",
        "test_decoder (still parts) fails at 2; the tests hold from 14 to 280",
    )
    faint_contrast: int = parameter(
        14,
        "grey levels",
        "A smaller difference between keyframes is ignored.",
        "test_decoder (still parts) fails at 1; the tests hold from 7 to 140",
    )
    max_faint_share: float = parameter(
        0.03,
        "share of blocks",
        "Faint differences up to here are coding noise: each keyframe is coded again.",
        "tests and lectures hold from 0.003 to 0.3",
    )
    cut_share: float = parameter(
        0.1,
        "share of blocks",
        "A larger difference between keyframes is a cut, a smaller one a local change.",
        "tests and lectures hold from 0.01 to 1",
    )
    block_side: int = parameter(
        8, "pixels of the analysis frame", "Side of the blocks in which keyframes are compared.", "the tests hold from 4 to 80"
    )
    speck_share: float = parameter(
        0.03, "share of a block", "A block differs if more of its pixels do.", "tests and lectures hold from 0.003 to 0.3"
    )
    min_width: int = parameter(
        400,
        "pixels",
        "A frame is halved until it is less than twice as wide: 400 to 799.",
        "test_few_frames (slides in few frames) fails at 40; the tests hold from 200 to 4000",
    )
    deep_blue: int = parameter(
        176, "level of the Cb plane (neutral: 128)", "A bluer pixel may be as dark as black.", "test_limits: deep blue"
    )
    blue_gain: float = parameter(
        0.6, "luma per Cb level", "Brightness given to blue, below other colours' as strong.", "test_limits: deep blue"
    )
