"""The lectures that the tests of all formats render."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from domain import Box, LectureNotes, OcrWord, TimeRange, Visit
from tests.documents.lecture import MARKUP_TEXT, SENTENCE, make_lecture, make_notes, make_segment, make_slide


@pytest.fixture(scope="session")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("images")


@pytest.fixture(scope="session")
def lecture(images: Path) -> LectureNotes:
    return make_lecture(images, slides=7)


@pytest.fixture(scope="session")
def revisited_lecture(tmp_path_factory: pytest.TempPathFactory) -> tuple[LectureNotes, Path]:
    """Slide 1 is shown again after slide 2."""
    folder = tmp_path_factory.mktemp("revisited")
    first = [Visit(TimeRange(0, 10), (make_segment("Alpha begins.", 1),)), Visit(TimeRange(20, 30), (make_segment("Alpha returns.", 21),))]
    second = [Visit(TimeRange(10, 20), (make_segment("Beta speaks.", 11),))]
    slides = [make_slide(folder, 1, "Alpha", [], first), make_slide(folder, 2, "Beta", [], second)]
    return make_notes(slides, duration_s=30.0), folder


@pytest.fixture(scope="session")
def markup_lecture(tmp_path_factory: pytest.TempPathFactory) -> tuple[LectureNotes, Path]:
    """Every text of this lecture is markup of some format."""
    folder = tmp_path_factory.mktemp("adversarial")
    starts = [
        "# heading",
        "1. list",
        "--- rule",
        "- minus",
        "+ plus",
        "% author",
        "= title",
        ": term",
        "> quote",
        "12) list",
        "#set text(red)",
    ]
    paragraphs = tuple(make_segment(text, 1.0 + 3 * i) for i, text in enumerate([MARKUP_TEXT, *starts]))
    slide = make_slide(folder, 1, MARKUP_TEXT, [SENTENCE[:20], "<b>&x;", "#set $a$ *b* \\"], [Visit(TimeRange(0, 60), paragraphs)])
    return make_notes([slide], title=MARKUP_TEXT, source_name="<i>*x*</i> #y"), folder


@pytest.fixture(scope="session")
def code_lecture(tmp_path_factory: pytest.TempPathFactory) -> tuple[LectureNotes, Path]:
    """Three slides with a footer; one shows a listing."""
    folder = tmp_path_factory.mktemp("code")
    slides = []
    for number, lines in enumerate(
        (["1. Pick a start", "Repeat"], ["def find(key):", "    if key == 1:", "        return table[key]"], ["Done"])
    ):
        visit = Visit(TimeRange(10 * number, 10 * number + 10), (make_segment("So it goes.", 10 * number + 1),))
        slide = make_slide(folder, number + 1, f"Part {number + 1}", lines, [visit])
        footer = [OcrWord(text, Box(90 + 90 * at, 680, 80, 14), 0.9, 9) for at, text in enumerate(("Data", "structures"))]
        slides.append(replace(slide, ocr=(*slide.ocr, *footer)))
    return make_notes(slides, duration_s=30.0), folder
