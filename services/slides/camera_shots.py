"""Pages that show people instead of slides: a speaker who fills the picture, the audience, the participants of a meeting.

What a camera films live moves again and again, and has hardly any text. A text detector tells it from blackboards, sheets of paper and
charts that move.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from domain import Box
from services.slides.parameters import CameraShotParameters
from services.slides.port import TextFinder

Page = dict[str, Any]
ImageWriter = Callable[[Mapping[Path, Page]], tuple[int, int]]
"""Writes the picture of each page to its path; returns the width and height of all."""


def without_camera_shots(
    pages: Sequence[Page], write_images: ImageWriter, find_text: TextFinder, parameters: CameraShotParameters
) -> list[Page]:
    """Return the pages without those that only show people; all of them if the slides are filmed too, or have no text.

    Each page has a `live_share` and a `stroke_share`; see services.slides.child_task.
    """
    live_pages = [page for page in pages if _is_live(page, parameters)]
    still_pages = [page for page in pages if not _is_live(page, parameters)]
    suspects = [page for page in live_pages if page["stroke_share"] < parameters.max_stroke_ratio * page["live_share"]]
    if not suspects or not still_pages:
        return list(pages)
    examined_pages = still_pages[:: -(-len(still_pages) // parameters.max_examined)]
    text_shares = _measure_text([*suspects, *examined_pages], write_images, find_text)
    has_text = [share >= parameters.min_text_ratio * page["live_share"] for page, share in zip(suspects, text_shares, strict=False)]
    slides_are_filmed = len(live_pages) - has_text.count(False) > len(still_pages)
    if slides_are_filmed or statistics.median(text_shares[len(suspects) :]) < parameters.min_slide_text:
        return list(pages)
    shots = [page for page, is_slide in zip(suspects, has_text, strict=True) if not is_slide]
    return [page for page in pages if not any(page is shot for shot in shots)]


def _is_live(page: Page, parameters: CameraShotParameters) -> bool:
    longest_s = max(end_s - start_s for start_s, end_s in page["spans"])
    return bool(page["live_share"] >= parameters.min_live_share and longest_s <= parameters.max_shot_s)


def _measure_text(pages: Sequence[Page], write_images: ImageWriter, find_text: TextFinder) -> list[float]:
    """Return the share of each page's picture that is text."""
    with tempfile.TemporaryDirectory(prefix="lectern-") as folder:
        paths = [Path(folder, f"{number}.jpg") for number in range(len(pages))]
        width, height = write_images(dict(zip(paths, pages, strict=True)))
        return [_text_share(lines, width, height) for lines in find_text(paths)]


def _text_share(lines: Sequence[Box], width: int, height: int) -> float:
    """Return the share of a picture that its lines of text cover; faces, which a detector may take for text, are higher than wide."""
    return sum(line.width * line.height for line in lines if line.width > line.height) / (width * height)
