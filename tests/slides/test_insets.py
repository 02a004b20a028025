"""A presenter's camera that changes its place is no other slide."""

from __future__ import annotations

import math
import subprocess
from pathlib import Path

import cv2
import numpy as np
import pytest

from scripts.ffmpeg import FFMPEG
from services.media.probe import probe
from services.slides import SlideOptions, detect_slides
from services.slides.parameters import DEFAULTS
from tests.slides.sequences import SIZE, detect, draw_page, visits

WIDTH, HEIGHT, RATE = 640, 360, 5
INSET_WIDTH, INSET_HEIGHT = 130, 90
TITLES = ("Graph theory", "Shortest paths", "Spanning trees")


def draw_frame(title: str, corner: tuple[int, int], time_s: float) -> bytes:
    image = np.full((HEIGHT, WIDTH), 250, np.uint8)
    for line, text in enumerate((title, f"What {title.lower()} is", f"Where {title.lower()} helps")):
        cv2.putText(image, text, (40, 120 + 50 * line), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 20, 2, cv2.LINE_AA)
    left, top = corner
    cv2.rectangle(image, (left, top), (left + INSET_WIDTH, top + INSET_HEIGHT), 110, -1)
    head = (left + INSET_WIDTH // 2 + int(8 * math.sin(2.1 * time_s)), top + 45 + int(5 * math.sin(3.3 * time_s)))
    cv2.ellipse(image, head, (22, 32), 0, 0, 360, 190, -1)
    return image.tobytes()


def test_a_camera_that_changes_its_corner_does_not_double_slides(tmp_path: Path) -> None:
    video = tmp_path / "inset.mp4"
    size = f"{WIDTH}x{HEIGHT}"
    command = [FFMPEG, "-v", "error", "-f", "rawvideo", "-pix_fmt", "gray", "-s", size, "-r", str(RATE), "-i", "-"]
    corners = ((WIDTH - INSET_WIDTH, HEIGHT - INSET_HEIGHT), (0, HEIGHT - INSET_HEIGHT), (WIDTH - INSET_WIDTH, 0))
    scenes = [(TITLES[0], corners[0]), (TITLES[0], corners[1]), (TITLES[1], corners[1]), (TITLES[1], corners[2]), (TITLES[2], corners[0])]
    with subprocess.Popen([*command, "-c:v", "libx264", "-pix_fmt", "yuv420p", str(video)], stdin=subprocess.PIPE) as encoder:
        assert encoder.stdin is not None
        for number in range(50 * len(scenes)):
            encoder.stdin.write(draw_frame(*scenes[number // 50], number / RATE))
    assert encoder.returncode == 0
    starts = [slide.visits[0].start_s for slide in detect_slides(video, probe(video), SlideOptions()).slides]
    assert starts == pytest.approx([0, 20, 40], abs=0.5)


@pytest.mark.parametrize("lead_s", [-1.5, 0.75, 1.5, 3.0])
def test_slides_that_change_while_a_camera_changes_its_corner(lead_s: float) -> None:
    """What moves at the new place is known from the moment at which motion ends at the old one."""
    period_s = DEFAULTS.sampling.period_s
    pages = [draw_page([title, f"What {title.lower()} is", f"Where {title.lower()} helps"]) for title in TITLES]
    right, below = SIZE[0] - INSET_WIDTH, SIZE[1] - INSET_HEIGHT
    corners = ((right, below), (right, 0), (0, below))
    frames = []
    for number in range(round(60 / period_s)):
        time_s = number * period_s
        image = pages[int(time_s / 20) % 3].copy()
        x, y = corners[int((time_s + lead_s) / 20) % 3]
        inset = image[y : y + INSET_HEIGHT, x : x + INSET_WIDTH]
        inset[:] = np.linspace(60, 180, INSET_WIDTH).astype(np.uint8)
        head = (65 + int(20 * math.sin(2.1 * time_s)), 50 + int(9 * math.sin(3.3 * time_s)))
        cv2.ellipse(inset, head, (22, 32), 0, 0, 360, 190, -1)
        frames.append((image, period_s))
    assert visits(detect(frames)) == [[[0.0, 20.0]], [[20.0, 40.0]], [[40.0, 60.0]]]


def test_what_changes_beside_a_camera_that_moves_often_is_no_replacement() -> None:
    """The speaker leans over to where the camera's picture was still, and stays there."""
    period_s = DEFAULTS.sampling.period_s
    pages = [draw_page([title, f"What {title.lower()} is", f"Where {title.lower()} helps"]) for title in TITLES]
    left = SIZE[0] - INSET_WIDTH
    frames = []
    for number in range(round(54 / period_s)):
        time_s = number * period_s
        image = pages[int(time_s / 18) % 3].copy()
        cv2.rectangle(image, (left, 8), (SIZE[0], 8 + INSET_HEIGHT), 110, -1)
        cv2.putText(image, "A B" if time_s % 18 < 10 else "C D", (left + 22, 60), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 60, 1, cv2.LINE_AA)
        sway = 0 if 8 < time_s % 18 < 13 else round(9 * math.sin(3.1 * time_s))
        cv2.ellipse(image, (left + 80 + sway, 55), (22, 32), 0, 0, 360, 190, -1)
        frames.append((image, period_s))
    assert [page.spans[0][0] for page in detect(frames).pages] == pytest.approx([0, 18, 36], abs=0.5)
