"""Unusual recordings: deep blue foreground, timestamps with large gaps, more slides than a document can hold."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from scripts.ffmpeg import FFMPEG
from services.media.probe import probe
from services.media.remux import make_seekable
from services.slides import SlideOptions, detect_slides
from services.slides.frame_spool import FrameRef
from services.slides.limits import limit_rate, limit_total
from services.slides.parameters import DEFAULTS, LimitParameters
from services.slides.slide_page import SlidePage


def draw_video(target: Path, filters: str, *options: str) -> Path:
    command = [FFMPEG, "-v", "error", "-f", "lavfi", "-i", filters, *options, "-pix_fmt", "yuv420p", str(target)]
    subprocess.run(command, check=True)
    return target


def slide_starts(video: Path) -> list[float]:
    return [slide.visits[0].start_s for slide in detect_slides(video, probe(video), SlideOptions()).slides]


def pages_shown(*times: tuple[float, float]) -> list[SlidePage]:
    return [SlidePage([[start, end]], FrameRef(start, start), *[np.zeros((1, 1), np.bool_)] * 2, [], []) for start, end in times]


def test_deep_blue_on_nearly_black_ground_is_a_slide_change(tmp_path: Path) -> None:
    boxes = [(100, 80, "lt(t,6)"), (300, 80, "gte(t,6)"), (60, 160, "1")]
    drawing = ",".join(f"drawbox=x={x}:y={y}:w=200:h=40:color=0x0000ff:t=fill:enable='{when}'" for x, y, when in boxes)
    video = draw_video(tmp_path / "blue.mp4", f"color=c=0x12161a:s=640x360:r=5:d=12,{drawing}")
    assert slide_starts(video) == pytest.approx([0.0, 6.0], abs=0.3)


def test_a_gap_of_eleven_days_between_frames_is_sampled_sparsely(tmp_path: Path) -> None:
    gap = "setpts='if(gte(N,40),PTS+1e6/TB,PTS)'"
    still = "color=s=320x180:r=5:d=16,drawbox=x=40:y=40:w=90:h=60:color=white:t=fill"
    video = draw_video(tmp_path / "gap.mkv", still, "-vf", gap, "-fps_mode", "vfr")
    reports: list[float] = []
    timeline = detect_slides(video, probe(video), SlideOptions(), report=lambda done, _: reports.append(done))
    assert len(timeline.slides) == 1
    assert timeline.slides[0].visits[-1].end_s > 1e6
    assert len(reports) < 200


def test_a_change_of_the_frame_size_is_followed(tmp_path: Path) -> None:
    parts = []
    for name, size, box in (("wide", "320x180", 40), ("tall", "90x640", 20), ("wide again", "320x180", 40)):
        still = f"color=s={size}:r=5:d=6,drawbox=x={box}:y={box}:w=30:h=60:color=white:t=fill"
        parts.append(draw_video(tmp_path / f"{name}.h264", still).read_bytes())
    raw = tmp_path / "joined.h264"
    raw.write_bytes(b"".join(parts))
    video, _ = make_seekable(raw, tmp_path / "joined.mkv")
    assert len(slide_starts(video)) == 2


def test_of_too_many_slides_those_shown_longest_are_kept() -> None:
    pages = pages_shown((0, 1), (1, 9), (9, 11), (11, 30), (30, 33))
    remaining = limit_total(pages, LimitParameters(max_pages=3))
    assert [page.spans for page in remaining] == [[[0.0, 1.0]], [[1.0, 11.0]], [[11.0, 33.0]]]


def test_of_too_many_slides_in_a_window_those_shown_longest_are_kept() -> None:
    pages = pages_shown((0, 2), (2, 3), (3, 7), (100, 101))
    remaining = limit_rate(pages, LimitParameters(max_pages_per_burst=2, burst_s=10))
    assert [page.spans for page in remaining] == [[[0.0, 3.0]], [[3.0, 7.0]], [[100.0, 101.0]]]


def test_of_too_many_slides_in_a_window_those_that_the_next_one_keeps_are_its_build_steps() -> None:
    pages = pages_shown((0, 3), (3, 6), (6, 10), (10, 13))
    remaining = limit_rate(
        pages, LimitParameters(max_pages_per_burst=3), keeps=lambda page, earlier: page is pages[3] and earlier is pages[2]
    )
    assert [page.spans for page in remaining] == [[[0.0, 3.0]], [[3.0, 6.0]], [[6.0, 13.0]]]
    assert [frame.time_s for frame in remaining[-1].builds] == [6.0]


def test_a_dozen_slides_within_a_minute_are_kept_unless_it_goes_on_so() -> None:
    dozen = pages_shown(*((5.0 * at, 5.0 * at + 5) for at in range(12)))
    assert len(limit_rate(dozen, DEFAULTS.limits)) == 12
    film = pages_shown(*((5.0 * at, 5.0 * at + 5) for at in range(240)))
    assert 45 <= most_within(300, limit_rate(film, DEFAULTS.limits)) <= 50
    clip = pages_shown(*((2.0 * at, 2.0 * at + 2) for at in range(60)))
    assert 12 <= most_within(60, limit_rate(clip, DEFAULTS.limits)) <= 15


def most_within(window_s: float, pages: list[SlidePage]) -> int:
    """Return the largest number of pages that begin within a window."""
    starts = [page.spans[0][0] for page in pages]
    return max(sum(start <= other < start + window_s for other in starts) for start in starts)


def test_the_time_of_a_dropped_page_goes_to_the_visit_before_it() -> None:
    first, second, short = pages_shown((0, 10), (10, 20), (30, 32))
    first.spans.append([20, 30])
    remaining = limit_total([first, second, short], LimitParameters(max_pages=2))
    assert [page.spans for page in remaining] == [[[0, 10], [20, 32]], [[10, 20]]]


def test_a_black_beginning_and_end_are_no_slides(tmp_path: Path) -> None:
    slide = "color=white:640x360:r=25:d=8,drawgrid=w=80:h=60:t=4:c=black,drawbox=x=100:y=100:w=200:h=80:t=fill:c=blue"
    black = "color=black:640x360:r=25"
    filters = f"{black}:d=6[a];{slide}[b];{black}:d=5[c];[a][b][c]concat=n=3"
    assert slide_starts(draw_video(tmp_path / "black.mp4", filters)) == pytest.approx([6.0], abs=0.3)
