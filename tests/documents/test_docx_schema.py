"""DOCX against the schemas of the Open XML SDK, by an independent checker."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from openxml_audit import FileFormat, OpenXmlValidator

from domain import LectureNotes, Mark, Segment, Style, TimeRange, Visit, Word
from services.documents import RenderOptions, render
from tests.documents.lecture import make_notes, make_segment, make_slide


def make_corrected_notes(folder: Path) -> LectureNotes:
    """Styles, headings and tracked changes over a slide, and a second one in Arabic."""
    marks = [
        Mark(heading="Sums", starts_paragraph=True),
        Mark((Style.BOLD, Style.SUPERSCRIPT)),
        Mark(is_inserted=True, deleted_before=" end"),
    ]
    words = tuple(Word(f" word{at}", float(at), at + 0.8, 0.9, mark) for at, mark in enumerate([*marks, Mark(deleted_after=" uh"), None]))
    first = make_slide(folder, 1, "Sums", ["One"], [Visit(TimeRange(0, 9), (Segment(0.0, 9.0, words),)), Visit(TimeRange(20, 30))])
    second = make_slide(folder, 2, "جدول التجزئة", [], [Visit(TimeRange(9, 20), (make_segment("جدول التجزئة يخزن القيم.", 10),))])
    return make_notes([replace(first, speaker_notes="Say\nthis."), second], title="درس", author="Ada", course="Maths", duration_s=30.0)


@pytest.mark.parametrize("name", ["lecture", "listing", "markup", "corrected"])
def test_a_word_document_follows_the_schema(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    if name == "lecture":
        notes, images, options = request.getfixturevalue("lecture"), request.getfixturevalue("images"), RenderOptions()
    elif name == "corrected":
        notes, images, options = make_corrected_notes(tmp_path), tmp_path, RenderOptions(revisits="each", layout="compact")
    else:
        notes, images = request.getfixturevalue("code_lecture" if name == "listing" else "markup_lecture")
        options = RenderOptions(paper="letter", layout="text" if name == "markup" else "page")
    render("docx", notes, images, tmp_path / "out.docx", options)
    problems = OpenXmlValidator(FileFormat.OFFICE_2019).validate(tmp_path / "out.docx")
    assert [(error.part_uri, error.path, error.description) for error in problems.errors] == []
