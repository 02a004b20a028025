"""Recordings that are odd: deep blue ink, timestamps that leap, more slides than a document can hold."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from services.media.probe import probe
from services.slides import SlideOptions, detect_slides, limits
from services.slides.revisits import Page
from services.slides.stable_frames import Moment


def drawn(target: Path, filters: str, *options: str) -> Path:
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", filters, *options, "-pix_fmt", "yuv420p", str(target)]
    subprocess.run(command, check=True)
    return target


def starts(video: Path) -> list[float]:
    return [slide.visits[0].start_s for slide in detect_slides(video, probe(video), SlideOptions()).slides]


def test_blue_ink_on_nearly_black_ground_is_seen(tmp_path: Path) -> None:
    boxes = [(100, 80, "lt(t,6)"), (300, 80, "gte(t,6)"), (60, 160, "1")]
    ink = ",".join(f"drawbox=x={x}:y={y}:w=200:h=40:color=0x0000ff:t=fill:enable='{when}'" for x, y, when in boxes)
    video = drawn(tmp_path / "blue.mp4", f"color=c=0x12161a:s=640x360:r=5:d=12,{ink}")
    assert starts(video) == pytest.approx([0.0, 6.0], abs=0.3)


def test_a_leap_of_eleven_days_is_not_gone_through_sample_by_sample(tmp_path: Path) -> None:
    leap = "setpts='if(gte(N,40),PTS+1e6/TB,PTS)'"
    still = "color=s=320x180:r=5:d=16,drawbox=x=40:y=40:w=90:h=60:color=white:t=fill"
    video = drawn(tmp_path / "leap.mkv", still, "-vf", leap, "-fps_mode", "vfr")
    samples: list[float] = []
    found = detect_slides(video, probe(video), SlideOptions(), report=lambda done, _: samples.append(done))
    assert len(found.slides) == 1
    assert found.slides[0].visits[-1].end_s > 1e6
    assert len(samples) < 200


def test_too_many_slides_are_cut_down_to_those_shown_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_PAGES", 3)
    none = np.zeros((1, 1), np.bool_)
    times = [(0, 1), (1, 9), (9, 11), (11, 30), (30, 33)]
    pages = [Page([[float(start), float(end)]], Moment(start, start), 0.0, none, [], []) for start, end in times]
    kept = limits.limit_total(pages)
    assert [page.spans for page in kept] == [[[0.0, 1.0]], [[1.0, 11.0]], [[11.0, 33.0]]]
