"""Parameters of changed regions and of the boundaries between slides."""

from __future__ import annotations

from dataclasses import dataclass

from services.slides.parameters.field import parameter


@dataclass(frozen=True)
class ComparisonParameters:
    """Changed regions between two stable frames, and their foreground."""

    min_gradient: int = parameter(24, "grey levels in 3x3 pixels", "A steeper change of brightness is an edge.", "photo_back fails at 12")
    min_region_px: float = parameter(5, "px", "A region with fewer changed pixels is a speck.")
    merge_px: float = parameter(7, "px", "Side of the dilation that joins changed pixels into one region: the letters of a word.")
    small_share: float = parameter(0.012, "share of the frame", "A smaller region is compared by brightness, a larger one by edges.")
    min_foreground_px: float = parameter(3, "px", "Less foreground lost or gained counts as none.")
    minor_share: float = parameter(0.15, "share", "Foreground lost below this share of the gained (or the reverse) counts as none.")
    equal_share: float = parameter(
        0.15, "share of the region", "Two frames are equal in a region if fewer of its pixels differ.", "numbers_pointer fails at 0.3"
    )
    min_dimmed_px: float = parameter(200, "px", "A smaller region is never only dimmed.")
    min_dimmed_lost_px: float = parameter(20, "px", "A region that lost less foreground is not dimmed.")
    dimmed_correlation: float = parameter(
        0.85,
        "correlation",
        "Above it, before and after are the same foreground, darker or lighter.",
        "photo_back and camera_builds fail at 0.43",
    )
    inset_margin: float = parameter(
        0.35,
        "share of its width or height",
        "A camera inset extends this far around its motion: the head moves, the wall does not.",
        "test_insets: the camera changes its corner",
    )
    inset_max_share: float = parameter(0.15, "share of the frame", "A larger area of motion is not a camera inset.")
    blurs: tuple[float, float] = parameter(
        (1.0, 2.0), "pixels of the analysis frame (sigma)", "Degrees of blur at which two images are compared: what coarse coding leaves."
    )
    recoded_correlation: float = parameter(
        0.95,
        "correlation",
        "Above it, one image is the other one blurred. Exchanged letters and digits reach 0.91, glyphs blurred by up to 2 pixels 0.97.",
        "test_comparison: blurred and replaced glyphs",
    )
    recoded_pixel_correlation: float = parameter(
        0.8,
        "correlation of the changed pixels",
        "Above it too, a region is only coded anew. Beside a strong edge new foreground has none.",
        "test_comparison: faint text beside an edge",
    )
    shifted_correlation: float = parameter(
        0.7,
        "template matching score",
        "Above it, the new content is the old one, moved: a pointer. Exchanged figures reach 0.64.",
        "numbers_pointer fails at 0.4; test_comparison: a pointer on text",
    )
    min_shift_pixels: float = parameter(
        0.5, "pixels of the analysis frame", "A smaller shift is not motion: two figures resemble each other in the same place."
    )
    shift_enlargement: int = parameter(4, "times", "The images are enlarged so much for it: 5 pixels of 1920 are 1.25 of 480.")
    outline_px: float = parameter(2, "px", "Width of the outline of a box in front of the slide: a toolbar, a window.")
    outline_share: float = parameter(0.8, "share of a side", "Part of each side of a box that must have changed.")
    min_box_px: float = parameter(8, "px", "A box with a shorter side is not a box: the sides of its outline would touch.")
    min_cut_places: int = parameter(
        2,
        "places",
        "Foreground ends at the outline of a box at this many places, and goes on behind it when the box is gone.",
        "test_boxes: a toolbar over the last line",
    )
    margin_share: float = parameter(
        0.04,
        "share of the height",
        "A replacement at the upper or lower edge is a clock in a bar of the screen; slides keep a wider margin.",
        "test_boxes: a clock in the menu bar",
    )
    bared_share: float = parameter(
        0.4, "share", "Foreground is lost if its contrast falls below this share (or by `bared_contrasts`).", "deep_fades fails at 0.8"
    )
    bared_contrasts: float = parameter(
        4, "contrasts", "Foreground is lost if its contrast falls by more than this many times the counted one."
    )
    ground_contrasts: float = parameter(2, "contrasts", "A large region shows bare ground where it differs from it by no more.")
    ground_stride: int = parameter(4, "pixels", "The ground is estimated on every fourth pixel of every fourth line.")
    ground_kernel: int = parameter(9, "sampled pixels, odd", "Side of the median filter that estimates the ground.")


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
        0.5, "share of the region", "A region of which more moved habitually since the frame before is a video clip."
    )
    clip_max_share: float = parameter(0.45, "share of the frame", "A larger region is not a clip.")
    clip_max_missing: float = parameter(0.8, "share of the foreground", "A region that takes more away is not a clip.")
    abrupt_s: float = parameter(1.5, "s", "Content that appears within this time after its motion began comes at once.")
    simultaneous_s: float = parameter(0.6, "s", "Blocks of content that comes at once change within this time of one another.")
    early_percentile: float = parameter(20, "%", "First block of the two that are compared with `simultaneous_s`.")
    late_percentile: float = parameter(80, "%", "Last block of the two that are compared with `simultaneous_s`.")
    brief_s: float = parameter(2.5, "s", "Something that came at once is an occluder only if it leaves within this time.")
    persistence_s: float = parameter(
        3.0, "s", "Exchanged foreground was there this long before and stays this long after.", "numbers_pointer fails at 6"
    )
    max_still_s: float = parameter(
        5.0, "s", "Something larger than a pointer that is still for longer is not an occluder: a person moves more often."
    )
    look_ahead_s: float = parameter(60.0, "s", "An occluder or pointer is recognised if the slide reappears within this time.")
    look_ahead_frames: int = parameter(60, "stable frames", "At most this many are examined ahead.")
    min_overlap_ahead: float = parameter(0.5, "share of the foreground", "Looking ahead ends where less of the slide is left.")
    pointer_px: float = parameter(250, "px", "A larger region is not a pointer.")
    max_pointer_regions: int = parameter(8, "regions", "With more changes in the picture a pointer is not looked for by its image.")
    hiding_loss_share: float = parameter(
        0.5, "share", "An object in front of the slide takes away less foreground than this share of what it adds or covers."
    )
    box_elsewhere_share: float = parameter(
        0.15, "share of the box's loss", "If more foreground goes elsewhere, the slide changes and no box.", "h_room fails without it"
    )
    trail_blocks: int = parameter(5, "blocks", "A pointer's trail is searched this far around its region.")
    trail_gap_blocks: int = parameter(1, "blocks", "Blocks as near as this are not part of the trail.")
    trail_before_s: float = parameter(1.5, "s", "The trail moved at most this long before the region's last motion.")
    trail_after_s: float = parameter(0.3, "s", "The trail moved at most this long after the region's last motion.")
    trail_delay_s: float = parameter(0.1, "s", "The trail moved this long after the start of the stable frame before, or later.")
    min_trail_blocks: int = parameter(2, "blocks", "A trail has at least this many blocks.")
    trail_max_share: float = parameter(0.08, "share of blocks", "If more of the picture moved at the time, it is not a trail.")
    moved_size_ratio: float = parameter(1.4, "ratio", "Two regions of a more different size are not one object that moved.")
    moved_side_ratio: float = parameter(
        1.3, "ratio", "Two regions with bounding boxes that differ more in a side are not one object that moved."
    )
    moved_share: float = parameter(0.3, "share of the region", "The object loses more than this share here and gains it there.")
    min_replaced_px: float = parameter(3, "px", "A replacement loses and gains more foreground than this.")
    balance_share: float = parameter(
        0.35,
        "share",
        "The smaller of lost and gained is more than this share of the larger in a replacement.",
        "numbers_pointer fails at 0.7",
    )
    figure_px: float = parameter(
        100, "px", "A smaller region is a replacement only if old and new foreground overlap: a pointer bares what is under it."
    )
    figure_overlap: float = parameter(
        0.12,
        "share of the region",
        "A replacement in a region smaller than `figure_px` has at least this overlap.",
        "numbers_pointer fails at 0.4; digits such as 3 and 4 share 0.16",
    )
    motion_margin_blocks: int = parameter(2, "blocks", "A region this near to habitual motion belongs to it.")


@dataclass(frozen=True)
class MovedObjectParameters:
    """Recognition of a pointer by its image at another place."""

    reach_frames: int = parameter(12, "stable frames", "It is looked for among so many stable frames before and after.")
    max_regions: int = parameter(3, "regions", "A stable frame with more changes shows more than a pointer that moves.")
    min_object_px: float = parameter(8, "px", "A smaller object resembles any mark.")
    max_difference: float = parameter(
        0.2,
        "share of its squared contrast to the ground",
        "The image at the other place differs by at most this much.",
    )
    max_ratio: float = parameter(
        0.5,
        "ratio",
        "The picture without the object differs by more than its inverse times as much. Digits differ as much before and after.",
        "test_moved_objects: a number changes",
    )
    max_unexplained_share: float = parameter(
        0.3, "share of the region", "More changed pixels outside the object are another change.", "test_moved_objects: a number changes"
    )
    min_visible_share: float = parameter(
        0.25, "share of its squared contrast to the ground", "At the edge of the picture, at least so much of the object is inside."
    )
    min_translucency: float = parameter(
        0.3,
        "ratio of contrasts",
        "Foreground whose contrast keeps more is seen through the object: a translucent circle round a pointer.",
        "test_moved_objects: a translucent circle on text",
    )
    search_margin: int = parameter(2, "pixels of the analysis frame", "It is looked for this far around the region.")
    enlargement: int = parameter(4, "times", "The pictures are enlarged so much for it: it moves by fractions of a pixel.")


@dataclass(frozen=True)
class OccurrenceParameters:
    """State kept of the slide that is being shown."""

    max_history: int = parameter(7, "images", "Images in memory: the first and the latest ones.")
    max_builds: int = parameter(40, "build steps", "Further build steps are not recorded.")
    min_build_gap_s: float = parameter(1.0, "s", "A build step sooner after the previous one is not recorded.")


@dataclass(frozen=True)
class SegmentationParameters:
    """Boundaries between slides."""

    motion_share: float = parameter(0.5, "share of the time", "Blocks that move habitually for longer are never compared.")
    min_foreground_px: float = parameter(150, "px", "A slide with less foreground is treated as if it had this much.")
    erased_share: float = parameter(0.25, "share of the foreground", "A slide of which more is erased or reverted is largely erased.")
    min_rewritten_px: float = parameter(20, "px", "A new region of this size on a largely erased slide is a new slide.")
    wide_share: float = parameter(
        0.25, "share of the frame", "If the regions cover a larger area, a smaller loss is a new slide: `wide_loss_share`."
    )
    wide_loss_share: float = parameter(0.04, "share of the foreground", "A larger loss is a new slide if the regions cover `wide_share`.")
    sudden_loss_share: float = parameter(0.03, "share of the foreground", "A larger loss by sudden changes is a new slide.")
    regained_share: float = parameter(
        0.5, "share of the loss", "Sudden changes that gain less foreground are no new slide: a cleared field.", "test_revisits: a form"
    )
    local_share: float = parameter(0.4, "share of the foreground", "A change that takes away less may be an occluder.")
    max_local_mixed_changes: int = parameter(2, "regions", "A change with more mixed changes is not an occluder.", "photo_back fails at 4")
    min_slide_share: float = parameter(
        0.03, "share of the frame", "If more comes at once on a blank picture, a slide begins; less is a stroke.", "i_board fails at 0.012"
    )
    min_shaky_two_way_changes: int = parameter(
        4,
        "regions",
        "With a shaking camera, so many sudden two-way changes are no pointer: a hand is in one place.",
        "a change in several places, filmed by hand",
    )
    occluder_share: float = parameter(
        0.5,
        "share of the region",
        "Lost foreground was an occluder if more of it was unstable when the slide's image was taken.",
        "a person in front of a slide when it appears",
    )
    simultaneous_s: float = parameter(0.5, "s", "Blocks that came within this time came together.")
    simultaneous_share: float = parameter(0.6, "share of blocks", "If so many came together, their time is the start of the slide.")
    shown_percentile: float = parameter(90, "%", "Otherwise the slide starts at this percentile of its blocks' times.")
    leaving_percentile: float = parameter(10, "%", "The slide before ends at this percentile of the first motion of the blocks.")
    leaving_s: float = parameter(3.0, "s", "Motion that began earlier does not belong to the change.")


@dataclass(frozen=True)
class LayoutParameters:
    """Recognition of a slide whose size changes while it is shown."""

    max_gap_s: float = parameter(1.5, "s", "The layout changes within this time: the slide is shown before and after.")
    min_scale: float = parameter(0.5, "ratio", "A slide that becomes smaller than this is not looked for.")
    max_scale: float = parameter(0.93, "ratio", "A slide that hardly changes its size is compared in place.")
    scale_step: float = parameter(0.03, "ratio", "Step between the scales that are tried on the density of edges.")
    fine_steps: int = parameter(3, "steps", "Steps on each side of the best scale on full analysis frames.")
    coarse_step: int = parameter(5, "pixels", "Side of the squares in which the density of edges is measured.")
    min_coarse_correlation: float = parameter(
        0.55,
        "correlation of the density of edges",
        "With less the slide is not in the picture. Slides at another size reach 0.62, half of the other slides of a deck only 0.46.",
    )
    min_correlation: float = parameter(
        0.6, "correlation", "With less at the best scale the slide is not in the picture: other slides reach 0.5."
    )
    min_common_share: float = parameter(
        0.85,
        "share of the edges",
        "So much of each is at the place of the other one's edges. Other slides of one deck reach 0.79.",
        "test_layout_changes: another slide in the new layout",
    )
    max_outside_ratio: float = parameter(
        1.5,
        "of the slide's edges",
        "With more edges around the slide, it is shown in an editor and not among participants.",
        "test_layout_changes: a slide in an editor",
    )
    min_edge_pixels: int = parameter(200, "pixels of the analysis frame", "A slide with fewer has too little to be recognised by.")


@dataclass(frozen=True)
class RevisitParameters:
    """Recognition of a slide that is shown again."""

    min_duration_s: float = parameter(
        0.6,
        "s",
        "A shorter occurrence is not a visit; its length is known to one sample.",
        "deep_fades: slides of 0.4 s are none; test_brief_pictures: slides of a second are",
    )
    brief_s: float = parameter(
        1.5,
        "s",
        "A shorter occurrence gives a page of its own only in a run of such: slides that are stepped through.",
        "test_brief_pictures: a glimpse of a window between two others; what is being loaded",
    )
    min_run: int = parameter(3, "occurrences", "So many brief ones in a row are stepped through.")
    min_kept_share: float = parameter(
        0.5,
        "share of the glimpse's foreground",
        "A new slide that keeps more began with the glimpse.",
        "test_brief_pictures: a formula moves",
    )
    join_gap_s: float = parameter(0.6, "s", "Occurrences of one slide with a shorter gap are one span.")
    thumbnail: tuple[int, int] = parameter((24, 14), "pixels, width and height", "Size of the image by which most pages are ruled out.")
    max_thumbnail_difference: int = parameter(40, "grey levels", "Pixels of thumbnails that differ more are different.")
    max_thumbnail_share: float = parameter(0.05, "share of its pixels", "Thumbnails with more different pixels show different slides.")
    max_mixed_share: float = parameter(
        0.08,
        "share of the foreground",
        "How much two visits of a slide may differ where no replacement told slides apart: a menu, a clock, a field of a form.",
        "test_revisits: a menu is open at the second visit",
    )
    common_share: float = parameter(0.75, "share of the foreground", "Least foreground that two states of one slide have in common.")
    max_alike_share: float = parameter(
        0.12, "share of the foreground", "Two pages that differ by less look alike, for the quality report.", "test_quality: a doubled deck"
    )
    max_states: int = parameter(8, "states", "Latest build states that are compared.")
    fuller_ratio: float = parameter(1.02, "ratio", "A revisit with more foreground than this replaces the page's image.")
