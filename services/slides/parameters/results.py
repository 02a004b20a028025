"""Parameters of the region, the limits, titles, spoken words and quality."""

from __future__ import annotations

from dataclasses import dataclass

from services.slides.parameters.field import parameter


@dataclass(frozen=True)
class RegionParameters:
    """The region of the slide in the picture, and areas with motion."""

    min_pages: int = parameter(3, "pages", "With fewer, no region is reported.", "test_region (two pages) fails at 2 and 4")
    max_pages: int = parameter(12, "pages", "About this many pages, evenly spread, are examined.", "tests and lectures hold from 1 to 120")
    min_edge: int = parameter(
        10, "grey levels", "Step between neighbouring pixels that is part of a line.", "test_region (a faint border) fails at 20"
    )
    min_line_share: float = parameter(
        0.8,
        "share of a side",
        "Part of a side that must be an edge on every page.",
        "test_region (a faint border) fails at 0.08; the tests hold from 0.4 to 1",
    )
    min_sides: int = parameter(
        2,
        "sides",
        "Number of sides that are lines and not the frame's own border.",
        "test_region (a side bar) fails at 1; test_region (a slide: corner) fails at 3",
    )
    min_area: float = parameter(
        0.2,
        "share of the frame",
        "A smaller region is not a slide.",
        "test_region (a small box) fails at 0.1; test_region (a slide: small) fails at 0.4",
    )
    max_area: float = parameter(
        0.9,
        "share of the frame",
        "A larger region is the whole frame.",
        "test_region (a slide: large) fails at 0.8; test_region (nearly all) fails at 0.95",
    )
    min_aspect: float = parameter(
        1.15,
        "width / height",
        "Narrower regions are no slides.",
        "test_region (narrow) fails at 0.575; test_region (two pages) fails at 2.3",
    )
    max_aspect: float = parameter(
        2.0, "width / height", "Wider regions are no slides.", "test_region (two pages) fails at 1; test_region (wide) fails at 4"
    )
    motion_share: float = parameter(
        0.2,
        "share of the time",
        "Blocks that move habitually for longer are reported as ignored.",
        "test_moving_parts (a camera inset) fails at 1; the tests hold from 0.02 to 0.4",
    )
    min_side_pixels: int = parameter(
        8, "pixels of the recording", "A region or ignored area given by a user must be this large.", "the tests hold from 0 to 80"
    )


@dataclass(frozen=True)
class LimitParameters:
    """Bounds on pages and on the time of the child process."""

    max_pages_per_burst: int = parameter(
        15, "pages", "More pages that begin within the shorter window are thinned out.", "test_limits: a dozen slides within a minute"
    )
    burst_s: float = parameter(
        60.0, "s", "Length of the window for `max_pages_per_burst`.", "test_limits (a dozen slides within a minute) fails at 30 and 120"
    )
    max_pages_per_window: int = parameter(
        50,
        "pages",
        "More pages that begin within the longer window are thinned out: a film.",
        "test_limits (a dozen slides within a minute) fails at 25 and 100",
    )
    window_s: float = parameter(
        300.0, "s", "Length of the window for `max_pages_per_window`.", "test_limits (a dozen slides within a minute) fails at 150"
    )
    time_tolerance_s: float = parameter(
        0.25, "s", "Two starts may be this much closer: they are known to one sample.", "test_few_frames: 6 s each"
    )
    max_pages: int = parameter(1000, "pages", "The largest document that can be made.", "test_limits: too many slides")
    min_timeout_s: float = parameter(
        600, "s", "Time allowed for any recording.", "docs/benchmarks.md: lectures of two minutes take less than 3 s of CPU"
    )
    timeout_factor: float = parameter(
        4,
        "s per s of recording",
        "Time allowed in addition, for each second of the recording.",
        "docs/benchmarks.md: h_room takes 0.03 s of CPU per s of recording",
    )


@dataclass(frozen=True)
class CameraShotParameters:
    """Pages that show people instead of slides."""

    motion_share: float = parameter(
        0.7, "share of the time", "Blocks that move habitually for longer move on all pages: a speaker beside the slides.", "not traced"
    )
    min_live_share: float = parameter(
        0.03,
        "share of the frame",
        "If as much moves again and again, a camera may have filmed it.",
        "test_camera_shots (a speaker who fills the picture) fails at 0.4",
    )
    min_stroke_gradient: int = parameter(
        96,
        "grey levels in 3x3 pixels",
        "Text and lines are as steep; faces are not.",
        "talks: strokes of slides 0.026 to 0.16 of the picture, speakers up to 0.005",
    )
    max_stroke_ratio: float = parameter(
        0.3,
        "ratio of strokes to what moves",
        "With more it certainly is a slide: film clips on slides have 0.22, participants of a meeting 0.15, a speaker 0.02.",
        "the tests hold at 0.1 and 1; with more, more pages are examined",
    )
    min_text_ratio: float = parameter(
        0.1,
        "ratio of text to what moves",
        "With less text it is no slide: the participants of a meeting have their names.",
        "test_camera_shots (a film with a sentence over it) fails at 1",
    )
    min_slide_ratio: float = parameter(
        0.25,
        "ratio of the text to that of the other pages",
        "With less, and without a heading, it is no slide: a speaker's name over the picture.",
        "not traced",
    )
    heading_top: float = parameter(
        0.02, "share of the height", "A heading begins below; a line at the very edge is that of a program's bar.", "not traced"
    )
    heading_bottom: float = parameter(0.3, "share of the height", "A heading ends above.", "not traced")
    min_heading_height: float = parameter(0.045, "share of the height", "A heading is as high.", "not traced")
    min_heading_width: float = parameter(0.12, "share of the width", "A heading is as wide.", "not traced")
    brief_s: float = parameter(3.5, "s", "What is shown no longer hardly moves again; people are known by soft edges.", "not traced")
    max_soft_ratio: float = parameter(
        0.18,
        "ratio of strokes to edges",
        "With less, all edges are soft: people have up to 0.15, slides 0.21 and more.",
        "not traced",
    )
    max_cut_s: float = parameter(3.5, "s", "Two visits of a slide with people in between for no longer are one.", "not traced")
    min_slide_text: float = parameter(
        0.03,
        "share of the picture",
        "If slides have less text, it can't be detected: they are filmed from afar, or photographs.",
        "test_camera_shots (slides filmed from afar) fails at 0",
    )
    max_examined: int = parameter(4, "pages", "So many slides are examined for that.", "not traced")
    max_shot_s: float = parameter(
        60.0, "s", "What is shown for longer has a page, such as a film.", "test_camera_shots: a film that is shown for long"
    )


@dataclass(frozen=True)
class TitleParameters:
    """Titles among the words read by OCR."""

    min_confidence: float = parameter(
        0.3, "confidence", "Words read with less are ignored.", "test_titles (words that were hardly recognised) fails at 0.15 and 0.6"
    )
    repeated_share: float = parameter(
        0.5,
        "share of slides",
        "A line on at least this share of the slides is a footer or logo.",
        "test_titles (a heading of a third of the slides) fails at 0.25 and 1",
    )
    min_repeats: int = parameter(
        3,
        "slides",
        "A footer or logo is on at least this many slides.",
        "test_titles (a first item that is as large) fails at 1; test_titles (the largest text near the top) fails at 6",
    )
    positions: int = parameter(
        20, "positions", "Number of heights on the page at which lines count as being in the same place.", "the tests hold from 2 to 200"
    )
    lowest_top: float = parameter(0.6, "share of the height", "A line that begins lower is not a title.", "test_titles: text at the bottom")
    large_share: float = parameter(
        0.75,
        "share of the largest letters",
        "Smaller lines are no part of the title.",
        "test_titles (smaller letters) fails at 0.5 and 0.875",
    )
    max_word_gap: float = parameter(
        4.0,
        "of the letters' height",
        "Words farther apart are not in one line: a heading, and a name in the chat beside it.",
        "test_titles: a chat beside the slides",
    )
    max_line_gap: float = parameter(0.9, "of a line's height", "Lines farther apart are not one title.", "test_titles: two lines")
    max_side_offset: float = parameter(
        0.015, "share of the width", "Lines of one title begin or end at the same place.", "test_titles: a first item that is as large"
    )
    max_centre_offset: float = parameter(
        0.03, "share of the width", "Or their middles are at the same place.", "test_titles (a centred title of two lines) fails at 0.015"
    )
    max_sentence_lines: int = parameter(
        3,
        "lines",
        "Lines of one size that may be one sentence; of a longer text only the first line is the title.",
        "test_titles (a slide of one sentence) fails at 2",
    )
    max_characters: int = parameter(
        160, "characters", "Longer titles are cut at a word.", "test_titles (a paragraph in one size) fails at 80 and 320"
    )


@dataclass(frozen=True)
class WordParameters:
    """Assignment of spoken words to slides."""

    sentence_reach_s: float = parameter(
        2.0,
        "s",
        "A cut falls on a sentence end if one is at most this far from the slide change.",
        "test_words_on_slides (a sentence end seconds away) fails at 1 and 4",
    )


@dataclass(frozen=True)
class QualityParameters:
    """Signs of trouble in the quality report."""

    max_slides_per_minute: float = parameter(
        6.0, "slides per minute", "More are reported as very many.", "test_quality (one reason for each problem) fails at 12"
    )
    min_counted_slides: int = parameter(
        6, "slides", "With fewer slides the rate is not reported.", "test_quality (brief slides with different words) fails at 3"
    )
    min_slides_per_minute: float = parameter(
        1 / 20,
        "slides per minute",
        "Fewer are reported as very few.",
        "test_quality (one or two slides in half an hour) fails at 0.025 and 0.1",
    )
    max_unstable_share: float = parameter(
        0.4, "share of the time", "With more the picture rarely is stable.", "test_quality (one reason for each problem) fails at 0.8"
    )
    max_duplicate_risk: float = parameter(
        0.2,
        "share of slides",
        "With more, pages may be duplicates.",
        "test_quality (one reason for each problem) fails at 1; the tests hold from 0.02 to 0.4",
    )
    min_ocr_confidence: float = parameter(
        0.6, "confidence", "With less the text is hard to read.", "test_quality (one reason for each problem) fails at 0.2"
    )
    min_speech_share: float = parameter(
        0.05,
        "share of the time",
        "With less there is hardly any speech.",
        "test_quality (one reason for each problem) fails at 0.005; the tests hold from 0.025 to 0.5",
    )
    same_text_ratio: float = parameter(
        0.9,
        "similarity",
        "A slide that shares this part of its words with an earlier one may be a duplicate.",
        "test_quality (pictures that hardly differ) fails at 0.45",
    )
    compared_slides: int = parameter(
        50, "slides", "Earlier slides with whose words those of a slide are compared.", "the tests hold from 5 to 500"
    )
