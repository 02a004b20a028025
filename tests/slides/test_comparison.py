"""Changed regions: replaced glyphs differ; glyphs that were only coded anew do not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from services.slides.comparison import ChangedRegion, Comparer
from services.slides.decoder import GrayImage
from services.slides.grid import DiffSettings, Grid
from services.slides.parameters import DEFAULTS
from tests.slides.sequences import draw_page

CONTRAST = DEFAULTS.camera.contrast_normal


def draw_text(text: str, scale: float = 0.6) -> GrayImage:
    large = np.full((540, 960), 240, np.uint8)
    cv2.putText(large, text, (100, 200), cv2.FONT_HERSHEY_SIMPLEX, 2 * scale, 20, 2, cv2.LINE_AA)
    return cv2.resize(large, (480, 270), interpolation=cv2.INTER_AREA)  # type: ignore[return-value]


def find_regions(old: GrayImage, new: GrayImage) -> list[ChangedRegion]:
    grid = Grid.for_image(old, DEFAULTS.grid)
    return Comparer(grid, DiffSettings(CONTRAST), DEFAULTS.comparison).find_regions(old, new, np.zeros(old.shape, np.bool_))


@pytest.mark.parametrize("sigma", [0.8, 1.0, 1.5, 2.0])
@pytest.mark.parametrize("scale", [0.5, 0.8, 1.4])
def test_text_that_becomes_sharper_or_blurrier_is_recoded(sigma: float, scale: float) -> None:
    sharp = draw_text("Every 8 vertices", scale)
    blurred_page: GrayImage = cv2.GaussianBlur(sharp, (0, 0), sigma)  # type: ignore[assignment]
    for old, new in ((blurred_page, sharp), (sharp, blurred_page)):
        regions = find_regions(old, new)
        assert regions
        assert all(region.is_recoded for region in regions)


@pytest.mark.parametrize(("old", "new"), [("8", "3"), ("6", "8"), ("0", "8"), ("1", "2"), ("c", "e"), ("O", "Q")])
@pytest.mark.parametrize("scale", [0.5, 0.8, 1.4])
def test_a_replaced_glyph_is_not_recoded(old: str, new: str, scale: float) -> None:
    regions = find_regions(draw_text(old, scale), draw_text(new, scale))
    assert regions
    assert not all(region.is_recoded for region in regions)


def test_faint_text_beside_a_strong_edge_is_not_recoded() -> None:
    bare = np.full((270, 480), 240, np.uint8)
    bare[150:] = 20
    page = bare.copy()
    page[146:149, 100:200:3] = 220
    regions = find_regions(bare, page)
    assert regions
    assert not any(region.is_recoded for region in regions)
    assert all(region.only_adds for region in regions)


def with_pointer(page: GrayImage, left: float, top: float) -> GrayImage:
    """Draw a pointer at a position with fractions of a pixel."""
    large: GrayImage = cv2.resize(page, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)  # type: ignore[assignment]
    tip = np.array([round(4 * left), round(4 * top)])
    outline = tip + np.array([(0, 0), (0, 26), (7, 20), (12, 32), (16, 30), (11, 18), (20, 18)])
    cv2.fillPoly(large, [outline], 255)
    cv2.polylines(large, [outline], True, 0, 1, cv2.LINE_AA)
    return cv2.resize(large, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)  # type: ignore[return-value]


def is_shifted(old: GrayImage, new: GrayImage) -> bool:
    comparer = Comparer(Grid.for_image(old, DEFAULTS.grid), DiffSettings(CONTRAST), DEFAULTS.comparison)
    regions = comparer.find_regions(old, new, np.zeros(old.shape, np.bool_))
    assert regions
    return all(comparer.is_shifted(region, old, new) for region in regions)


@pytest.mark.parametrize("shift", [(1.25, 0.75), (1.0, 0.0), (0.0, 1.5), (2.5, 1.5)])
def test_a_pointer_that_moved_by_a_pixel_is_shifted(shift: tuple[float, float]) -> None:
    page = np.full((270, 480), 240, np.uint8)
    assert is_shifted(with_pointer(page, 150, 100), with_pointer(page, 150 + shift[0], 100 + shift[1]))


@pytest.mark.parametrize(("old", "new"), [("8", "3"), ("6", "8"), ("0", "8"), ("1", "2"), ("c", "e"), ("O", "Q"), ("12", "13"), ("5", "6")])
@pytest.mark.parametrize("scale", [0.5, 0.8, 1.4])
def test_a_replaced_glyph_is_not_shifted(old: str, new: str, scale: float) -> None:
    assert not is_shifted(draw_text(old, scale), draw_text(new, scale))


def test_a_region_that_was_nearly_empty_before_does_not_show_the_same_again_with_other_text() -> None:
    first, other = draw_page(["Why?", "One line"]), draw_page(["A first rule", "Another line of code"])
    full = first.copy()
    full[10:262, 16:464] = cv2.resize(
        np.random.default_rng(2).integers(0, 120, (20, 36), np.uint8), (448, 252), interpolation=cv2.INTER_NEAREST
    )
    comparer = Comparer(Grid.for_image(full, DEFAULTS.grid), DiffSettings(CONTRAST), DEFAULTS.comparison)
    (region,) = comparer.find_regions(full, other, np.zeros(full.shape, np.bool_))
    assert comparer.is_equal(region, first, other)
    assert not comparer.shows_again(region, first, other)
    assert comparer.shows_again(region, first, cv2.GaussianBlur(first, (0, 0), 0.6))


def draw_table() -> GrayImage:
    table = draw_page(["Genotypes"])
    for row in range(5):
        cv2.putText(table, "0 1 1 0 1 0 0 1 1 0 1", (40, 100 + 24 * row), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 25, 1, cv2.LINE_AA)
    return table


def with_coloured_box(table: GrayImage) -> GrayImage:
    """Colour a part of the table: another ground, and darker text on it."""
    picture = table.copy()
    picture[78:204, 34:150] = np.round(0.6 * picture[78:204, 34:150])
    return picture


def test_a_coloured_box_over_a_table_hides_nothing_of_it() -> None:
    table = draw_table()
    (came,) = find_regions(table, with_coloured_box(table))
    assert came.only_adds
    assert came.missing_px == 0
    (went,) = find_regions(with_coloured_box(table), table)
    assert went.only_loses
    assert went.missing_px < 500


def test_another_table_in_a_coloured_box_is_exchanged() -> None:
    table, other = draw_page(["Genotypes"]), draw_table()
    for row in range(5):
        cv2.putText(table, "a b c d e f g h", (40, 100 + 24 * row), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 25, 1, cv2.LINE_AA)
    regions = find_regions(table, with_coloured_box(other))
    assert sum(region.missing_px for region in regions) > 500
