"""Pages that show people instead of slides: a speaker who fills the picture, the audience, the participants of a meeting.

What a camera films live moves again and again, and has hardly any text. A text detector tells it from blackboards, sheets of paper and
charts that move. What is shown too briefly to move again has hardly any strokes either, only soft edges.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from domain import Box
from services.slides.parameters import CameraShotParameters
from services.slides.port import TextFinder

Page = dict[str, Any]
ImageWriter = Callable[[Mapping[Path, Page]], tuple[int, int]]
"""Writes the picture of each page to its path; returns the width and height of all."""


class _Text(NamedTuple):
    """`share`: of the picture that is text; `has_heading`: whether a line near the top is as large as a heading."""

    share: float
    has_heading: bool


def without_camera_shots(
    pages: Sequence[Page], write_images: ImageWriter, find_text: TextFinder, parameters: CameraShotParameters
) -> list[Page]:
    """Return the pages without those that only show people; all of them if the slides are filmed too, or have no text.

    Each page has a `live_share`, a `stroke_share` and an `edge_share`; see services.slides.child_task. What is left out shortly between
    two visits of a slide belongs to one visit of it.
    """
    suspects = [page for page in pages if _is_suspect(page, parameters)]
    certain_pages = [page for page in pages if not any(page is suspect for suspect in suspects)]
    if not suspects or not certain_pages:
        return list(pages)
    examined_pages = certain_pages[:: -(-len(certain_pages) // parameters.max_examined)]
    texts = _measure_text([*suspects, *examined_pages], write_images, find_text, parameters)
    slide_share = statistics.median(text.share for text in texts[len(suspects) :])
    shots = [page for page, text in zip(suspects, texts, strict=False) if not _is_slide(page, text, slide_share, parameters)]
    slides_are_filmed = len(suspects) - len(shots) > len(certain_pages)
    if slides_are_filmed or slide_share < parameters.min_slide_text:
        return list(pages)
    remaining_pages = [page for page in pages if not any(page is shot for shot in shots)]
    cuts = [span for shot in shots for span in shot["spans"]]
    return [_join_visits(page, cuts, parameters) for page in remaining_pages]


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


def _measure_text(pages: Sequence[Page], write_images: ImageWriter, find_text: TextFinder, parameters: CameraShotParameters) -> list[_Text]:
    with tempfile.TemporaryDirectory(prefix="lectern-") as folder:
        paths = [Path(folder, f"{number}.jpg") for number in range(len(pages))]
        width, height = write_images(dict(zip(paths, pages, strict=True)))
        return [_describe(lines, width, height, parameters) for lines in find_text(paths)]


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
