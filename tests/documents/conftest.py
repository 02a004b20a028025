"""One lecture that every format must manage, drawn once."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain import LectureNotes, TimeRange, Visit
from tests.documents.lecture import HOSTILE, SENTENCE, a_lecture, a_slide, notes_of, said


@pytest.fixture(scope="session")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("images")


@pytest.fixture(scope="session")
def lecture(images: Path) -> LectureNotes:
    return a_lecture(images, slides=7)


@pytest.fixture(scope="session")
def revisited(tmp_path_factory: pytest.TempPathFactory) -> tuple[LectureNotes, Path]:
    """Slide 1 is shown again after slide 2."""
    folder = tmp_path_factory.mktemp("revisited")
    first = [Visit(TimeRange(0, 10), (said("Alpha begins.", 1),)), Visit(TimeRange(20, 30), (said("Alpha returns.", 21),))]
    second = [Visit(TimeRange(10, 20), (said("Beta speaks.", 11),))]
    slides = [a_slide(folder, 1, "Alpha", [], first), a_slide(folder, 2, "Beta", [], second)]
    return notes_of(slides, duration_s=30.0), folder


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> tuple[LectureNotes, Path]:
    """Everywhere a text can stand, it is markup of some format."""
    folder = tmp_path_factory.mktemp("hostile")
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
    paragraphs = tuple(said(text, 1.0 + 3 * i) for i, text in enumerate([HOSTILE, *starts]))
    slide = a_slide(folder, 1, HOSTILE, [SENTENCE[:20], "<b>&x;", "#set $a$ *b* \\"], [Visit(TimeRange(0, 60), paragraphs)])
    return notes_of([slide], title=HOSTILE, source_name="<i>*x*</i> #y"), folder
