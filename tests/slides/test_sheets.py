"""Contact sheets for people who judge the slides of a recording."""

from __future__ import annotations

from bench.slides.sheets import draw_sheet
from config import PROJECT


def test_a_sheet_shows_the_frames_and_the_pages() -> None:
    sheet = draw_sheet(PROJECT / "samples" / "tiny.mp4")
    assert sheet.shape[1] == 8 * 232
    assert sheet.shape[0] > 132 + 264  # at least a row of frames and a row of pages
    assert len({tuple(pixel) for pixel in sheet[::7, ::7].reshape(-1, 3).tolist()}) > 20
