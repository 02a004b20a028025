"""Markdown with pictures: a zip with notes.md and the folder images/ that it refers to."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from domain import LectureNotes, Style, TimeRange
from lib.process import CancellationCheck
from services.documents.archive import add_file, add_text
from services.documents.outline import Outline, Page, build_outline, page_heading
from services.documents.pictures import picture_alt
from services.documents.port import DocumentFormat, RenderOptions
from services.documents.runs import markup
from services.documents.times import format_clock, format_range

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$^&@!])")
_STYLE_SIGNS = {
    Style.ITALIC: ("*", "*"),
    Style.BOLD: ("**", "**"),
    Style.SUPERSCRIPT: ("<sup>", "</sup>"),
    Style.SUBSCRIPT: ("<sub>", "</sub>"),
}
_LINE_START = re.compile(r"^(\d{0,9})([.)+\-=:%])")


def render(notes: LectureNotes, images: Path, target: Path, options: RenderOptions, check: CancellationCheck) -> tuple[str, ...]:
    outline = build_outline(notes, images, options)
    pictures = {page.image.name: page.image for page in outline.pages if page.image}
    with zipfile.ZipFile(target, "w") as archive:
        add_text(archive, "notes.md", "\n\n".join(_blocks(outline)) + "\n", outline.created_on)
        for name, path in sorted(pictures.items()):
            check()
            add_file(archive, f"images/{name}", path, outline.created_on)
    return outline.warnings


def escape(text: str) -> str:
    """Escape text so that every Markdown reader shows it literally, at the start of a line or inside one."""
    return _LINE_START.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", text))


def _blocks(outline: Outline) -> Iterator[str]:
    yield f"# {escape(outline.title)}"
    yield "\n".join(f"- {escape(fact.label)}: {_link(fact.value, fact.url)}" for fact in outline.facts)
    for page in outline.pages:
        yield from _page(page, outline)


def _page(page: Page, outline: Outline) -> Iterator[str]:
    yield f"## {escape(page_heading(page, outline.labels))}"
    slide_label = f"{escape(outline.labels.slide)} {page.slide.number} · " if page.slide and page.title else ""
    yield slide_label + ", ".join(_time(passage.time, outline) for passage in page.passages)
    if page.image:
        yield f"![{escape(picture_alt(page, outline.labels))}](<images/{page.image.name}>)"
    for order, passage in enumerate(page.passages):
        if order and passage.paragraphs:
            yield f"*{escape(outline.labels.shown_again)}:* {_time(passage.time, outline)}"
        for paragraph in passage.paragraphs:
            timestamp = _link(format_clock(paragraph.start_s), outline.link_to(paragraph.start_s))
            if paragraph.heading:
                yield f"##{'#' * paragraph.heading_level} {escape(paragraph.heading)}"
            yield f"**{timestamp}** {markup(paragraph.runs, escape, _STYLE_SIGNS)}"


def _time(time: TimeRange, outline: Outline) -> str:
    return _link(format_range(time), outline.link_to(time.start_s))


def _link(text: str, url: str) -> str:
    return f"[{escape(text)}](<{_escape_url(url)}>)" if url else escape(text)


def _escape_url(url: str) -> str:
    """Escape the characters that end a URL inside <> or start an entity."""
    return url.replace("\\", "%5C").replace("<", "%3C").replace(">", "%3E").replace("&", "\\&")


FORMAT = DocumentFormat(
    "md", "md.zip", "application/zip", render, "Markdown with pictures", "A zip file with notes.md and the folder images/."
)
