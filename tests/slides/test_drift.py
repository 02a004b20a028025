"""Pictures that move as a whole all the time: a slow zoom, a pan."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from services.slides.decoder import GrayImage
from services.slides.drift import DriftDetector, drifts_steadily
from services.slides.parameters import DEFAULTS
from tests.slides.sequences import SIZE, detect, draw_page

SLIDES = [
    draw_page([title, f"First remark on {title}", f"Second remark on {title}", "A remark on the proof", title.upper() * 2])
    for title in ("Graphs", "Network flows", "Minors")
]


def move(page: GrayImage, zoom: float, shift: float) -> GrayImage:
    """Enlarge the page from its middle and shift it to the right, by pixels."""
    middle = np.array(SIZE) * (1 - zoom) / 2
    matrix = np.array([[zoom, 0, middle[0] + shift], [0, zoom, middle[1]]])
    return cv2.warpAffine(page, matrix, SIZE, borderMode=cv2.BORDER_REPLICATE)  # type: ignore[return-value]


@pytest.mark.parametrize(("zoom_per_s", "pixels_per_s"), [(0.02, 0.0), (0.0, 4.0)])
def test_slides_that_never_rest_have_a_page_each(zoom_per_s: float, pixels_per_s: float) -> None:
    frames = [(move(page, 1 + zoom_per_s * step / 4, pixels_per_s * step / 4), 0.25) for page in SLIDES for step in range(24)]
    assert [page.spans[0][0] for page in detect(frames).pages] == pytest.approx([0.0, 6.0, 12.0], abs=0.6)


def test_a_zoom_is_told_from_cuts_and_fades() -> None:
    first, second, _ = SLIDES
    fade_frame = np.asarray(cv2.addWeighted(first, 0.8, second, 0.2, 0), np.uint8)
    for image, is_drift in ((move(first, 1.01, 0), True), (move(first, 1.0, 2.5), True), (second, False), (fade_frame, None)):
        drift = DriftDetector(DEFAULTS.drift)
        assert not drift.has_only_drifted(first)
        assert drift.has_only_drifted(image) is is_drift


def test_a_shaking_camera_does_not_drift() -> None:
    shaken = np.random.default_rng(1).normal(0, 1.5, 20)
    assert drifts_steadily([move(SLIDES[0], 1 + 0.005 * step, 0) for step in range(20)], DEFAULTS.drift)
    assert not drifts_steadily([move(SLIDES[0], 1, shift) for shift in shaken], DEFAULTS.drift)
