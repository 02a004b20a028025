"""A picture that a codec codes anew, at a key frame of a low bit rate: texture that it blurs does not count as exchanged."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from services.slides.decoder import GrayImage
from tests.slides.sequences import detect, draw_page

PAGE = draw_page(["Theory of graphs", "Vertices and edges", "Degrees of a vertex", "Connected graphs"], paper=150, text_level=60)


def with_texture(seed: int, contrast: int) -> GrayImage:
    """Draw a patch of soft random texture beside the text."""
    page = PAGE.copy()
    noise = cv2.resize(np.random.default_rng(seed).normal(0, 1, (4, 5)), (24, 18), interpolation=cv2.INTER_CUBIC)
    window = np.outer(np.hanning(18), np.hanning(24))
    page[180:198, 330:354] = np.clip(150 + contrast * noise * window, 0, 255).astype(np.uint8)
    return page


@pytest.mark.parametrize(("contrast", "seed", "pages"), [(40, 6, 1), (40, 9, 1), (80, 3, 2), (80, 9, 2)])
def test_a_change_that_is_no_stronger_than_the_recoding_is_not_a_replacement(contrast: int, seed: int, pages: int) -> None:
    blurred = np.asarray(cv2.GaussianBlur(with_texture(seed + 50, contrast), (0, 0), 1.2), np.uint8)
    assert len(detect([(with_texture(seed, contrast), 6.0), (blurred, 6.0)]).pages) == pages
