"""HTML in one file with embedded pictures and no script; written in blocks, so that only one picture is in memory."""

from __future__ import annotations

import base64
import mimetypes
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import TextIO

from domain import LectureNotes, Style, TimeRange
from lib.process import CancellationCheck
from services.documents.outline import Outline, Page, Paragraph, build_outline, page_heading
from services.documents.pictures import picture_alt, picture_size, picture_text
from services.documents.port import DocumentFormat, RenderOptions
from services.documents.runs import markup
from services.documents.text import detect_language, is_right_to_left, language_code
from services.documents.times import format_clock, format_range

_STYLE = Path(__file__).parent / "templates" / "notes.css"
_STYLE_TAGS = {Style.ITALIC: "em", Style.BOLD: "strong", Style.SUPERSCRIPT: "sup", Style.SUBSCRIPT: "sub"}
_BLOCK_BYTES = 3 * 2**16
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def render(notes: LectureNotes, images: Path, target: Path, options: RenderOptions, check: CancellationCheck) -> tuple[str, ...]:
    outline = build_outline(notes, images, options)
    with target.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(_head(outline))
        for number, page in enumerate(outline.pages, 1):
            check()
            _write_page(file, page, number, outline)
        file.write("</main>\n</body>\n</html>\n")
    return outline.warnings


def _head(outline: Outline) -> Iterator[str]:
    title = escape(outline.title)
    direction = "rtl" if outline.is_right_to_left else "ltr"
    yield f'<!DOCTYPE html>\n<html lang="{language_code(outline.language)}" dir="{direction}">\n<head>\n<meta charset="utf-8">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n<title>{title}</title>\n'
    yield f"<style>\n{_STYLE.read_text(encoding='utf-8')}</style>\n</head>\n<body>\n<header>\n"
    yield f'<p class="label">{escape(outline.labels.notes)}</p>\n<h1{_language_attributes(outline.title, outline)}>{title}</h1>\n<dl>\n'
    for fact in outline.facts:
        yield f"<div><dt>{escape(fact.label)}</dt><dd>{_link(escape(fact.value), fact.url)}</dd></div>\n"
    yield "</dl>\n</header>\n"
    if outline.has_contents:
        label = escape(outline.labels.contents)
        yield f'<nav aria-label="{label}">\n<details open><summary>{label}</summary>\n<ol>\n'
        for number, page in enumerate(outline.pages, 1):
            name = page_heading(page, outline.labels)
            yield f'<li><a href="#p{number}"><bdi>{escape(name)}</bdi></a> <span class="time">{format_clock(page.start_s)}</span></li>\n'
        yield "</ol>\n</details>\n</nav>\n"
    yield "<main>\n"


def _write_page(file: TextIO, page: Page, number: int, outline: Outline) -> None:
    name = page_heading(page, outline.labels)
    file.write(f'<section id="p{number}" aria-labelledby="h{number}">\n')
    file.write(f'<h2 id="h{number}"{_language_attributes(name, outline)}>{escape(name)}</h2>\n')
    slide_label = f"{escape(outline.labels.slide)} {page.slide.number} \u00b7 " if page.slide and page.title else ""
    times = ", ".join(_time(passage.time, outline) for passage in page.passages)
    file.write(f'<p class="when">{slide_label}{times}</p>\n')
    if page.image and page.slide:
        _write_picture(file, page, page.image, number, outline)
    for order, passage in enumerate(page.passages):
        if order and passage.paragraphs:
            file.write(f'<p class="again">{escape(outline.labels.shown_again)} {_time(passage.time, outline)}</p>\n')
        for paragraph in passage.paragraphs:
            if paragraph.heading:
                level = paragraph.heading_level + 2
                heading_attributes = _language_attributes(paragraph.heading, outline)
                file.write(f"<h{level}{heading_attributes}>{escape(paragraph.heading)}</h{level}>\n")
            timestamp = _link(format_clock(paragraph.start_s), outline.link_to(paragraph.start_s))
            attributes = _language_attributes(paragraph.text, outline)
            file.write(f'<p class="spoken"{attributes}><span class="time">{timestamp}</span> {_styled(paragraph)}</p>\n')
    file.write("</section>\n")


def _styled(paragraph: Paragraph) -> str:
    return markup(paragraph.runs, escape, {style: (f"<{tag}>", f"</{tag}>") for style, tag in _STYLE_TAGS.items()})


def _write_picture(file: TextIO, page: Page, image: Path, number: int, outline: Outline) -> None:
    assert page.slide
    width, height = picture_size(page.slide, image)
    recognised_text = picture_text(page.slide)
    alt = picture_alt(page, outline.labels) + (f". {recognised_text}" if recognised_text else "")
    kind = mimetypes.guess_type(image.name)[0] or "image/png"
    loading = ' loading="lazy" decoding="async"' if number > 1 else ""
    file.write(f'<img alt="{escape(alt)}" width="{width}" height="{height}"{loading} src="data:{kind};base64,')
    with image.open("rb") as source:
        while piece := source.read(_BLOCK_BYTES):
            file.write(base64.b64encode(piece).decode("ascii"))
    file.write('">\n')


def _time(time: TimeRange, outline: Outline) -> str:
    return f'<span class="time">{_link(format_range(time), outline.link_to(time.start_s))}</span>'


def _link(markup: str, url: str) -> str:
    return f'<a href="{escape(url)}">{markup}</a>' if url else markup


def _language_attributes(text: str, outline: Outline) -> str:
    """Return lang and dir attributes for a text, which may differ from the page's."""
    direction = "rtl" if is_right_to_left(text) else "ltr"
    return f' lang="{detect_language(text, outline.language)}" dir="{direction}"'


FORMAT = DocumentFormat(
    "html", "html", "text/html; charset=utf-8", render, "Web page", "One HTML file with embedded pictures and no script."
)
