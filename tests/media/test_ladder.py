"""The sizes in which a video is offered for streaming."""

from __future__ import annotations

import pytest

from domain import VideoStream
from services.media.ladder import MAX_RUNGS, rungs_of


@pytest.mark.parametrize(
    ("width", "height", "sizes"),
    [
        (3840, 2160, [(640, 360), (1280, 720), (1920, 1080)]),
        (1920, 1080, [(640, 360), (1280, 720), (1920, 1080)]),
        (1080, 1920, [(360, 640), (720, 1280), (1080, 1920)]),
        (1366, 768, [(640, 360), (1280, 720)]),
        (1280, 720, [(640, 360), (1280, 720)]),
        (640, 480, [(480, 360), (640, 480)]),
        (400, 400, [(360, 360)]),
        (161, 91, [(160, 90)]),
        (1, 4000, [(2, 4000)]),
    ],
)
def test_no_rendition_is_larger_than_the_video_or_distorted(width: int, height: int, sizes: list[tuple[int, int]]) -> None:
    rungs = rungs_of(VideoStream("h264", width, height, 25.0))
    assert [(rung.width, rung.height) for rung in rungs] == sizes
    assert len(rungs) <= MAX_RUNGS
    rates = [rung.max_kbps for rung in rungs]
    assert rates == sorted(rates) and rates[0] >= 100 and rates[-1] <= 12_000
