"""Contract of the OCR engines, for every installed engine."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

import errors
from domain import Box, OcrWord
from services.ocr import OcrOptions, available_engines, read_pictures
from services.ocr.engines import ENGINES
from services.ocr.pictures import clean_words, join_lines, prepare

pytestmark = pytest.mark.slow("loads recognition models")

LINES = ("Gradient descent", "Choose a learning rate", "Compute the gradient", "Update every weight")


def draw_slide(
    path: Path, ground: str = "white", text_color: str = "black", size: tuple[int, int] = (1280, 720), lines: tuple[str, ...] = LINES
) -> Path:
    picture = Image.new("RGB", size, ground)
    pen = ImageDraw.Draw(picture)
    unit = size[1] / 720
    for row, line in enumerate(lines):
        pen.text((80 * unit, (60 + row * 110) * unit), line, text_color, ImageFont.load_default((56 if row == 0 else 38) * unit))
    picture.save(path)
    return path


def add_bars(path: Path) -> Path:
    """Put black bars to the left and right of a slide, as in a wider recording."""
    slide = Image.open(path)
    wide = Image.new("RGB", (slide.width + 320, slide.height), "black")
    wide.paste(slide, (160, 0))
    wide.save(path)
    return path


def draw_number(path: Path) -> Path:
    picture = Image.new("RGB", (1280, 720), "black")
    ImageDraw.Draw(picture).text((450, 300), "2048", "white", ImageFont.load_default(120))
    picture.save(path)
    return path


def draw_noise(path: Path) -> Path:
    rough = Image.fromarray(np.random.default_rng(1).integers(0, 255, (45, 80, 3), dtype=np.uint8))
    rough.resize((1280, 720), Image.Resampling.BICUBIC).save(path)
    return path


def letters_and_digits(words: tuple[OcrWord, ...]) -> str:
    return "".join(sign for sign in join_lines(words).lower() if sign.isalnum())


EXPECTED_TEXT = "".join(sign for line in LINES for sign in line.lower() if sign.isalnum())


@pytest.mark.parametrize("engine", ENGINES)
class TestEveryEngine:
    @pytest.fixture(autouse=True)
    def _require_engine(self, engine: str) -> None:
        if engine not in available_engines():
            pytest.skip(f"{engine} is not installed")

    def test_slides_are_read_in_order_and_pictures_without_words_give_none(self, tmp_path: Path, engine: str) -> None:
        slides = [
            draw_slide(tmp_path / "light.png"),
            draw_slide(tmp_path / "dark.png", "#181a20", "#e1e1e1"),
            draw_slide(tmp_path / "small.png", size=(640, 360)),
            draw_slide(tmp_path / "large.png", size=(3840, 2160)),
            add_bars(draw_slide(tmp_path / "coloured.png", text_color="lime")),
        ]
        others = [draw_number(tmp_path / "number.png"), tmp_path / "white.png", draw_noise(tmp_path / "photo.png")]
        Image.new("RGB", (1280, 720), "white").save(others[1])
        progress: list[tuple[float, float]] = []
        words_by_picture = read_pictures(
            slides + others, "en", OcrOptions(engine=engine), report=lambda done, total: progress.append((done, total))
        )  # together, because loading a model takes seconds
        assert progress[-1] == (8, 8)
        assert [letters_and_digits(words) for words in words_by_picture[:6]] == [EXPECTED_TEXT] * 5 + ["2048"]
        assert words_by_picture[6] == ()
        assert len(letters_and_digits(words_by_picture[7])) < 4
        for path, words in zip(slides, words_by_picture, strict=False):
            with Image.open(path) as picture:
                width, height = picture.size
            assert len({word.line for word in words}) == 4
            for word in words:
                assert 0 <= word.box.x < word.box.x + word.box.width <= width
                assert 0 <= word.box.y < word.box.y + word.box.height <= height
                assert 0 <= word.confidence <= 1
            tops = [word.box.y for word in words]
            assert abs(tops[0] - 60 * height / 720) < 30 * height / 720
            assert abs(tops[-1] - 390 * height / 720) < 30 * height / 720

    def test_a_language_without_data_still_reads_latin_letters(self, tmp_path: Path, engine: str) -> None:
        assert letters_and_digits(read_pictures([draw_slide(tmp_path / "a.png")], "haw", OcrOptions(engine=engine))[0]) == EXPECTED_TEXT

    def test_the_error_names_an_unreadable_picture(self, tmp_path: Path, engine: str) -> None:
        (tmp_path / "bad.png").write_bytes(b"no picture")
        with pytest.raises(errors.StageFailed, match=r"bad\.png"):
            read_pictures([tmp_path / "bad.png"], "en", OcrOptions(engine=engine))


def test_no_pictures_need_no_engine() -> None:
    assert read_pictures([], "en", OcrOptions(engine="none")) == ()


def test_the_error_names_an_unknown_engine(tmp_path: Path) -> None:
    with pytest.raises(errors.ProgramMissing, match="none"):
        read_pictures([draw_slide(tmp_path / "a.png")], "en", OcrOptions(engine="none"))


def test_cancelling_stops_reading(tmp_path: Path) -> None:
    def cancel() -> None:
        raise errors.Cancelled

    with pytest.raises(errors.Cancelled):
        read_pictures([draw_slide(tmp_path / "a.png")], "en", OcrOptions(), check=cancel)


def test_coloured_text_is_as_dark_as_black_text(tmp_path: Path) -> None:
    dark = {}
    for text_color in ("black", "lime", "orange", "yellow"):
        picture, _ = prepare(add_bars(draw_slide(tmp_path / "slide.png", text_color=text_color)))
        dark[text_color] = (picture[:, 200:1400] < 90).mean()
    assert dark["black"] > 0.005
    assert min(dark.values()) > 0.8 * dark["black"], dark
    photo = tmp_path / "photo.png"
    Image.effect_noise((640, 360), 60).convert("RGB").save(photo)
    assert prepare(photo)[0].mean() > 100  # noise without colour stays as it is


def test_noise_and_low_confidence_are_dropped_and_boxes_scaled() -> None:
    words = [
        OcrWord("Sure", Box(20, 20, 100, 40), 0.9, 0),
        OcrWord("unsure", Box(140, 20, 100, 40), 0.2, 0),
        OcrWord("'", Box(400, 20, 4, 4), 0.9, 1),
        OcrWord("x", Box(10, 300, 30, 30), 0.6, 2),
        OcrWord("a=b", Box(20, 400, 60, 30), 0.9, 3),
    ]
    clean = clean_words(words, 2.0, (360, 640), 0.4)
    assert [(word.text, word.line, word.box) for word in clean] == [("Sure", 0, Box(10, 10, 50, 20)), ("a=b", 1, Box(10, 200, 30, 15))]
