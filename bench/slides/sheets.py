"""Draws contact sheets for people to judge: `python -m bench.slides.sheets FOLDER VIDEO...` writes FOLDER/NAME.png for each recording.

The upper part shows the recording at regular times, the lower part the pages that the slide engine made. A frame has the colour and the
number of the page of which it is a visit; a frame without a number belongs to no page.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

import av
import cv2
import numpy as np

from bench.slides.drawing import Image
from domain import DetectedSlide, SlideTimeline
from services.media.remux import make_seekable
from services.ocr import text_finder
from services.slides import SlideOptions, find_slides

_COLUMNS, _MAX_FRAMES, _MIN_INTERVAL_S = 8, 64, 1.0
_THUMBNAIL = (232, 132)  # width and height of its cell; the picture keeps its shape
_PAGE_COLUMNS, _PAGE = 4, (464, 264)
_CAPTION_PX, _BORDER_PX = 22, 3
_PAPER, _INK = (255, 255, 255), (30, 30, 30)
# BGR, one after the other for the pages.
_COLOURS = ((40, 40, 220), (200, 110, 20), (50, 150, 30), (170, 30, 150), (0, 140, 230), (120, 120, 20), (90, 60, 250), (110, 70, 40))


def draw_sheet(video: Path) -> Image:
    """Find the slides of a recording and draw them below its frames."""
    with tempfile.TemporaryDirectory(prefix="lectern-") as name:
        folder = Path(name)
        path, media = make_seekable(video, folder / "copy")
        timeline = find_slides(path, media, SlideOptions(), folder / "images", find_text=text_finder())
        frames = _draw_frames(path, media.duration_s, timeline)
        pages = [_draw_page(folder / "images", number, slide) for number, slide in enumerate(timeline.slides)]
    return np.concatenate([_draw_grid(frames, _COLUMNS), _draw_grid(pages, _PAGE_COLUMNS)])


def _draw_frames(video: Path, duration_s: float, timeline: SlideTimeline) -> list[Image]:
    interval_s = max(_MIN_INTERVAL_S, duration_s / _MAX_FRAMES)
    cells: list[Image] = []
    with av.open(str(video)) as container:
        start_s = (container.start_time or 0) / av.time_base
        for frame in container.decode(video=0):
            time_s = (frame.time or 0.0) - start_s
            if time_s >= len(cells) * interval_s:
                number = _page_at(timeline.slides, time_s)
                caption = f"{time_s:.1f} s" + ("" if number is None else f"   {number + 1}")
                cells.append(_draw_cell(frame.to_ndarray(format="bgr24"), _THUMBNAIL, caption, _colour(number)))
    return cells


def _page_at(slides: Sequence[DetectedSlide], time_s: float) -> int | None:
    return next(
        (number for number, slide in enumerate(slides) if any(visit.start_s <= time_s < visit.end_s for visit in slide.visits)), None
    )


def _draw_page(folder: Path, number: int, slide: DetectedSlide) -> Image:
    image = cv2.imread(str(folder / str(slide.image)))
    assert image is not None
    visits = ", ".join(f"{visit.start_s:.1f}-{visit.end_s:.1f}" for visit in slide.visits)
    return _draw_cell(np.asarray(image, np.uint8), _PAGE, f"{number + 1}   frame {slide.frame_time_s:.1f}   {visits}", _colour(number))


def _colour(number: int | None) -> tuple[int, int, int]:
    return _PAPER if number is None else _COLOURS[number % len(_COLOURS)]


def _draw_cell(image: Image, size: tuple[int, int], caption: str, colour: tuple[int, int, int]) -> Image:
    """Draw an image with a coloured border, and a caption below it."""
    scale = min((length - 4 * _BORDER_PX) / side for length, side in zip(size, (image.shape[1], image.shape[0]), strict=True))
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    border = (_BORDER_PX,) * 4
    bordered_image = cv2.copyMakeBorder(small, *border, cv2.BORDER_CONSTANT, value=colour)
    cell = np.full((size[1] + _CAPTION_PX, size[0], 3), _PAPER, np.uint8)
    height, width = bordered_image.shape[:2]
    left = (size[0] - width) // 2
    cell[:height, left : left + width] = bordered_image
    cv2.putText(cell, caption[: size[0] // 7], (left, height + 15), cv2.FONT_HERSHEY_SIMPLEX, 0.42, _INK, 1, cv2.LINE_AA)
    return cell


def _draw_grid(cells: Sequence[Image], columns: int) -> Image:
    """Lay the cells out in rows, all of the width of the sheet."""
    width = _COLUMNS * _THUMBNAIL[0]
    rows = [np.full((_CAPTION_PX, width, 3), 225, np.uint8)]
    for first in range(0, len(cells), columns):
        row = np.concatenate(cells[first : first + columns], 1)
        rows.append(cv2.copyMakeBorder(row, 0, 0, 0, width - row.shape[1], cv2.BORDER_CONSTANT, value=_PAPER))  # type: ignore[arg-type]
    return np.concatenate(rows)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.slides.sheets", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("videos", type=Path, nargs="+")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for video in arguments.videos:
        target = arguments.folder / f"{video.stem}.png"
        cv2.imwrite(str(target), draw_sheet(video))
        print(target, flush=True)


if __name__ == "__main__":
    main()
