"""Tesseract reads "AI" as "Al"; words that really have a small l stay."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from domain import Box, OcrWord
from services.ocr import OcrOptions, available_engines, read_pictures
from services.ocr.capital_i import correct_capital_i
from services.ocr.pictures import join_lines
from services.ocr.port import Picture


def draw_word(text: str, size: int = 60) -> tuple[OcrWord, Picture]:
    """Draw a word in a font whose small l is taller than its capitals."""
    picture = Image.new("L", (900, 200), 255)
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(size)
    pen.text((50, 50), text, 0, font)
    left, top, right, bottom = (round(side) for side in pen.textbbox((50, 50), text, font))
    return OcrWord(text, Box(left, top, right - left, bottom - top), 0.9, 0), np.asarray(picture)


def as_read(text: str) -> str:
    """Return a text as Tesseract reads it."""
    return text.replace("AI", "Al")


@pytest.mark.parametrize("text", ["AI", "(AI)", "AI:", "AIs", "AI/ML", "AI-based", "OpenAI", "AIBot"])
def test_a_capital_i_is_recognised_by_its_height(text: str) -> None:
    word, picture = draw_word(text)
    word = OcrWord(as_read(text), word.box, word.confidence, word.line)
    assert correct_capital_i(word, picture).text == text


@pytest.mark.parametrize("text", ["Al", "Al,"])
def test_a_taller_small_l_stays(text: str) -> None:
    word, picture = draw_word(text)
    assert correct_capital_i(word, picture).text == text


@pytest.mark.parametrize("text", ["Alan", "All", "Al-Khwarizmi", "Al2O3", "Algorithm", "METAl", "et al."])
def test_other_words_stay_in_any_font(text: str) -> None:
    word, picture = draw_word(text)
    assert correct_capital_i(word, np.full_like(picture, 255)).text == text


@pytest.mark.slow("runs Tesseract")
@pytest.mark.skipif("tesseract" not in available_engines(), reason="Tesseract is not installed")
def test_headings_about_ai_are_read(tmp_path: Path) -> None:
    lines = ["AI Recruiter", "Generative AI in medicine", "Search and AI-based tools", "All about Alan"]
    picture = Image.new("RGB", (1280, 720), "white")
    pen = ImageDraw.Draw(picture)
    for row, line in enumerate(lines):
        pen.text((80, 60 + 110 * row), line, "black", ImageFont.load_default(56 if row == 0 else 38))
    picture.save(tmp_path / "slide.png")
    (words,) = read_pictures([tmp_path / "slide.png"], "en", OcrOptions(engine="tesseract"))
    assert join_lines(words).splitlines() == lines
