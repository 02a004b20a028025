"""Pages that show people instead of slides: a speaker who fills the picture, the audience, the participants of a meeting.

What a camera films live moves again and again, and has hardly any text. A text detector tells it from blackboards, sheets of paper and
charts that move. What is shown too briefly to move again has hardly any strokes either, only soft edges.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from domain import Box
from services.slides.parameters import CameraShotParameters
from services.slides.port import TextFinder

Page = dict[str, Any]
PictureSource = Callable[[Sequence[int]], tuple[Sequence[Path], int, int]]
"""Returns the pictures of the pages at the given positions, and the width and height of all."""


class _Text(NamedTuple):
    """`share`: of the picture that is text; `has_heading`: whether a line near the top is as large as a heading."""

    share: float
    has_heading: bool


def without_camera_shots(
    pages: Sequence[Page], take_pictures: PictureSource, find_text: TextFinder, parameters: CameraShotParameters
) -> dict[int, Page]:
    """Return the pages by position, without those that only show people; all if the slides are filmed too, or have no text.

    Each page has a `live_share`, a `stroke_share` and an `edge_share`; see services.slides.child_task. What is left out shortly between
    two visits of a slide belongs to one visit of it.
    """
    suspects = [position for position, page in enumerate(pages) if _is_suspect(page, parameters)]
    certain = [position for position in range(len(pages)) if position not in suspects]
    if not suspects or not certain:
        return dict(enumerate(pages))
    examined = certain[:: -(-len(certain) // parameters.max_examined)]
    pictures, width, height = take_pictures([*suspects, *examined])
    texts = [_describe(lines, width, height, parameters) for lines in find_text(pictures)]
    slide_share = statistics.median(text.share for text in texts[len(suspects) :])
    shots = {
        position: pages[position]
        for position, text in zip(suspects, texts, strict=False)
        if not _is_slide(pages[position], text, slide_share, parameters)
    }
    slides_are_filmed = len(suspects) - len(shots) > len(certain)
    if slides_are_filmed or slide_share < parameters.min_slide_text:
        return dict(enumerate(pages))
    cuts = [span for shot in shots.values() for span in shot["spans"]]
    return {position: _join_visits(page, cuts, parameters) for position, page in enumerate(pages) if position not in shots}


def _is_suspect(page: Page, parameters: CameraShotParameters) -> bool:
    """Whether most of what the page shows moves again and again, or it is shown briefly and has hardly any strokes."""
    longest_s = max(end_s - start_s for start_s, end_s in page["spans"])
    is_live = page["live_share"] >= parameters.min_live_share and longest_s <= parameters.max_shot_s
    if is_live and page["stroke_share"] < parameters.max_stroke_ratio * page["live_share"]:
        return True
    return bool(longest_s <= parameters.brief_s and page["stroke_share"] < parameters.max_soft_ratio * page["edge_share"])


def _is_slide(page: Page, text: _Text, slide_share: float, parameters: CameraShotParameters) -> bool:
    """Whether a suspect has more text than the names of people. `slide_share`: the share of text of the other pages."""
    if text.share < parameters.min_text_ratio * page["live_share"]:
        return False
    return text.has_heading or text.share >= parameters.min_slide_ratio * slide_share


def _describe(lines: Sequence[Box], width: int, height: int, parameters: CameraShotParameters) -> _Text:
    """Describe the lines of text; faces, which a detector may take for text, are higher than wide."""
    lines = [line for line in lines if line.width > line.height]
    has_heading = any(
        parameters.heading_top * height <= line.y <= parameters.heading_bottom * height - line.height
        and line.height >= parameters.min_heading_height * height
        and line.width >= parameters.min_heading_width * width
        for line in lines
    )
    return _Text(sum(line.width * line.height for line in lines) / (width * height), has_heading)


def _join_visits(page: Page, cuts: Sequence[Sequence[float]], parameters: CameraShotParameters) -> Page:
    """Join the visits of a page between which only people were shown for a moment."""
    spans: list[list[float]] = []
    for start_s, end_s in page["spans"]:
        left_s = spans[-1][1] if spans else float("-inf")
        if start_s - left_s <= parameters.max_cut_s and any(left_s <= cut_s < start_s for cut_s, _ in cuts):
            spans[-1][1] = end_s
        else:
            spans.append([start_s, end_s])
    return page | {"spans": spans} if len(spans) < len(page["spans"]) else page
