"""DOCX through pandoc, from its JSON document tree, so that no text is interpreted as markup."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from domain import LectureNotes, Style, TimeRange
from lib.process import CancellationCheck, Limits, run_program
from lib.programs import require_program
from services.documents.docx_pictures import insert_pictures, write_placeholders
from services.documents.outline import Outline, Page, Paragraph, build_outline, page_heading
from services.documents.pdf import creation_time
from services.documents.pictures import picture_alt, picture_size, picture_text
from services.documents.port import DocumentFormat, RenderOptions
from services.documents.reference_document import CONTENT_TYPE, TEMPLATES, text_width_mm
from services.documents.runs import Change, TextRun
from services.documents.text import detect_language, is_right_to_left, shorten

Node = dict[str, Any]

_LIMITS = Limits(timeout_s=1800)
_API_VERSION = [1, 23, 1]
_TEXT_WIDTHS_MM = {"a4": 160.0, "letter": 165.0}
_MAX_PICTURE_HEIGHTS_MM = {"page": 118.0, "compact": 62.0, "handout": 62.0, "text": 62.0}
_STYLE_NODES = {Style.ITALIC: "Emph", Style.BOLD: "Strong", Style.SUPERSCRIPT: "Superscript", Style.SUBSCRIPT: "Subscript"}
_CHANGES_AUTHOR = "Lectern"
_NO_ATTRIBUTES = ["", [], []]
_COVER_MM, _COVER_LINE_MM, _MIN_COVER_PICTURE_MM = 185.0, 7.4, 55.0  # a page without its title, a line of facts or contents, the picture
_FIELD_START = (
    '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
    '<w:r><w:instrText xml:space="preserve"> TOC \\o "LEVEL-LEVEL" \\n \\h </w:instrText></w:r>'
    '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
)
_FIELD_END = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'


def _raw(markup: str) -> Node:
    return {"t": "RawInline", "c": ["openxml", markup]}


_TAB = _raw("<w:r><w:tab/></w:r>")


def render(notes: LectureNotes, images: Path, target: Path, options: RenderOptions, check: CancellationCheck) -> tuple[str, ...]:
    outline = build_outline(notes, images, options)
    has_cover = outline.needs_cover(options)
    width_mm = (text_width_mm(Path(options.reference)) if options.reference else None) or _TEXT_WIDTHS_MM[options.paper]
    design = _Design(width_mm, _MAX_PICTURE_HEIGHTS_MM[options.layout], options.layout != "text", has_cover)
    tree = {
        "pandoc-api-version": _API_VERSION,
        "meta": {
            "title": {"t": "MetaInlines", "c": [_with_direction(_text(outline.title), outline.title)]},
            "lang": {"t": "MetaString", "c": detect_language(outline.title, outline.language)},
            "dir": {"t": "MetaString", "c": "rtl" if outline.is_right_to_left else "ltr"},
        },
        "blocks": list(_blocks(outline, design)),
    }
    with tempfile.TemporaryDirectory(prefix="lectern-docx-") as name:
        folder = Path(name)
        write_placeholders(outline, folder)
        source, docx = folder / "notes.json", folder / "notes.docx"
        source.write_text(json.dumps(tree), encoding="utf-8")
        reference = Path(options.reference) if options.reference else TEMPLATES / f"reference-{options.paper}.docx"
        run_program(
            [require_program("pandoc"), "-f", "json", "-t", "docx", "--reference-doc", reference, "-o", docx, source],
            check=check,
            limits=_LIMITS,
            cwd=folder,
            env={"SOURCE_DATE_EPOCH": str(creation_time(notes.created_on))},
        )
        insert_pictures(outline, docx, target, check, page_per_slide=options.layout == "page", has_cover=has_cover)
    return outline.warnings


@dataclass(frozen=True)
class _Design:
    width_mm: float
    max_picture_height_mm: float
    has_pictures: bool
    has_cover: bool


def _blocks(outline: Outline, design: _Design) -> Iterator[Node]:
    if outline.cover and design.has_cover:
        yield _paragraph("Cover", [_image(outline.cover, outline, _cover_design(outline, design))])
    for fact in outline.facts:
        value = _isolate_left_to_right(shorten(fact.value, 160), outline)
        yield _paragraph("Fact", [_text(fact.label), _TAB, _link(value, fact.url)])
    entries = _contents_entries(outline)
    if entries:
        yield from _contents(outline, entries)
    for number, page in enumerate(outline.pages, 1):
        yield from _page(page, number, outline, design)


def _cover_design(outline: Outline, design: _Design) -> _Design:
    """Return the design with a smaller picture if the contents then end on the cover."""
    available_mm = _COVER_MM - _COVER_LINE_MM * (len(outline.facts) + 2 + len(_contents_entries(outline)))
    if available_mm < _MIN_COVER_PICTURE_MM:
        return design
    return replace(design, max_picture_height_mm=min(design.max_picture_height_mm, available_mm))


def _contents_entries(outline: Outline) -> list[tuple[float, str, str]]:
    """Return (start in seconds, heading, anchor) of each slide, or of the topics of a recording without pictures."""
    if outline.has_contents:
        return [(page.start_s, page_heading(page, outline.labels), f"page-{number}") for number, page in enumerate(outline.pages, 1)]
    return [(paragraph.start_s, paragraph.heading, _topic_anchor(paragraph)) for _, paragraph in outline.topics]


def _topic_anchor(paragraph: Paragraph) -> str:
    return f"topic-{round(1000 * paragraph.start_s)}"


def _contents(outline: Outline, entries: Sequence[tuple[float, str, str]]) -> Iterator[Node]:
    """Yield a field that Word can update, with its entries; times take the place of page numbers, which only Word knows."""
    yield _paragraph("TOC Heading", [_text(outline.labels.contents)])
    level = "1" if outline.has_contents else "2"
    for index, (start_s, heading, anchor) in enumerate(entries, 1):
        entry = [_text(outline.clock(start_s)), _TAB, _link(_text(heading), f"#{anchor}")]
        before = [_raw(_FIELD_START.replace("LEVEL", level))] if index == 1 else []
        after = [_raw(_FIELD_END)] if index == len(entries) else []
        yield _paragraph("toc 1", [*before, *entry, *after])


def _page(page: Page, number: int, outline: Outline, design: _Design) -> Iterator[Node]:
    name = page_heading(page, outline.labels)
    yield _with_language({"t": "Header", "c": [1, [f"page-{number}", [], []], [_text(name)]]}, name, outline)
    if page.image and design.has_pictures:
        yield _paragraph("Picture", [_image(page, outline, design)])
    yield _paragraph("Picture Caption", list(_caption(page, outline)))
    for block in page.slide_text:
        if block.is_code:
            yield {"t": "CodeBlock", "c": [_NO_ATTRIBUTES, "\n".join(block.lines)]}
        else:
            yield from (_with_language(_paragraph("Slide Text", [_text(f"\u2022 {line}")]), line, outline) for line in block.lines)
    if page.speaker_notes:
        yield _paragraph("Again", [_text(outline.labels.speaker_notes)])
        yield from (_with_language(_paragraph("Slide Text", [_text(line)]), line, outline) for line in page.speaker_notes)
    for order, passage in enumerate(page.passages):
        if order and passage.paragraphs:
            yield _paragraph("Again", [_text(f"{outline.labels.shown_again} "), _time(passage.time, outline)])
        for paragraph in passage.paragraphs:
            timestamp = _styled_span("Moment", _text(outline.clock(paragraph.start_s)))
            if paragraph.heading:
                anchor = [_topic_anchor(paragraph), [], []]
                header: Node = {"t": "Header", "c": [1 + paragraph.heading_level, anchor, [_text(paragraph.heading)]]}
                yield _with_language(header, paragraph.heading, outline)
            link = outline.link_to(paragraph.start_s, paragraph.moment)
            inlines = [_link(timestamp, link), _TAB, *(_run(run, outline) for run in paragraph.runs)]
            yield _with_language(_paragraph("Spoken", inlines), paragraph.text, outline)


def _run(run: TextRun, outline: Outline) -> Node:
    """Return a run; changes become tracked changes of the day of the job."""
    inline = _text(run.text)
    for style in run.styles:
        inline = {"t": _STYLE_NODES[style], "c": [inline]}
    if run.change == Change.NONE:
        return inline
    kind = "insertion" if run.change == Change.INSERTED else "deletion"
    return {"t": "Span", "c": [["", [kind], [["author", _CHANGES_AUTHOR], ["date", f"{outline.created_on}T00:00:00Z"]]], [inline]]}


def _caption(page: Page, outline: Outline) -> Iterator[Node]:
    if page.slide:
        yield _text(f"{outline.labels.slide} {page.slide.number} \u00b7 ")
    for order, passage in enumerate(page.passages):
        if order:
            yield _text(", ")
        yield _time(passage.time, outline)


def _image(page: Page, outline: Outline, design: _Design) -> Node:
    assert page.image and page.slide
    width, height = picture_size(page.slide, page.image)
    shown_mm = min(design.width_mm, design.max_picture_height_mm * width / height)
    recognised_text = picture_text(page.slide)
    alt = picture_alt(page, outline.labels) + (f". {recognised_text}" if recognised_text else "")
    size = [["width", f"{shown_mm:.2f}mm"], ["height", f"{shown_mm * height / width:.2f}mm"]]
    return {"t": "Image", "c": [["", [], size], [_text(alt)], [f"images/{page.image.name}", ""]]}


def _time(time: TimeRange, outline: Outline) -> Node:
    return _link(_isolate_left_to_right(outline.clock_range(time), outline), outline.link_to(time.start_s))


def _isolate_left_to_right(text: str, outline: Outline) -> Node:
    """Surround left-to-right text with marks in right-to-left documents, to keep the order of numbers."""
    return _text(f"\u200e{text}\u200e" if outline.is_right_to_left and not is_right_to_left(text) else text)


def _text(text: str) -> Node:
    return {"t": "Str", "c": text}


def _link(inline: Node, url: str) -> Node:
    return {"t": "Link", "c": [_NO_ATTRIBUTES, [inline], [url, ""]]} if url else inline


def _styled_span(name: str, inline: Node) -> Node:
    return {"t": "Span", "c": [["", [], [["custom-style", name]]], [inline]]}


def _with_direction(inline: Node, text: str) -> Node:
    return {"t": "Span", "c": [["", [], [["dir", "rtl"]]], [inline]]} if is_right_to_left(text) else inline


def _paragraph(name: str, inlines: list[Node]) -> Node:
    return {"t": "Div", "c": [["", [], [["custom-style", name]]], [{"t": "Para", "c": inlines}]]}


def _with_language(block: Node, text: str, outline: Outline) -> Node:
    direction = "rtl" if is_right_to_left(text) else "ltr"
    return {"t": "Div", "c": [["", [], [["lang", detect_language(text, outline.language)], ["dir", direction]]], [block]]}


FORMAT = DocumentFormat(
    "docx",
    "docx",
    CONTENT_TYPE,
    render,
    "Word",
    "Slides, their text and their speech, to edit in Word or LibreOffice.",
    weight=3,
    version=2,
    is_transcript=True,
    takes_reference=True,
)
