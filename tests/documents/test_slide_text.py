"""The text of slides: code is distinguished from prose."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from domain import Box, OcrWord, Slide, TimeRange, Visit
from services.documents.slide_text import slide_texts
from tests.documents.lecture import make_slide


@pytest.mark.parametrize(
    ("lines", "is_code"),
    [
        (["def fibonacci(n):", "    a, b = 0, 1", "    for _ in range(n):", "        a, b = b, a + b", "    return a"], True),
        (["if text is None and not found:", '    print("no text was found in this file")', "    return text"], True),
        (["int total = 0; // the sum of all the numbers", "for (int at = 0; at < n; at++) {", "    total += numbers[at];", "}"], True),
        (["Called when the instance is called as a function;", "then x(a, b) means the same as the following call;"], False),
        (["A method belongs to a class;", "print(it) is the usual way to see what it holds;"], False),
    ],
)
def test_listings_are_told_from_prose(lines: list[str], is_code: bool, tmp_path: Path) -> None:
    [blocks] = slide_texts([make_slide(tmp_path, 1, "Examples", lines, [Visit(TimeRange(0, 60))])])
    assert [block.is_code for block in blocks] == [is_code]
    assert not is_code or blocks[0].lines == tuple(lines)


@pytest.mark.parametrize(
    ("height", "confidence", "text"), [(64, 0.8, "Repeat the step"), (64, 0.95, "6 Repeat the step"), (36, 0.8, "6 Repeat the step")]
)
def test_numbers_in_bullets_are_left_out(height: int, confidence: float, text: str, tmp_path: Path) -> None:
    """OCR reads white numbers in discs as other ones."""
    slide = make_slide(tmp_path, 1, "Rules", ["Repeat the step"], [Visit(TimeRange(0, 60))])
    badge = OcrWord("6", Box(20, 200 - height // 2, height, height), confidence, 1)
    words = [word for word in slide.ocr if word.line == 0], [word for word in slide.ocr if word.line == 1]
    [[block]] = slide_texts([replace(slide, ocr=(*words[0], badge, *words[1]))])
    assert block.lines == (text,)


@pytest.mark.parametrize("is_drawing", [True, False])
def test_the_labels_of_a_drawing_are_one_line(is_drawing: bool) -> None:
    labels = ["mango", "apple", "sum of letters", "plum", "lime", "bucket two"]
    places = (
        [(100, 200), (700, 210), (300, 260), (700, 300), (700, 420), (900, 300)]
        if is_drawing
        else [(100, 200 + 60 * at) for at in range(6)]
    )
    words = [
        OcrWord(word, Box(x + 80 * at, y, 70, 24), 0.95, line)
        for line, (label, (x, y)) in enumerate(zip(labels, places, strict=True))
        for at, word in enumerate(label.split())
    ]
    [[block]] = slide_texts([Slide(1, "", None, 1280, 720, 0.0, (Visit(TimeRange(0, 9)),), tuple(words))])
    assert block.lines == ((" · ".join(labels),) if is_drawing else tuple(labels))
