"""DOCX, Markdown, HTML, text and JSON: contents, and markup shown literally."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import zipfile
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from domain import LectureNotes, TimeRange, Visit
from lib.process import run_program
from lib.programs import require_program
from lib.serialization import read_json
from services.documents import RenderOptions, render
from services.documents.markdown_escapes import escape_block, escape_heading
from services.documents.web_page import SCRIPT_SOURCE
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
    assert any(style == "Spoken" and text.startswith("0:01\tThe gradient") for style, text, _ in items)
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
    assert directions["درس"] and directions[arabic] and directions[f"0:00\t{arabic}"] and not directions["0:05\tAnd in English."]
    render("html", make_notes([slide], language="ar"), tmp_path, tmp_path / "out.html")
    page = (tmp_path / "out.html").read_text("utf-8")
    assert '<html lang="ar" dir="rtl">' in page
    assert (
        '<p class="spoken" id="p1-2" lang="en" dir="ltr" data-' in page and '<p class="spoken" id="p1-1" lang="ar" dir="rtl" data-' in page
    )


def test_docx_shows_markup_literally(markup_lecture: tuple[LectureNotes, Path], tmp_path: Path) -> None:
    render("docx", markup_lecture[0], markup_lecture[1], tmp_path / "out.docx")
    items = word_paragraphs(tmp_path / "out.docx")
    assert ("Title", ONE_LINE, False) in items and ("Heading1", ONE_LINE, False) in items
    assert ("Spoken", f"0:01\t{ONE_LINE}", False) in items and ("Spoken", "0:04\t# heading", False) in items


@pytest.mark.parametrize("reader", ["commonmark+yaml_metadata_block", "gfm", "markdown-smart"])
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


STARTS = [
    "# a",
    "1. a",
    "12) a",
    "(1) a",
    "a. b",
    "iv) b",
    "- a",
    "+ a",
    "---",
    "===",
    "* a",
    "> a",
    "::: a",
    "% a",
    ": a",
    "| a | b |",
    "<div>",
    "(@) a",
]


def test_markdown_escapes_starts_of_paragraphs_and_items(tmp_path: Path) -> None:
    lines = [f"{escape_block(start)}\n\n- {escape_block(start)}\n\n## {escape_heading(start)}\n" for start in STARTS]
    (tmp_path / "a.md").write_text("before\n\n" + "\n".join(lines), "utf-8")
    read = run_program(
        [require_program("pandoc"), "-f", "markdown-smart-auto_identifiers", "-t", "html", "--wrap=none", tmp_path / "a.md"]
    ).stdout
    text = html.unescape(read)
    for start in STARTS:
        assert f"<p>{start}</p>\n<ul>\n<li>{start}</li>\n</ul>\n<h2>{start}</h2>" in text, (start, text)


@given(st.text(st.sampled_from("ab1 *_~`[]()<>!#&;@$^{}|\\\"'.:-+=/"), min_size=1, max_size=30).map(lambda text: " ".join(text.split())))
@settings(max_examples=400, deadline=None)
def test_escaped_text_is_shown_literally(text: str) -> None:
    reader = MarkdownIt("commonmark").enable(["strikethrough", "table"])
    for source, tag in ((escape_block(text), "p"), (f"# {escape_heading(text)}", "h1")):
        rendered_text = html.unescape(re.sub(rf"</?{tag}>", "", reader.render(source))).strip()
        assert rendered_text == text.strip()


@pytest.mark.parametrize(
    "text", ["snake_case & more", "a < b", "5 * 3", "it costs $5.", "x = y - 2!", "f(x), {a}; it's 50 % #1", "C++ | D"]
)
def test_markdown_has_no_needless_escapes(text: str) -> None:
    assert escape_block(text) == text


def test_slide_text_and_listings(code_lecture: tuple[LectureNotes, Path], tmp_path: Path) -> None:
    for name in ("md", "txt", "html", "docx"):
        render(name, *code_lecture, tmp_path / f"out.{name}")
    with zipfile.ZipFile(tmp_path / "out.md") as archive:
        markdown = archive.read("notes.md").decode()
    assert "\n\n```\ndef find(key):\n    if key == 1:\n        return table[key]\n```\n\n**" in markdown
    assert markdown.startswith('---\ntitle: "A lecture"\ndate: "2026-11-05"\n') and "\n- 1\\. Pick a start\n- Repeat\n" in markdown
    assert "Data structures" not in markdown
    assert "\n    def find(key):\n        if key == 1:\n" in (tmp_path / "out.txt").read_text("utf-8")
    page = (tmp_path / "out.html").read_text("utf-8")
    assert '<pre dir="ltr"><code>def find(key):\n    if key == 1:\n' in page and page.count("<details class=") == 3
    styles = [(style, text) for style, text, _ in word_paragraphs(tmp_path / "out.docx")]
    assert ("SourceCode", "def find(key):    if key == 1:        return table[key]") in styles and ("SlideText", "\u2022 Repeat") in styles


def test_docx_has_contents_and_page_breaks_only_where_wanted(lecture: LectureNotes, images: Path, tmp_path: Path) -> None:
    for layout in ("page", "text"):
        render("docx", lecture, images, tmp_path / layout, RenderOptions(layout=layout))  # type: ignore[arg-type]
    with zipfile.ZipFile(tmp_path / "page") as page_layout, zipfile.ZipFile(tmp_path / "text") as text_layout:
        document = page_layout.read("word/document.xml").decode()
        assert b"pageBreakBefore" in page_layout.read("word/styles.xml") and b"pageBreakBefore" not in text_layout.read("word/styles.xml")
        assert b"<pic:pic" not in text_layout.read("word/document.xml")
    assert " TOC " in document and document.count("w:fldCharType") == 3
    assert [text for style, text, _ in word_paragraphs(tmp_path / "page") if style == "TOC1"][1] == "1:00\tStep 2 of descent"
    assert re.findall('w:anchor="(page-[0-9])"', document) == re.findall('w:bookmarkStart w:id="[0-9]+" w:name="(page-[0-9])"', document)


def test_docx_of_two_slides_has_no_cover(revisited_lecture: tuple[LectureNotes, Path], tmp_path: Path) -> None:
    render("docx", *revisited_lecture, tmp_path / "out.docx")
    with zipfile.ZipFile(tmp_path / "out.docx") as archive:
        document = archive.read("word/document.xml").decode()
    assert document.count("<pic:pic") == document.count('<a:srgbClr val="C9D0D6" />') == 2
    assert document.count('<w:pStyle w:val="Heading1" /><w:pageBreakBefore w:val="0" />') == 1


def test_lines_that_were_hardly_recognised_are_left_out(code_lecture: tuple[LectureNotes, Path], tmp_path: Path) -> None:
    notes, images = code_lecture
    slides = [
        replace(slide, ocr=tuple(replace(word, confidence=0.6 if word.text in ("Repeat", "return") else 0.9) for word in slide.ocr))
        for slide in notes.slides
    ]
    render("txt", replace(notes, slides=tuple(slides)), images, tmp_path / "out.txt")
    text = (tmp_path / "out.txt").read_text("utf-8")
    assert "Repeat" not in text and "Pick a start" in text and "return table[key]" in text  # a listing stays whole


def test_html_has_only_its_own_script_and_no_external_resources(markup_lecture: tuple[LectureNotes, Path], tmp_path: Path) -> None:
    render("html", markup_lecture[0], markup_lecture[1], tmp_path / "out.html")
    page = (tmp_path / "out.html").read_text("utf-8")
    page_reader = PageReader()
    page_reader.feed(page)
    assert page_reader.tags.count("script") == 2 and page_reader.text.count(MARKUP_TEXT.strip()) >= 3
    script = page.rpartition("<script>")[2].partition("</script>")[0]
    assert SCRIPT_SOURCE in page and f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" == SCRIPT_SOURCE
    addresses = [a[key] for _, a in page_reader.attributes for key in ("src", "href") if key in a]
    assert all(address.startswith(("data:image/jpeg;base64,", "https://example.org/", "#p")) for address in addresses)
    assert all(a.get("alt") for tag, a in page_reader.attributes if tag == "img")
    citation = json.loads(page.partition('id="page-data">')[2].partition("</script>")[0])["citations"][0]
    assert citation["text"] == f"“⟦quote⟧” — {' '.join(MARKUP_TEXT.split())}, Slide 1 at ⟦clock⟧, 2026-11-05. ⟦url⟧"


def test_html_embeds_the_pictures_unchanged(lecture: LectureNotes, images: Path, tmp_path: Path) -> None:
    render("html", lecture, images, tmp_path / "out.html")
    inside = re.findall(r"data:image/jpeg;base64,([^\"]+)", (tmp_path / "out.html").read_text("utf-8"))
    assert [base64.b64decode(data) for data in inside] == [(images / slide.image).read_bytes() for slide in lecture.slides]


def test_text_layout(revisited_lecture: tuple[LectureNotes, Path], tmp_path: Path) -> None:
    render("txt", *revisited_lecture, tmp_path / "out.txt")
    text = (tmp_path / "out.txt").read_text("utf-8")
    assert "A lecture\n=========\n" in text
    assert "1. Alpha\n--------\n0:00–0:10, 0:20–0:30\n\n[0:01] Alpha begins.\n\n(Shown again: 0:20–0:30)\n\n[0:21] Alpha returns." in text
    assert text.index("Alpha returns") < text.index("Beta speaks")


def test_text_with_a_page_per_visit(revisited_lecture: tuple[LectureNotes, Path], tmp_path: Path) -> None:
    render("txt", *revisited_lecture, tmp_path / "out.txt", RenderOptions(revisits="each"))
    text = (tmp_path / "out.txt").read_text("utf-8")
    assert text.index("Alpha begins") < text.index("Beta speaks") < text.index("1. Alpha (shown again)") < text.index("Alpha returns")


def test_json_contains_the_complete_model(lecture: LectureNotes, images: Path, tmp_path: Path) -> None:
    render("json", lecture, images, tmp_path / "out.json")
    assert read_json(LectureNotes, tmp_path / "out.json") == lecture
    assert json.loads((tmp_path / "out.json").read_text("utf-8"))["slides"][0]["title"] == "Step 1 of descent"
