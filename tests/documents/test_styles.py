"""Headings, styles and tracked changes in every format."""

from __future__ import annotations

import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pypdf
import pytest

from domain import LectureNotes, Mark, Segment, Style, Word
from services.documents import render
from services.documents.paragraphs import group_into_paragraphs
from tests.documents.lecture import make_notes

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def word(text: str, at: int, *styles: Style, **mark: object) -> Word:
    return Word(text, float(at), at + 0.8, 0.9, Mark(styles, **mark) if styles or mark else None)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def notes() -> LectureNotes:
    words = (
        word(" The", 0, heading="Sums & <b>squares</b>", starts_paragraph=True),
        word(" a", 1, Style.ITALIC),
        word(" priori", 2, Style.ITALIC),
        word(" bound", 3, Style.BOLD),
        word(" x", 4),
        word("2", 5, Style.SUPERSCRIPT),
        word(" and", 6, is_inserted=True, deleted_before=" end"),
        word(" H", 7),
        word("2", 8, Style.SUBSCRIPT),
        word("O.", 9, deleted_after=" uh"),
        word(" Then", 10, heading="Deep", heading_level=3, starts_paragraph=True),
        word(" *stars*", 11),
        word(" stay.", 12, starts_paragraph=False),
    )
    return make_notes(unplaced=group_into_paragraphs([Segment(0.0, 13.0, words)]))


def render_document(name: str, notes: LectureNotes, folder: Path) -> Path:
    target = folder / f"document.{name}"
    assert render(name, notes, folder, target) == ()
    return target


def test_markdown_and_html(notes: LectureNotes, tmp_path: Path) -> None:
    with zipfile.ZipFile(render_document("md", notes, tmp_path)) as archive:
        markdown = archive.read("notes.md").decode()
    assert "\n\n### Sums & \\<b>squares\\</b>\n\n**" in markdown
    assert "** The *a priori* **bound** x<sup>2</sup> and H<sub>2</sub>O.\n" in markdown
    assert (
        "\n\n#### Deep\n\n**[0:10](https://example.org/watch?v=abc#t=10)** Then \\*stars\\* stay.\n" in markdown
    )  # a level below, not two
    html = render_document("html", notes, tmp_path).read_text()
    assert ">Sums &amp; &lt;b&gt;squares&lt;/b&gt;</h3>" in html and ">Deep</h4>" in html
    assert "The <em>a priori</em> <strong>bound</strong> x<sup>2</sup> and H<sub>2</sub>O.</p>" in html


def test_text_and_subtitles(notes: LectureNotes, tmp_path: Path) -> None:
    text = render_document("txt", notes, tmp_path).read_text()
    assert "\n\nSums & <b>squares</b>\n\n[0:00] The a priori bound x² and H₂O.\n" in text
    vtt = render_document("vtt", notes, tmp_path).read_text()
    assert "bound x2\n" in vtt and "and H2O." in vtt and "Sums" not in vtt and "uh" not in vtt


def test_word_has_styles_and_tracked_changes(notes: LectureNotes, tmp_path: Path) -> None:
    with zipfile.ZipFile(render_document("docx", notes, tmp_path)) as archive:
        tree = ElementTree.fromstring(archive.read("word/document.xml"))
    deletions = ["".join(each.itertext()) for each in tree.iter(f"{_W}delText")]
    assert deletions == [" end", " uh"]
    [insertion] = tree.iter(f"{_W}ins")
    assert "".join(each.text or "" for each in insertion.iter(f"{_W}t")) == " and"
    assert insertion.attrib[f"{_W}author"] == "Lectern" and insertion.attrib[f"{_W}date"].startswith(notes.created_on)
    styles = [style.attrib[f"{_W}val"] for style in tree.iter(f"{_W}pStyle")]
    assert "Heading2" in styles and "Heading3" in styles
    assert [each.attrib[f"{_W}val"] for each in tree.iter(f"{_W}vertAlign")] == ["superscript", "subscript"]
    assert len(list(tree.iter(f"{_W}i"))) == 1 and len(list(tree.iter(f"{_W}b"))) == 1


def test_pdf_has_headings_of_all_levels(notes: LectureNotes, tmp_path: Path) -> None:
    reader = pypdf.PdfReader(render_document("pdf", notes, tmp_path))
    text = " ".join(" ".join(page.extract_text().split()) for page in reader.pages)
    assert "Sums & <b>squares</b>" in text and "a priori" in text and "*stars*" in text
    fonts = {
        str(font["/BaseFont"]) for page in reader.pages for font in (each.get_object() for each in page["/Resources"]["/Font"].values())
    }
    assert any("Italic" in font for font in fonts) and any("Bold" in font for font in fonts)
