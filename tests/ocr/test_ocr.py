"""Slides are read: every installed engine keeps the same contract."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

import errors
from domain import Box, OcrWord
from services.ocr import OcrOptions, available_engines, read_pictures
from services.ocr.pictures import cleaned, text_of

LINES = ("Gradient descent", "Choose a learning rate", "Compute the gradient", "Update every weight")


def slide(
    path: Path, ground: str = "white", ink: str = "black", size: tuple[int, int] = (1280, 720), lines: tuple[str, ...] = LINES
) -> Path:
    picture = Image.new("RGB", size, ground)
    pen = ImageDraw.Draw(picture)
    unit = size[1] / 720
    for row, line in enumerate(lines):
        pen.text((80 * unit, (60 + row * 110) * unit), line, ink, ImageFont.load_default((56 if row == 0 else 38) * unit))
    picture.save(path)
    return path


def same_letters(words: tuple[OcrWord, ...]) -> str:
    return "".join(sign for sign in text_of(words).lower() if sign.isalnum())


WANTED = "".join(sign for line in LINES for sign in line.lower() if sign.isalnum())


@pytest.mark.parametrize("engine", ["tesseract", "rapidocr"])
class TestEveryEngine:
    @pytest.fixture(autouse=True)
    def _installed(self, engine: str) -> None:
        if engine not in available_engines():
            pytest.skip(f"{engine} is not installed")

    def test_slides_light_dark_and_small_are_read_in_order(self, tmp_path: Path, engine: str) -> None:
        pictures = [
            slide(tmp_path / "light.png"),
            slide(tmp_path / "dark.png", "#181a20", "#e1e1e1"),
            slide(tmp_path / "small.png", size=(640, 360)),
            slide(tmp_path / "large.png", size=(3840, 2160)),
        ]
        seen: list[tuple[float, float]] = []
        found = read_pictures(pictures, "en", OcrOptions(engine=engine), report=lambda done, total: seen.append((done, total)))
        assert [same_letters(words) for words in found] == [WANTED] * 4
        assert seen[-1] == (4, 4)
        for path, words in zip(pictures, found, strict=True):
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

    def test_nothing_is_read_off_empty_and_noisy_pictures(self, tmp_path: Path, engine: str) -> None:
        random = np.random.default_rng(1)
        Image.new("RGB", (1280, 720), "white").save(tmp_path / "white.png")
        rough = Image.fromarray(random.integers(0, 255, (45, 80, 3), dtype=np.uint8))
        rough.resize((1280, 720), Image.Resampling.BICUBIC).save(tmp_path / "photo.png")
        found = read_pictures([tmp_path / "white.png", tmp_path / "photo.png"], "en", OcrOptions(engine=engine))
        assert found[0] == ()
        assert len(same_letters(found[1])) < 4

    def test_one_large_number_is_read(self, tmp_path: Path, engine: str) -> None:
        picture = Image.new("RGB", (1280, 720), "black")
        ImageDraw.Draw(picture).text((450, 300), "2048", "white", ImageFont.load_default(120))
        picture.save(tmp_path / "number.png")
        assert same_letters(read_pictures([tmp_path / "number.png"], "en", OcrOptions(engine=engine))[0]) == "2048"

    def test_a_language_without_data_still_reads_latin_letters(self, tmp_path: Path, engine: str) -> None:
        assert same_letters(read_pictures([slide(tmp_path / "a.png")], "haw", OcrOptions(engine=engine))[0]) == WANTED

    def test_what_is_no_picture_is_said(self, tmp_path: Path, engine: str) -> None:
        (tmp_path / "bad.png").write_bytes(b"no picture")
        with pytest.raises(errors.StageFailed, match=r"bad\.png"):
            read_pictures([tmp_path / "bad.png"], "en", OcrOptions(engine=engine))


def test_no_pictures_need_no_engine() -> None:
    assert read_pictures([], "en", OcrOptions(engine="none")) == ()


def test_an_unknown_engine_is_said(tmp_path: Path) -> None:
    with pytest.raises(errors.ProgramMissing, match="none"):
        read_pictures([slide(tmp_path / "a.png")], "en", OcrOptions(engine="none"))


def test_cancelling_ends_the_reading(tmp_path: Path) -> None:
    def cancelled() -> None:
        raise errors.Cancelled

    with pytest.raises(errors.Cancelled):
        read_pictures([slide(tmp_path / "a.png")], "en", OcrOptions(), check=cancelled)


def test_specks_and_unsure_words_are_dropped_and_boxes_scaled() -> None:
    words = [
        OcrWord("Sure", Box(20, 20, 100, 40), 0.9, 0),
        OcrWord("unsure", Box(140, 20, 100, 40), 0.2, 0),
        OcrWord("'", Box(400, 20, 4, 4), 0.9, 1),
        OcrWord("x", Box(10, 300, 30, 30), 0.6, 2),
        OcrWord("a=b", Box(20, 400, 60, 30), 0.9, 3),
    ]
    found = cleaned(words, 2.0, (360, 640), 0.4)
    assert [(word.text, word.line, word.box) for word in found] == [("Sure", 0, Box(10, 10, 50, 20)), ("a=b", 1, Box(10, 200, 30, 15))]
