"""Markdown with pictures: a zip with notes.md and the folder images/ that it refers to."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

from domain import LectureNotes, Style, TimeRange
from lib.media_time import format_clock
from lib.process import CancellationCheck
from services.documents.archive import add_file, add_text
from services.documents.markdown_escapes import escape, escape_block, escape_heading, escape_link_text, link_target
from services.documents.outline import Outline, Page, build_outline, page_heading
from services.documents.pictures import picture_alt
from services.documents.port import DocumentFormat, RenderOptions
from services.documents.runs import markup
from services.documents.slide_text import TextBlock
from services.documents.text import language_code

_STYLE_SIGNS = {
    Style.ITALIC: ("*", "*"),
    Style.BOLD: ("**", "**"),
    Style.SUPERSCRIPT: ("<sup>", "</sup>"),
    Style.SUBSCRIPT: ("<sub>", "</sub>"),
}


def render(notes: LectureNotes, images: Path, target: Path, options: RenderOptions, check: CancellationCheck) -> tuple[str, ...]:
    outline = build_outline(notes, images, options)
    pictures = {page.image.name: page.image for page in outline.pages if page.image}
    text = _front_matter(notes, outline) + "\n\n".join(_blocks(outline)) + "\n"
    with zipfile.ZipFile(target, "w") as archive:
        add_text(archive, "notes.md", text, outline.created_on)
        for name, path in sorted(pictures.items()):
            check()
            add_file(archive, f"images/{name}", path, outline.created_on)
    return outline.warnings


def _front_matter(notes: LectureNotes, outline: Outline) -> str:
    """Return the facts as YAML; a JSON string is a YAML string."""
    facts = {
        "title": outline.title,
        "author": outline.author,
        "course": outline.course,
        "lecture": outline.lecture_number,
        "date": outline.created_on,
        "lang": language_code(notes.language) if notes.language else "",
        "duration": format_clock(notes.duration_s),
        "slides": len(notes.slides),
        "source": outline.source_url or notes.source_name,
    }
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in facts.items() if value]
    return "\n".join(["---", *lines, "---", "", ""])


def _blocks(outline: Outline) -> Iterator[str]:
    yield f"# {escape_heading(outline.title)}"
    for page in outline.pages:
        yield from _page(page, outline)


def _page(page: Page, outline: Outline) -> Iterator[str]:
    yield f"## {escape_heading(page_heading(page, outline.labels))}"
    slide_label = f"{escape_block(outline.labels.slide)} {page.slide.number} · " if page.slide and page.title else ""
    yield slide_label + ", ".join(_time(passage.time, outline) for passage in page.passages)
    if page.image:
        yield f"![{escape_link_text(picture_alt(page, outline.labels))}]({link_target(f'images/{page.image.name}')})"
    for block in page.slide_text:
        yield _listing(block) if block.is_code else "\n".join(f"- {escape_block(line)}" for line in block.lines)
    for index, line in enumerate(page.speaker_notes):
        yield f"> {f'**{escape(outline.labels.speaker_notes)}:** ' if index == 0 else ''}{escape(line)}"
    for order, passage in enumerate(page.passages):
        if order and passage.paragraphs:
            yield f"*{escape(outline.labels.shown_again)}:* {_time(passage.time, outline)}"
        for paragraph in passage.paragraphs:
            timestamp = _link(outline.clock(paragraph.start_s), outline.link_to(paragraph.start_s, paragraph.moment))
            if paragraph.heading:
                yield f"##{'#' * paragraph.heading_level} {escape_heading(paragraph.heading)}"
            yield f"**{timestamp}** {markup(paragraph.runs, escape, _STYLE_SIGNS)}"


def _listing(block: TextBlock) -> str:
    """Return a fenced block; its fence is longer than every run of backticks in it."""
    fence = "```"
    while any(fence in line for line in block.lines):
        fence += "`"
    return "\n".join([fence, *block.lines, fence])


def _time(time: TimeRange, outline: Outline) -> str:
    return _link(outline.clock_range(time), outline.link_to(time.start_s))


def _link(text: str, url: str) -> str:
    return f"[{escape_link_text(text)}]({link_target(url)})" if url else escape(text)


FORMAT = DocumentFormat(
    "md",
    "md.zip",
    "application/zip",
    render,
    "Markdown with pictures",
    "A zip file with notes.md and the folder images/.",
    version=2,
    is_transcript=True,
)
