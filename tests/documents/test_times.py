"""Times in the documents of a part of a recording."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pypdf
import pytest

from domain import TimeRange, Visit
from services.documents import RenderOptions, render
from tests.documents.lecture import SENTENCE, make_notes, make_segment, make_slide


def _text(name: str, file: Path) -> str:
    if name == "pdf":
        return "\n".join(page.extract_text() for page in pypdf.PdfReader(file).pages)
    if name in ("md", "docx"):
        with zipfile.ZipFile(file) as archive:
            return re.sub("<[^>]*>", " ", archive.read("notes.md" if name == "md" else "word/document.xml").decode())
    return file.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["pdf", "docx", "md", "txt", "html"])
def test_times_of_a_part_are_those_of_the_recording(name: str, tmp_path: Path) -> None:
    """The links and citations of a part lead into the whole recording, so its printed times do too."""
    visits = [Visit(TimeRange(0, 20), (make_segment(SENTENCE, 2.0),)), Visit(TimeRange(40, 60), (make_segment(SENTENCE, 43.0),))]
    slides = [make_slide(tmp_path, 1, "Descent", ["Pick a start"], visits)]
    target = tmp_path / "out"
    render(name, make_notes(slides, duration_s=60.0, source_offset_s=600.0), tmp_path, target, RenderOptions())
    text = _text(name, target)
    assert all(clock in text for clock in ("10:02", "10:43", "10:40\u201311:00"))
    assert not re.search(r"\b0:(02|43|40)", text)
