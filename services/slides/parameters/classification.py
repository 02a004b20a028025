"""Parameters of the kinds of changes, and of pointers."""

from __future__ import annotations

from dataclasses import dataclass

from services.slides.parameters.field import parameter


@dataclass(frozen=True)
class ClassificationParameters:
    """Kinds of changed regions."""

    major_share: float = parameter(
        0.12,
        "share of the slide's foreground",
        "A larger loss is a new slide; a smaller one may be an addition.",
        "photo_back fails at 0.24",
    )
    clip_s: float = parameter(3.0, "s", "A region whose blocks moved for at least this long is a video clip.", "grainy_clip fails at 6")
    clip_motion_share: float = parameter(
        0.5,
        "share of the region",
        "A region of which more moved habitually since the frame before is a video clip.",
        "obj fails at 0.05; the tests hold from 0.25 to 1",
    )
    clip_max_share: float = parameter(
        0.45, "share of the frame", "A larger region is not a clip.", "test_boxes (a window over much of the slide) fails at 0.225"
    )
    clip_max_missing: float = parameter(
        0.8,
        "share of the foreground",
        "A region that takes more away is not a clip.",
        "grainy_clip fails at 0.08; the tests hold from 0.4 to 1",
    )
    abrupt_s: float = parameter(
        1.5,
        "s",
        "Content that appears within this time after its motion began comes at once.",
        "tests and lectures hold from 0.15 to 15",
    )
    simultaneous_s: float = parameter(
        0.6,
        "s",
        "Blocks of content that comes at once change within this time of one another.",
        "tests and lectures hold from 0.06 to 6",
    )
    early_percentile: float = parameter(
        20, "%", "First block of the two that are compared with `simultaneous_s`.", "h_room fails at 2; the tests hold from 10 to 100"
    )
    late_percentile: float = parameter(
        80,
        "%",
        "Last block of the two that are compared with `simultaneous_s`.",
        "test_restless (a chart that never rests) fails at 100; the tests hold from 8 to 90",
    )
    outlasting_share: float = parameter(
        0.5,
        "share of the region's blocks with edges",
        "If more of it was there before the slide and outlasted the one before, it was in front of both.",
        "test_notifications",
    )
    brief_s: float = parameter(
        2.5,
        "s",
        "Something that came at once is an occluder only if it leaves within this time.",
        "tests and lectures hold from 0.25 to 25",
    )
    persistence_s: float = parameter(
        3.0, "s", "Exchanged foreground was there this long before and stays this long after.", "numbers_pointer fails at 6"
    )
    max_still_s: float = parameter(
        5.0,
        "s",
        "Something larger than a pointer that is still for longer is not an occluder: a person moves more often.",
        "test_boxes (a window over much of the slide) fails at 2.5",
    )
    look_ahead_s: float = parameter(
        60.0,
        "s",
        "An occluder or pointer is recognised if the slide reappears within this time.",
        "h_room fails at 600; the tests hold from 6 to 120",
    )
    look_ahead_frames: int = parameter(
        60, "stable frames", "At most this many are examined ahead.", "tests and lectures hold from 6 to 600"
    )
    min_overlap_ahead: float = parameter(
        0.5,
        "share of the foreground",
        "Looking ahead ends where less of the slide is left.",
        "tests and lectures hold from 0.05 to 1",
    )
    pointer_px: float = parameter(
        250, "px", "A larger region is not a pointer.", "test_pointer_trails (a pointer that comes and goes) fails at 125"
    )
    max_pointer_regions: int = parameter(
        8,
        "regions",
        "With more changes in the picture a pointer is not looked for by its image.",
        "test_moved_objects (a line appears while a pointer goes) fails at 0; the tests hold from 4 to 80",
    )
    hiding_loss_share: float = parameter(
        0.5,
        "share",
        "An object in front of the slide takes away less foreground than this share of what it adds or covers.",
        "tests and lectures hold from 0.05 to 1",
    )
    box_elsewhere_share: float = parameter(
        0.15, "share of the box's loss", "If more foreground goes elsewhere, the slide changes and no box.", "h_room fails without it"
    )
    outline_gain: float = parameter(
        0.2,
        "share of the outline",
        "An image that shows more of a box's outline than the other one shows the box in front; less comes from the coding.",
        "test_boxes: a window in front of the slide that stays, a bar that changes its colours",
    )
    max_overlay_share: float = parameter(
        0.15, "share of the frame", "A larger box that goes was a page of its own.", "test_boxes: a window in front of the slide that stays"
    )
    trail_blocks: int = parameter(
        5,
        "blocks",
        "A pointer's trail is searched this far around its region.",
        "test_pointer_trails (a pointer that comes and goes) fails at 2",
    )
    trail_gap_blocks: int = parameter(
        1,
        "blocks",
        "Blocks as near as this are not part of the trail.",
        "test_pointer_trails (a pointer that comes and goes) fails at 10; the tests hold from 0 to 2",
    )
    trail_before_s: float = parameter(
        1.5, "s", "The trail moved at most this long before the region's last motion.", "tests and lectures hold from 0.15 to 15"
    )
    trail_after_s: float = parameter(
        0.3, "s", "The trail moved at most this long after the region's last motion.", "tests and lectures hold from 0.03 to 3"
    )
    trail_delay_s: float = parameter(
        0.1,
        "s",
        "The trail moved this long after the start of the stable frame before, or later.",
        "tests and lectures hold from 0.01 to 1",
    )
    min_trail_blocks: int = parameter(
        2,
        "blocks",
        "A trail has at least this many blocks.",
        "test_pointer_trails (a pointer that comes and goes) fails at 20; the tests hold from 0 to 4",
    )
    trail_max_share: float = parameter(
        0.08,
        "share of blocks",
        "If more of the picture moved at the time, it is not a trail.",
        "test_pointer_trails (a pointer that comes and goes) fails at 0.008; the tests hold from 0.04 to 0.8",
    )
    moved_size_ratio: float = parameter(
        1.4,
        "ratio",
        "Two regions of a more different size are not one object that moved.",
        "test_pointer_trails (a pointer that jumps) fails at 0.7",
    )
    moved_side_ratio: float = parameter(
        1.3,
        "ratio",
        "Two regions with bounding boxes that differ more in a side are not one object that moved.",
        "test_pointer_trails (a pointer that jumps) fails at 0.65",
    )
    moved_share: float = parameter(
        0.3,
        "share of the region",
        "The object loses more than this share here and gains it there.",
        "test_pointer_trails (a pointer that jumps) fails at 1; the tests hold from 0.03 to 0.6",
    )
    min_replaced_px: float = parameter(
        3,
        "px",
        "A replacement loses and gains more foreground than this.",
        "test_revisits (numbers shown again) fails at 30; the tests hold from 0 to 6",
    )
    balance_share: float = parameter(
        0.35,
        "share",
        "The smaller of lost and gained is more than this share of the larger in a replacement.",
        "numbers_pointer fails at 0.7",
    )
    figure_px: float = parameter(
        100,
        "px",
        "A smaller region is a replacement only if old and new foreground overlap: a pointer bares what is under it.",
        "tests and lectures hold from 10 to 1000",
    )
    figure_overlap: float = parameter(
        0.12,
        "share of the region",
        "A replacement in a region smaller than `figure_px` has at least this overlap.",
        "numbers_pointer fails at 0.4; digits such as 3 and 4 share 0.16",
    )
    motion_share: float = parameter(
        0.1,
        "share of the time",
        "What moves habitually for longer is a camera's picture: what changes beside it is no replacement.",
        "not traced",
    )
    motion_margin_blocks: int = parameter(
        2, "blocks", "A region this near to habitual motion belongs to it.", "the tests hold from 1 to 21, lectures from 2 to 21"
    )


@dataclass(frozen=True)
class MovedObjectParameters:
    """Recognition of a pointer by its image at another place."""

    reach_frames: int = parameter(
        12, "stable frames", "It is looked for among so many stable frames before and after.", "tests and lectures hold from 1 to 120"
    )
    max_regions: int = parameter(
        3,
        "regions",
        "A stable frame with more changes shows more than a pointer that moves.",
        "test_moved_objects (a line appears while a pointer goes) fails at 1",
    )
    min_object_px: float = parameter(8, "px", "A smaller object resembles any mark.", "tests and lectures hold from 0 to 80")
    max_difference: float = parameter(
        0.2,
        "share of its squared contrast to the ground",
        "The image at the other place differs by at most this much.",
        "test_moved_objects (a pointer that rests on text) fails at 0.1",
    )
    max_ratio: float = parameter(
        0.5,
        "ratio",
        "The picture without the object differs by more than its inverse times as much. Digits differ as much before and after.",
        "test_moved_objects: a number changes",
    )
    min_changed_share: float = parameter(
        0.25,
        "share of the object",
        "An object that comes or leaves changes at least so much of what it covers.",
        "test_moved_objects (a pointer that rests on text) fails at 1.5; the tests hold from 0 to 0.75",
    )
    max_unexplained_share: float = parameter(
        0.3, "share of the region", "More changed pixels outside the object are another change.", "test_moved_objects: a number changes"
    )
    min_visible_share: float = parameter(
        0.25,
        "share of its squared contrast to the ground",
        "At the edge of the picture, at least so much of the object is inside.",
        "tests and lectures hold from 0.025 to 1",
    )
    min_translucency: float = parameter(
        0.3,
        "ratio of contrasts",
        "Foreground whose contrast keeps more is seen through the object: a translucent circle round a pointer.",
        "test_moved_objects: a translucent circle on text",
    )
    min_outlined_px: float = parameter(
        100,
        "px",
        "A smaller object is not recognised by its outline alone.",
        "test_moved_objects: a translucent circle that goes to large text",
    )
    max_outline_sides: float = parameter(
        1.5, "ratio of its sides", "A longer object is not recognised by its outline: a line of text.", "the tests hold from 1.3 to 3"
    )
    min_same_outline: float = parameter(
        0.8,
        "share of both",
        "So much of two filled outlines is common if they belong to one object that moved.",
        "test_moved_objects: a translucent circle that goes to large text",
    )
    search_margin: int = parameter(
        2, "pixels of the analysis frame", "It is looked for this far around the region.", "tests and lectures hold from 0 to 20"
    )
    enlargement: int = parameter(
        4, "times", "The pictures are enlarged so much for it: it moves by fractions of a pixel.", "the tests hold from 2 to 8"
    )
