"""Parameters of the boundaries between slides, and of slides that are shown again."""

from __future__ import annotations

from dataclasses import dataclass

from services.slides.parameters.field import parameter


@dataclass(frozen=True)
class OccurrenceParameters:
    """State kept of the slide that is being shown."""

    max_cut_s: float = parameter(
        3.5, "s", "A slide that is shown again after no longer was visited once.", "test_absences: a short cut to the speaker"
    )
    max_history: int = parameter(7, "images", "Images in memory: the first and the latest ones.", "tests and lectures hold from 1 to 70")
    max_builds: int = parameter(
        40, "build steps", "Further build steps are not recorded.", "test_occurrences (strokes that follow quickly) fails at 20 and 80"
    )
    min_build_gap_s: float = parameter(
        1.0,
        "s",
        "A build step sooner after the previous one is not recorded.",
        "test_occurrences (strokes that follow quickly) fails at 0.5 and 2",
    )


@dataclass(frozen=True)
class SegmentationParameters:
    """Boundaries between slides."""

    motion_share: float = parameter(
        0.5,
        "share of the time",
        "Blocks that move habitually for longer are never compared.",
        "obj fails at 0.05; the tests hold from 0.25 to 1",
    )
    min_paper_s: float = parameter(
        1.0, "s", "Paper that is shown for longer before a slide is written belongs to that slide.", "the tests hold at 20"
    )
    min_paper_share: float = parameter(
        0.05,
        "share of blocks",
        "When it was shown, more of the picture changed at once.",
        "test_writing (a sheet that is empty at first) fails at 1",
    )
    max_restless_paper_share: float = parameter(
        0.1,
        "share of changed blocks",
        "More moves on after that where a page is scrolled.",
        "c_transitions: a push reaches 0.72, sheets that are written on 0",
    )
    max_later_share: float = parameter(
        0.35,
        "share of changed blocks",
        "If more comes at once later, it is a slide that came after another picture.",
        "test_camera_shots (a speaker who fills the picture) fails at 1; a notice before a slide has 0.98, sheets 0.26",
    )
    min_foreground_px: float = parameter(
        150, "px", "A slide with less foreground is treated as if it had this much.", "tests and lectures hold from 15 to 1500"
    )
    fading_share: float = parameter(
        0.5,
        "share of the slide's foreground",
        "If more of it has less contrast than before, or is erased, the slide fades out, and not only a part of it.",
        "raj coded as VP9 fails at 0, test_fades at 1; the tests hold from 0.05",
    )
    erased_share: float = parameter(
        0.25,
        "share of the foreground",
        "A slide of which more is erased or reverted is largely erased.",
        "test_moved_objects (a line appears while a pointer goes) fails at 0.125",
    )
    erased_added_share: float = parameter(
        0.9,
        "share of what was added",
        "If more of it went, paper on which something was written is empty again.",
        "test_revisits: sheets of paper",
    )
    min_parts: int = parameter(
        2, "build steps", "What came in fewer may be a menu that opened and closes.", "test_boxes: a list of suggestions"
    )
    min_rewritten_px: float = parameter(
        20, "px", "A new region of this size on a largely erased slide is a new slide.", "the tests hold from 2 to 200"
    )
    wide_share: float = parameter(
        0.25,
        "share of the frame",
        "If the regions cover a larger area, a smaller loss is a new slide: `wide_loss_share`.",
        "tests and lectures hold from 0.025 to 1",
    )
    wide_loss_share: float = parameter(
        0.04,
        "share of the foreground",
        "A larger loss is a new slide if the regions cover `wide_share`.",
        "the tests hold from 0.004 to 0.4",
    )
    sudden_loss_share: float = parameter(
        0.03,
        "share of the foreground",
        "A larger loss by sudden changes is a new slide.",
        "test_revisits (numbers shown again) fails at 0.003; the tests hold from 0.015 to 0.3",
    )
    regained_share: float = parameter(
        0.5, "share of the loss", "Sudden changes that gain less foreground are no new slide: a cleared field.", "test_revisits: a form"
    )
    outlasted_share: float = parameter(
        0.5,
        "share of the blocks with edges",
        "What came during a slide is in front of it if it stays while more of the rest is exchanged.",
        "test_notifications",
    )
    max_outlasting_ratio: float = parameter(
        2.0,
        "ratio of blocks with edges",
        "If more stays than was exchanged, it is the slide that stays.",
        "test_notifications: a paragraph",
    )
    local_share: float = parameter(
        0.4,
        "share of the foreground",
        "A change that takes away less may be an occluder.",
        "test_moved_objects (a line appears while a pointer goes) fails at 0.2",
    )
    min_pane_side_share: float = parameter(
        0.55,
        "share of the picture's side",
        "Losses in a pane that is as wide and as high are compared with its foreground, not with that of the window around it.",
        "test_panes (a chart that comes back) fails at 0.8",
    )
    inside_share: float = parameter(
        0.5,
        "share of a region",
        "A region with more of it in the area that slides change is compared with the foreground there alone.",
        "test_meetings (windows that alternate beside participants) fails at 1; the tests hold from 0.25 to 0.75",
    )
    max_local_mixed_changes: int = parameter(2, "regions", "A change with more mixed changes is not an occluder.", "photo_back fails at 4")
    min_slide_share: float = parameter(
        0.03, "share of the frame", "If more comes at once on a blank picture, a slide begins; less is a stroke.", "i_board fails at 0.012"
    )
    max_paper_s: float = parameter(
        2.0,
        "s",
        "Paper that was blank for longer does not belong to what is written on it then.",
        "i_board fails at 1, test_blank_pictures (a board) too; tests and lectures hold at 4",
    )
    shown_at_first_share: float = parameter(
        0.5,
        "share of the foreground",
        "If the first sample shows more of the first slide, the slide began with the recording.",
        "test_blank_pictures (black between written slides) fails at 0.25; the tests hold from 0.5 to 1",
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
    simultaneous_s: float = parameter(
        0.5, "s", "Blocks that came within this time came together.", "test_brief_pictures (a refined picture) fails at 1"
    )
    simultaneous_share: float = parameter(
        0.6,
        "share of blocks",
        "If so many came together, their time is the start of the slide.",
        "photo_back fails at 0.3",
    )
    shown_percentile: float = parameter(
        90,
        "%",
        "Otherwise the slide starts at this percentile of its blocks' times.",
        "photo_back fails at 9; the tests hold from 45 to 100",
    )
    leaving_percentile: float = parameter(
        10,
        "%",
        "The slide before ends at this percentile of the first motion of the blocks.",
        "test_brief_pictures (a step back before the end) fails at 20",
    )
    max_left_share: float = parameter(
        0.2,
        "share of the foreground",
        "If less of a slide is left where nothing moves, a film plays over it.",
        "not traced",
    )
    min_fade: int = parameter(2, "grey levels, median", "A picture that is darker or brighter by as much may fade.", "not traced")
    best_frame_margin_s: float = parameter(
        0.4,
        "s",
        "A frame nearer to the end of a slide may show a fade to the next one.",
        "not traced",
    )
    leaving_s: float = parameter(
        3.0,
        "s",
        "Motion that began earlier does not belong to the change.",
        "test_brief_pictures (a step back before the end) fails at 1.5",
    )


@dataclass(frozen=True)
class InsertionParameters:
    """Content that pushes down what is below it."""

    min_shift: int = parameter(4, "pixels", "What moved down by less moved by chance.", "not traced")
    tried_shifts: int = parameter(8, "shifts", "So many shifts are examined.", "not traced")
    min_visible_share: float = parameter(
        0.25,
        "share of what went",
        "So much must still be in the picture.",
        "notebooks: outputs push up to three quarters out of the picture",
    )
    min_found_share: float = parameter(
        0.68,
        "share of what must still be there",
        "So much of it is found further down.",
        "notebooks have 0.69 to 0.95, other pages up to 0.56 in one of the two directions",
    )
    min_height_share: float = parameter(
        0.2, "share of the height", "What is pushed down is higher than that.", "headings: a title in one line is not pushed down"
    )
    min_pushed_px: float = parameter(400, "px", "So much goes from its place.", "test_scrolling: lists with similar lines")
    max_missing_above_px: float = parameter(
        20, "px", "If more is missing above it, the heading is another one.", "test_insertions: a list with another heading"
    )
    min_kept_px: float = parameter(60, "px", "So much stays above it.", "test_insertions: a page that is scrolled up")


@dataclass(frozen=True)
class WritingParameters:
    """Slides that are written part by part, by an animation or by hand."""

    begin_percentile: float = parameter(
        10, "%", "Writing begins at this percentile of the blocks' times.", "test_writing: slides written and faded in the same places"
    )
    min_new_share: float = parameter(
        0.5,
        "share of the blocks with edges",
        "Of a slide that is written, more is new; else a part of another slide changed.",
        "numbers_pointer: a number changes while a pointer moves for seconds",
    )
    min_writing_s: float = parameter(
        0.8,
        "s",
        "Parts of a slide that come within less time come at once: a fade, a push.",
        "test_writing: a title that stands for a moment",
    )
    together_s: float = parameter(
        0.1, "s", "Blocks that came within this time came with a cut, at one sample.", "test_writing: a cut that is refined"
    )
    together_share: float = parameter(
        0.9,
        "share of blocks",
        "If so many came with a cut, a codec refined the others.",
        "obj fails at 0.8; test_writing (a cut that is refined) at 1",
    )
    max_cut_s: float = parameter(
        0.3,
        "s",
        "What moves for longer, one sample after the other, did not come with a cut.",
        "test_writing: a formula that is transformed",
    )
    max_pause_s: float = parameter(
        1.0,
        "s",
        "After a longer pause a slide was complete, and what comes then is a build step, unless it is written for long.",
        "test_writing: a title that stands for a moment",
    )
    shown_percentile: float = parameter(
        99,
        "%",
        "A written slide is complete at this percentile of its blocks' times: it is written evenly until its end.",
        "test_writing: a slide that is written slowly",
    )
    min_complete_share: float = parameter(
        0.5,
        "share of the slide's new blocks",
        "If more had come before such a pause, the slide was complete, even where something else moved all the while.",
        "test_writing: a table that stands for a while beside something that moves",
    )
    max_long_pause_s: float = parameter(3.0, "s", "After a longer pause nobody is writing any more.", "not traced")
    max_writing_s: float = parameter(
        10.0,
        "s",
        "What is written for longer, as by hand, began when its first parts were shown.",
        "the tests hold at 100; board, at 6 and 10 s alike",
    )
    min_motion_s: float = parameter(
        0.2, "s", "Content whose blocks move for less time comes with a cut.", "test_writing: a formula that is transformed"
    )
    min_kept_share: float = parameter(
        0.3,
        "share of the blocks with edges",
        "An animation that changes more of a written slide goes on with another one.",
        "slides written in the same places keep less than 0.1, a table that takes the place of a formula (obj) 0.45",
    )


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
    min_run: int = parameter(
        3,
        "occurrences",
        "So many brief ones in a row are stepped through.",
        "test_brief_pictures (a glimpse between two slides) fails at 1; test_brief_pictures (slides of a second) fails at 6",
    )
    loading_s: float = parameter(
        2.0,
        "s",
        "A shorter occurrence with hardly any content is shown while the next one is loaded.",
        "test_brief_pictures (what is shown while the next slide is loaded) fails at 1 and 4; sbsps with black bars at 1.5",
    )
    loading_share: float = parameter(
        0.25,
        "share of the neighbours' own foreground",
        "It has less foreground of its own than that.",
        "sbsps in a meeting fails at 0.125; test_brief_pictures (a full slide after less than two seconds) at 0.5",
    )
    min_kept_share: float = parameter(
        0.5,
        "share of the glimpse's foreground",
        "A new slide that keeps more began with the glimpse.",
        "test_brief_pictures (a glimpse of which it keeps most) fails at 0.05 and 1; the tests hold from 0.25 to 0.75",
    )
    max_ground_share: float = parameter(
        0.5,
        "share of the frame",
        "If more differs, the glimpse had another ground and is no part of the slide.",
        "test_brief_pictures (a slide that was being loaded on black) fails at 1; the tests hold from 0.25 to 0.75",
    )
    join_gap_s: float = parameter(
        0.6,
        "s",
        "Occurrences of one slide with a shorter gap are one span.",
        "test_brief_pictures (a refined picture) fails at 6; the tests hold from 0.06 to 1.2",
    )
    thumbnail: tuple[int, int] = parameter(
        (24, 14),
        "pixels, width and height",
        "Size of the image by which most pages are ruled out.",
        "test_revisits (a menu is open at the second visit) fails at 12 x 7",
    )
    max_thumbnail_difference: int = parameter(
        40, "grey levels", "Pixels of thumbnails that differ more are different.", "sbsps fails at 4; the tests hold from 20 to 400"
    )
    max_thumbnail_share: float = parameter(
        0.05,
        "share of its pixels",
        "Thumbnails with more different pixels show different slides.",
        "test_revisits (a menu is open at the second visit) fails at 0.025",
    )
    max_mixed_share: float = parameter(
        0.08,
        "share of the foreground",
        "How much two visits of a slide may differ where no replacement told slides apart: a menu, a clock, a field of a form.",
        "test_revisits: a menu is open at the second visit",
    )
    max_pane_mixed_share: float = parameter(
        0.18,
        "share of the pane's foreground",
        "The same for what a program's pane shows, which is less than its window: a title and an outline.",
        "okular fails at 0.25 (a title is taken for an outline), moevm at 0.12",
    )
    max_exchange_ratio: float = parameter(
        2.0,
        "ratio of lost to gained foreground",
        "What a region loses beyond that is removed, not exchanged: a field that is mostly emptied.",
        "test_revisits (a field that is left empty) fails at 4; the tests hold at 1",
    )
    min_heading_share: float = parameter(
        0.012,
        "share of the foreground",
        "A heading that changed exchanges as much: clocks at the top reach 0.008, the shortest title 0.04.",
        "test_revisits (a table under another heading) fails at 0.024; the tests hold from 0.001",
    )
    max_above_heading_share: float = parameter(
        0.05,
        "share of the foreground",
        "A heading has no more above its middle. Beside what changes in the first line of a window there is 0.07.",
        "test_revisits (a window with another name) fails at 0.1, (a table under another heading) at 0.005",
    )
    max_scroll_share: float = parameter(
        0.04,
        "share of the height",
        "A page that is shown again may be higher or lower by so much, as a document is scrolled back to it.",
        "test_scrolling (a page a little lower) fails at 0.02",
    )
    min_thumbnail_correlation: float = parameter(
        0.98,
        "correlation of thumbnails",
        "With less, pages are not compared in a pane or after a shift: other pages of a deck seldom reach so much.",
        "test_scrolling fails at 1; less only costs time",
    )
    scroll_steps: int = parameter(4, "steps a row", "Shifts are found to this fraction of a row.", "board: pages a few pixels off")
    min_scroll_correlation: float = parameter(
        0.6,
        "correlation of the rows' edges",
        "With less the pictures are not compared after the shift.",
        "only saves time: test_scrolling holds from 0 to 0.95",
    )
    within_share: float = parameter(
        0.5,
        "share of a region",
        "If earlier slides differed in more of the region, it is compared with the foreground of those blocks alone.",
        "test_meetings (windows that alternate beside participants) fails at 1; the tests hold from 0.25 to 0.75",
    )
    common_share: float = parameter(
        0.75,
        "share of the foreground",
        "Least foreground that two states of one slide have in common.",
        "test_brief_pictures (a refined picture) fails at 0.875",
    )
    max_alike_share: float = parameter(
        0.12, "share of the foreground", "Two pages that differ by less look alike, for the quality report.", "test_quality: a doubled deck"
    )
    max_states: int = parameter(8, "states", "Latest build states that are compared.", "tests and lectures hold from 0 to 80")
    max_growth: float = parameter(
        0.5,
        "share of the foreground",
        "A page that has lost nothing may have grown by so much in the meantime: a console.",
        "test_revisits (a console that has grown) fails at 0.25; test_meetings (a title and full slides) at 1",
    )
    max_grown_share: float = parameter(
        0.02, "share of the foreground", "If more went or was exchanged in such a page, it is another one.", "tests hold from 0 to 0.04"
    )
    min_developed_px: float = parameter(
        1100,
        "px",
        "So much came after the first state of a page, and in a picture, that both must agree.",
        "sbsps (another entry in a form) fails at 200",
    )
    min_developed_share: float = parameter(
        0.7,
        "share of what came after the first state",
        "So much of it is on the page and in the picture that shows it again: the same empty paper was written on with something else.",
        "test_revisits (sheets of paper) fails at 0.5",
    )
    min_added_px: float = parameter(
        100,
        "px",
        "So much more than was lost makes a fuller state at a later visit: more than a pointer.",
        "test_revisits (a number is added to a dense table) fails at 50 and 200",
    )
    fuller_ratio: float = parameter(
        1.02, "ratio", "A revisit with more foreground than this replaces the page's image.", "tests and lectures hold from 0.102 to 10.2"
    )
