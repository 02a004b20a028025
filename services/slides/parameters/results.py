"""Parameters of the region, the limits, titles, spoken words and quality."""

from __future__ import annotations

from dataclasses import dataclass

from services.slides.parameters.field import parameter


@dataclass(frozen=True)
class RegionParameters:
    """The region of the slide in the picture, and areas with motion."""

    min_pages: int = parameter(3, "pages", "With fewer, no region is reported.")
    max_pages: int = parameter(12, "pages", "About this many pages, evenly spread, are examined.")
    min_edge: int = parameter(10, "grey levels", "Step between neighbouring pixels that is part of a line.")
    min_line_share: float = parameter(0.8, "share of a side", "Part of a side that must be an edge on every page.")
    min_sides: int = parameter(2, "sides", "Number of sides that are lines and not the frame's own border.")
    min_area: float = parameter(0.2, "share of the frame", "A smaller region is not a slide.")
    max_area: float = parameter(0.9, "share of the frame", "A larger region is the whole frame.")
    min_aspect: float = parameter(1.15, "width / height", "Narrower regions are no slides.")
    max_aspect: float = parameter(2.0, "width / height", "Wider regions are no slides.")
    motion_share: float = parameter(0.2, "share of the time", "Blocks that move habitually for longer are reported as ignored.")
    min_side_pixels: int = parameter(8, "pixels of the recording", "A region or ignored area given by a user must be this large.")


@dataclass(frozen=True)
class LimitParameters:
    """Bounds on pages and on the time of the child process."""

    max_pages_per_burst: int = parameter(
        15, "pages", "More pages that begin within the shorter window are thinned out.", "test_limits: a dozen slides within a minute"
    )
    burst_s: float = parameter(60.0, "s", "Length of the window for `max_pages_per_burst`.")
    max_pages_per_window: int = parameter(50, "pages", "More pages that begin within the longer window are thinned out: a film.")
    window_s: float = parameter(300.0, "s", "Length of the window for `max_pages_per_window`.")
    time_tolerance_s: float = parameter(
        0.25, "s", "Two starts may be this much closer: they are known to one sample.", "test_few_frames: 6 s each"
    )
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
    lowest_top: float = parameter(0.6, "share of the height", "A line that begins lower is not a title.", "test_titles: text at the bottom")
    large_share: float = parameter(0.75, "share of the largest letters", "Smaller lines are no part of the title.")
    max_line_gap: float = parameter(0.9, "of a line's height", "Lines farther apart are not one title.", "test_titles: two lines")
    max_side_offset: float = parameter(
        0.015, "share of the width", "Lines of one title begin or end at the same place.", "test_titles: a first item that is as large"
    )
    max_centre_offset: float = parameter(0.03, "share of the width", "Or their middles are at the same place.")
    max_sentence_lines: int = parameter(
        3, "lines", "Lines of one size that may be one sentence; of a longer text only the first line is the title."
    )
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
        1 / 20,
        "slides per minute",
        "Fewer are reported as very few.",
        "test_quality (few slides for half an hour) fails at 0.025 and 0.1",
    )
    max_unstable_share: float = parameter(0.4, "share of the time", "With more the picture rarely is stable.")
    max_duplicate_risk: float = parameter(0.2, "share of slides", "With more, pages may be duplicates.")
    min_ocr_confidence: float = parameter(0.6, "confidence", "With less the text is hard to read.")
    min_speech_share: float = parameter(0.05, "share of the time", "With less there is hardly any speech.")
    same_text_ratio: float = parameter(
        0.9, "similarity", "A slide that shares this part of its words with an earlier one may be a duplicate."
    )
    compared_slides: int = parameter(50, "slides", "Earlier slides with whose words those of a slide are compared.")
