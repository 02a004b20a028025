"""DOCX, Markdown, HTML, text and JSON: contents, and markup shown literally."""

from __future__ import annotations

import html
import json
import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from domain import LectureNotes, TimeRange, Visit
from lib.process import run_program
from lib.programs import require_program
from lib.serialization import read_json
from services.documents import RenderOptions, render
from services.documents.markdown import escape
from tests.documents.lecture import MARKUP_TEXT, make_notes, make_segment, make_slide

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
ONE_LINE = " ".join(MARKUP_TEXT.split())


def word_paragraphs(path: Path) -> list[tuple[str, str, bool]]:
    """Return (style, text, is right to left) of each paragraph."""
    with zipfile.ZipFile(path) as archive:
        root = ElementTree.fromstring(archive.read("word/document.xml"))
    items = []
    for paragraph in root.iter(f"{W}p"):
        style = paragraph.find(f"{W}pPr/{W}pStyle")
        text = "".join(t.text or "" if t.tag == f"{W}t" else "\t" for t in paragraph.iter() if t.tag in (f"{W}t", f"{W}tab"))
        items.append((style.get(f"{W}val", "") if style is not None else "", text, paragraph.find(f"{W}pPr/{W}bidi") is not None))
    return items


class PageReader(HTMLParser):
    """Collects the text, elements and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.text, self.tags, self.attributes = "", [], []  # type: ignore[var-annotated]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_docx_has_headings_pictures_times_and_links(lecture: LectureNotes, images: Path, tmp_path: Path) -> None:
    render("docx", lecture, images, tmp_path / "out.docx")
    items = word_paragraphs(tmp_path / "out.docx")
    assert ("Title", "Gradient descent, gently", False) in items
    assert [text for style, text, _ in items if style == "Heading1"] == [f"Step {n} of descent" for n in range(1, 8)]
    assert any(style == "Spoken" and text.startswith("00:01\tThe gradient") for style, text, _ in items)
    with zipfile.ZipFile(tmp_path / "out.docx") as archive:
        names = archive.namelist()
        assert sum(name.startswith("word/media/") for name in names) == 7
        assert b"watch?v=abc#t=61" in archive.read("word/_rels/document.xml.rels")
        document = archive.read("word/document.xml").decode()
        assert str(images) not in document
        assert "Picture: Slide 1, Step 1 of descent. Step 1 of descent Pick a start" in document
        assert 'w:w="11906"' in document and "PAGE" in archive.read("word/footer1.xml").decode()
        assert "2026-11-05T00:00:00Z" in archive.read("docProps/core.xml").decode()


def test_docx_on_letter_paper(lecture: LectureNotes, images: Path, tmp_path: Path) -> None:
    render("docx", lecture, images, tmp_path / "out.docx", RenderOptions(paper="letter"))
    with zipfile.ZipFile(tmp_path / "out.docx") as archive:
        assert 'w:w="12240"' in archive.read("word/document.xml").decode()


def test_docx_and_html_have_direction_and_language(tmp_path: Path) -> None:
    arabic = "التدرج يشير إلى أعلى المنحدر"
    slide = make_slide(tmp_path, 1, arabic, [], [Visit(TimeRange(0, 10), (make_segment(arabic, 0), make_segment("And in English.", 5)))])
    render("docx", make_notes([slide], title="درس", language="ar"), tmp_path, tmp_path / "out.docx")
    with zipfile.ZipFile(tmp_path / "out.docx") as archive:
        assert "\u200e2026-11-05\u200e" in archive.read("word/document.xml").decode()
    directions = {text: bidi for _, text, bidi in word_paragraphs(tmp_path / "out.docx")}
    assert directions["درس"] and directions[arabic] and directions[f"00:00\t{arabic}"] and not directions["00:05\tAnd in English."]
    render("html", make_notes([slide], language="ar"), tmp_path, tmp_path / "out.html")
    page = (tmp_path / "out.html").read_text("utf-8")
    assert '<html lang="ar" dir="rtl">' in page
    assert '<p class="spoken" lang="en" dir="ltr">' in page and '<p class="spoken" lang="ar" dir="rtl">' in page


def test_docx_shows_markup_literally(markup_lecture: tuple[LectureNotes, Path], tmp_path: Path) -> None:
    render("docx", markup_lecture[0], markup_lecture[1], tmp_path / "out.docx")
    items = word_paragraphs(tmp_path / "out.docx")
    assert ("Title", ONE_LINE, False) in items and ("Heading1", ONE_LINE, False) in items
    assert ("Spoken", f"00:01\t{ONE_LINE}", False) in items and ("Spoken", "00:04\t# heading", False) in items


@pytest.mark.parametrize("reader", ["commonmark", "gfm", "markdown-smart"])
def test_markdown_shows_markup_literally(reader: str, markup_lecture: tuple[LectureNotes, Path], tmp_path: Path) -> None:
    render("md", markup_lecture[0], markup_lecture[1], tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        archive.extractall(tmp_path)
        assert sorted(archive.namelist()) == ["images/slide-001.jpg", "notes.md"]
    read = run_program([require_program("pandoc"), "-f", reader, "-t", "html", "--wrap=none", tmp_path / "notes.md"]).stdout
    page_reader = PageReader()
    page_reader.feed(read)
    assert set(page_reader.tags) <= {"h1", "h2", "p", "ul", "li", "a", "img", "strong", "em", "figure", "figcaption"}
    assert page_reader.text.count(ONE_LINE) >= 3
    for start in ("# heading", "1. list", "--- rule", "- minus", "+ plus", "% author", "= title", ": term", "> quote", "12) list"):
        assert f" {start}\n" in page_reader.text, start
    assert ("img", "images/slide-001.jpg") in [(tag, attributes.get("src")) for tag, attributes in page_reader.attributes]


@pytest.mark.parametrize(
    "start", ["# a", "1. a", "12) a", "- a", "+ a", "--- ", "=== ", "* a", "> a", "::: a", "% a", "    a", "| a | b |", "<div>"]
)
def test_markdown_escapes_starts_of_lines(start: str, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(f"before\n\n{escape(start.strip())}\n\nafter", "utf-8")
    read = run_program([require_program("pandoc"), "-f", "markdown-smart", "-t", "html", "--wrap=none", tmp_path / "a.md"]).stdout
    assert html.unescape(re.sub(r"</?p>", "", read)).split("\n")[1] == start.strip()


def test_html_has_no_script_and_no_external_resources(markup_lecture: tuple[LectureNotes, Path], tmp_path: Path) -> None:
    render("html", markup_lecture[0], markup_lecture[1], tmp_path / "out.html")
    page = (tmp_path / "out.html").read_text("utf-8")
    page_reader = PageReader()
    page_reader.feed(page)
    assert "script" not in page_reader.tags and page_reader.text.count(MARKUP_TEXT.strip()) >= 3
    addresses = [a[key] for _, a in page_reader.attributes for key in ("src", "href") if key in a]
    assert all(address.startswith(("data:image/jpeg;base64,", "https://example.org/", "#p")) for address in addresses)
    assert all(a.get("alt") for tag, a in page_reader.attributes if tag == "img")


def test_html_embeds_the_pictures_unchanged(lecture: LectureNotes, images: Path, tmp_path: Path) -> None:
    import base64

    render("html", lecture, images, tmp_path / "out.html")
    inside = re.findall(r"data:image/jpeg;base64,([^\"]+)", (tmp_path / "out.html").read_text("utf-8"))
    assert [base64.b64decode(data) for data in inside] == [(images / slide.image).read_bytes() for slide in lecture.slides]


def test_text_layout(revisited: tuple[LectureNotes, Path], tmp_path: Path) -> None:
    render("txt", *revisited, tmp_path / "out.txt")
    text = (tmp_path / "out.txt").read_text("utf-8")
    assert "A lecture\n=========\n" in text
    assert (
        "1. Alpha\n--------\n00:00–00:10, 00:20–00:30\n\n[00:01] Alpha begins.\n\n(Shown again: 00:20–00:30)\n\n[00:21] Alpha returns."
        in text
    )
    assert text.index("Alpha returns") < text.index("Beta speaks")


def test_text_with_a_page_per_visit(revisited: tuple[LectureNotes, Path], tmp_path: Path) -> None:
    render("txt", *revisited, tmp_path / "out.txt", RenderOptions(revisits="each"))
    text = (tmp_path / "out.txt").read_text("utf-8")
    assert text.index("Alpha begins") < text.index("Beta speaks") < text.index("1. Alpha (shown again)") < text.index("Alpha returns")


def test_json_contains_the_complete_model(lecture: LectureNotes, images: Path, tmp_path: Path) -> None:
    render("json", lecture, images, tmp_path / "out.json")
    assert read_json(LectureNotes, tmp_path / "out.json") == lecture
    assert json.loads((tmp_path / "out.json").read_text("utf-8"))["slides"][0]["title"] == "Step 1 of descent"
