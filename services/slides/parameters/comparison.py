"""Parameters of changed regions and of slides at another size."""

from __future__ import annotations

from dataclasses import dataclass

from services.slides.parameters.field import parameter


@dataclass(frozen=True)
class ComparisonParameters:
    """Changed regions between two stable frames, and their foreground."""

    min_gradient: int = parameter(24, "grey levels in 3x3 pixels", "A steeper change of brightness is an edge.", "photo_back fails at 12")
    min_region_px: float = parameter(
        5, "px", "A region with fewer changed pixels is a speck.", "test_comparison (a replaced glyph) fails at 10"
    )
    merge_px: float = parameter(
        7,
        "px",
        "Side of the dilation that joins changed pixels into one region: the letters of a word.",
        "test_comparison (a replaced glyph) fails at 14",
    )
    small_share: float = parameter(
        0.012,
        "share of the frame",
        "A smaller region is compared by brightness, a larger one by edges.",
        "test_moved_objects (a line appears while a pointer goes) fails at 0.006",
    )
    min_foreground_px: float = parameter(
        3,
        "px",
        "Less foreground lost or gained counts as none.",
        "test_restless (a chart that never rests) fails at 0; the tests hold from 1 to 6",
    )
    max_lone_share: float = parameter(
        0.06,
        "share of the height",
        "A picture whose whole foreground fits in a square of this side is empty but for a pointer.",
        "test_blank_pictures: a pointer on a black screen",
    )
    max_black: int = parameter(
        32,
        "grey levels",
        "A blank picture that is no brighter is black, not paper; so is the screen at the end of a slide show.",
        "test_blank_pictures: black between written slides, the end of a slide show",
    )
    minor_share: float = parameter(
        0.15,
        "share",
        "Foreground lost below this share of the gained (or the reverse) counts as none.",
        "test_revisits (numbers shown again) fails at 1; the tests hold from 0.015 to 0.3",
    )
    brightness_stride: int = parameter(13, "pixels", "Every 13th pixel of every 13th line is measured for brightness.", "test_brightness")
    min_exposure: int = parameter(3, "grey levels", "A smaller change of brightness is not evened out.", "test_brightness")
    max_exposure: int = parameter(
        32, "grey levels", "A larger change of brightness is another picture, not another exposure.", "test_brightness"
    )
    equal_share: float = parameter(
        0.15, "share of the region", "Two frames are equal in a region if fewer of its pixels differ.", "numbers_pointer fails at 0.3"
    )
    min_dimmed_px: float = parameter(200, "px", "A smaller region is never only dimmed.", "tests and lectures hold from 20 to 2000")
    min_dimmed_lost_px: float = parameter(
        20, "px", "A region that lost less foreground is not dimmed.", "tests and lectures hold from 2 to 200"
    )
    dimmed_correlation: float = parameter(
        0.75,
        "correlation",
        "Above it, before and after are the same foreground, darker or lighter.",
        "photo_back and camera_builds fail at 0.43, test_boxes (a window that gets the focus) at 0.85",
    )
    inset_margin: float = parameter(
        0.35,
        "share of its width or height",
        "A camera inset extends this far around its motion: the head moves, the wall does not.",
        "test_insets: the camera changes its corner",
    )
    inset_max_share: float = parameter(
        0.15, "share of the frame", "A larger area of motion is not a camera inset.", "obj fails at 1; the tests hold from 0.015 to 0.3"
    )
    blurs: tuple[float, float] = parameter(
        (1.0, 2.0),
        "pixels of the analysis frame (sigma)",
        "Degrees of blur at which two images are compared: what coarse coding leaves.",
        "test_comparison (blurred glyphs) fails at 0.5 x 1 and 2 x 4",
    )
    recoded_correlation: float = parameter(
        0.95,
        "correlation",
        "Above it, one image is the other one blurred. Exchanged letters and digits reach 0.91, glyphs blurred by up to 2 pixels 0.97.",
        "test_comparison: blurred and replaced glyphs",
    )
    max_faded_contrast: float = parameter(
        0.95,
        "share of the contrast",
        "Foreground whose contrast falls below this share is fading out.",
        "test_fades (strong text) fails at 0.8",
    )
    recoded_pixel_correlation: float = parameter(
        0.8,
        "correlation of the changed pixels",
        "Above it too, a region is only coded anew. Beside a strong edge new foreground has none.",
        "test_comparison: faint text beside an edge",
    )
    min_recoded_regions: int = parameter(
        3,
        "regions",
        "If so many are coded anew at once, no weaker change is a replacement.",
        "test_recoding fails at 6; the tests hold at 1",
    )
    shifted_correlation: float = parameter(
        0.7,
        "template matching score",
        "Above it, the new content is the old one, moved: a pointer. Exchanged figures reach 0.64.",
        "numbers_pointer fails at 0.4; test_comparison: a pointer on text",
    )
    min_shift_pixels: float = parameter(
        0.5,
        "pixels of the analysis frame",
        "A smaller shift is not motion: two figures resemble each other in the same place.",
        "test_comparison (a replaced glyph) fails at 0.25",
    )
    shift_enlargement: int = parameter(
        4,
        "times",
        "The images are enlarged so much for it: 5 pixels of 1920 are 1.25 of 480.",
        "test_comparison (a replaced glyph) fails at 2",
    )
    outline_px: float = parameter(
        2,
        "px",
        "Width of the outline of a box in front of the slide: a toolbar, a window.",
        "test_boxes (a toolbar over the last line) fails at 4",
    )
    outline_share: float = parameter(
        0.8,
        "share of a side",
        "Part of each side of a box that must have changed.",
        "test_boxes (a window over much of the slide) fails at 1; the tests hold from 0.08 to 0.9",
    )
    min_box_px: float = parameter(
        8,
        "px",
        "A box with a shorter side is not a box: the sides of its outline would touch.",
        "test_boxes (a toolbar over the last line) fails at 80; the tests hold from 0 to 16",
    )
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
        4,
        "contrasts",
        "Foreground is lost if its contrast falls by more than this many times the counted one.",
        "test_moved_objects (numbers beside a pointer) fails at 5",
    )
    ground_contrasts: float = parameter(
        2,
        "contrasts",
        "A large region shows bare ground where it differs from it by no more.",
        "h_room fails at 0; the tests hold from 1 to 20",
    )
    ground_stride: int = parameter(
        4,
        "pixels",
        "The ground is estimated on every fourth pixel of every fourth line.",
        "h_room fails at 1; the tests hold from 2 to 40",
    )
    kept_window: int = parameter(
        7,
        "pixels",
        "Side of the window in which two pictures are correlated on another ground.",
        "test_comparison (a coloured box over a table) fails at 21",
    )
    kept_stroke_share: float = parameter(
        0.4,
        "share of the edges in a region",
        "With more kept, only its ground changed: a highlighted button keeps 0.55, another heading none.",
        "not traced",
    )
    kept_correlation: float = parameter(
        0.7,
        "correlation",
        "Above it, old foreground is still there on another ground, such as under a coloured box: tables have 0.76 to 0.87 of their pixels"
        " there, exchanged text 0.02 to 0.15.",
        "test_comparison: a coloured box over a table",
    )
    min_kept_contrast: float = parameter(
        3.0,
        "grey levels, standard deviation",
        "With less, nothing is seen on the other ground.",
        "test_comparison (a coloured box over a table) fails at 60",
    )
    min_changed_ground: float = parameter(
        0.75,
        "share of the pixels in the window",
        "So many change where the ground is another one; around exchanged text it is the same.",
        "test_comparison (a coloured box over a table) fails at 0.8, test_blank_pictures (a clip that plays) at 0.7",
    )
    max_ground_share: float = parameter(
        0.45,
        "share of the frame",
        "If the ground changes in more, that is no box over a part of the slide.",
        "test_engine (numbers_pointer) fails at 1: slides in light and dark",
    )
    ground_kernel: int = parameter(
        9,
        "sampled pixels, odd",
        "Side of the median filter that estimates the ground.",
        "tests and lectures hold from 1 to 91",
    )


@dataclass(frozen=True)
class LayoutParameters:
    """Recognition of a slide whose size changes while it is shown."""

    max_in_place_share: float = parameter(
        0.4, "share of the edges", "Slides with more in common in place have the same size.", "not traced"
    )
    max_compared: int = parameter(12, "pages", "So many of the latest pages are looked for at another size.", "not traced")
    max_gap_s: float = parameter(
        1.5,
        "s",
        "The layout changes within this time: the slide is shown before and after.",
        "meeting fails at 0.15; the tests hold from 0.75 to 15",
    )
    min_scale: float = parameter(
        0.5, "ratio", "A slide that becomes smaller than this is not looked for.", "the tests hold from 0.25 to 0.75"
    )
    max_scale: float = parameter(
        0.93,
        "ratio",
        "A slide that hardly changes its size is compared in place.",
        "test_quality (distinct slides shown briefly) fails at 0.965; the tests hold from 0.86",
    )
    scale_step: float = parameter(
        0.03,
        "ratio",
        "Step between the scales that are tried on the density of edges.",
        "test_layout_changes (a slide that becomes larger) fails at 0.3; the tests hold from 0.003 to 0.06",
    )
    fine_steps: int = parameter(
        3, "steps", "Steps on each side of the best scale on full analysis frames.", "the tests hold from 1 to 30, lectures from 3 to 30"
    )
    coarse_step: int = parameter(
        5,
        "pixels",
        "Side of the squares in which the density of edges is measured.",
        "test_layout_changes (a slide that becomes larger) fails at 50; the tests hold from 1 to 10",
    )
    min_coarse_correlation: float = parameter(
        0.55,
        "correlation of the density of edges",
        "With less the slide is not in the picture. Slides at another size reach 0.62, half of the other slides of a deck only 0.46.",
        "test_layout_changes (a slide that becomes larger) fails at 1; the tests hold from 0.055 to 0.775",
    )
    min_correlation: float = parameter(
        0.6,
        "correlation",
        "With less at the best scale the slide is not in the picture: other slides reach 0.5.",
        "test_restless (a chart that drifts) fails at 0.3",
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
    min_edge_pixels: int = parameter(
        2000,
        "pixels of the analysis frame",
        "A slide with fewer has too little to be recognised by: titles of two words resemble each other at another size.",
        "test_layout_changes (titles of one deck) fails at 1000",
    )


@dataclass(frozen=True)
class PaneParameters:
    """Recognition of the page that a program shows in its window."""

    max_difference: int = parameter(
        6,
        "grey levels",
        "The ground of the page differs from its most frequent level by no more.",
        "test_panes (a pane with some noise) fails at 2; (builds in a viewer) at 40",
    )
    min_ground_share: float = parameter(0.25, "share of the picture", "With less ground no page is looked for.", "only saves time")
    profile_share: float = parameter(
        0.5, "share of the fullest line", "Lines with less ground are outside the page.", "tests hold from 0.1 to 0.9"
    )
    min_side_share: float = parameter(
        0.7,
        "share of the picture's side",
        "A page is as wide and as high; what is smaller is a picture or a box on a slide.",
        "test_panes (a box) fails at 0.35, (builds in a viewer) at 0.9",
    )
    max_side_share: float = parameter(
        0.97, "share of the picture's side", "What is wider and higher fills the picture.", "test_panes fails at 0.8 and 1"
    )
    min_common_share: float = parameter(
        0.95, "share of a side", "Two pictures show the page at the same place.", "test_panes (a list that was closed) fails at 0.9"
    )
    min_foreground_share: float = parameter(
        0.2,
        "share of the foreground",
        "So much of what is shown is on the page, else it may be a blank part of a slide.",
        "test_panes (builds in a viewer) fails at 0.4",
    )
