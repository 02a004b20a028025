"""HTML in one file with embedded pictures; written in blocks, so that only one picture is in memory.

Its script (templates/notes.js) marks the current chapter and copies listings and citations; the page is complete without it.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import mimetypes
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import TextIO

from domain import LectureNotes, Style, TimeRange
from lib.process import CancellationCheck
from services.documents.back_matter import Entry, find_entries
from services.documents.outline import Outline, Page, Paragraph, build_outline, page_heading
from services.documents.pictures import picture_alt, picture_size, picture_text
from services.documents.port import DocumentFormat, RenderOptions
from services.documents.runs import markup
from services.documents.slide_text import TextBlock
from services.documents.text import detect_language, is_right_to_left, language_code, shorten
from services.documents.web_page_back import back_matter, paragraph_id
from services.documents.web_page_data import page_data

_TEMPLATES = Path(__file__).parent / "templates"
_STYLE = (_TEMPLATES / "notes.css").read_text(encoding="utf-8")
_SCRIPT = (_TEMPLATES / "notes.js").read_text(encoding="utf-8")
SCRIPT_SOURCE = f"'sha256-{base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()}'"
"""The page's script as a source of a Content Security Policy."""
_STYLE_TAGS = {Style.ITALIC: "em", Style.BOLD: "strong", Style.SUPERSCRIPT: "sup", Style.SUBSCRIPT: "sub"}
_BLOCK_BYTES = 3 * 2**16
_POLICY = f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src {SCRIPT_SOURCE}; base-uri 'none'; form-action 'none'"
_MAX_QUOTE_CHARACTERS = 160


def render(notes: LectureNotes, images: Path, target: Path, options: RenderOptions, check: CancellationCheck) -> tuple[str, ...]:
    outline = build_outline(notes, images, options)
    entries = find_entries(notes, outline)
    with target.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(_head(outline, _back_links(entries, outline)))
        for number, page in enumerate(outline.pages, 1):
            check()
            _write_page(file, page, number, outline)
        file.writelines(back_matter(entries, outline))
        file.write(f'</main>\n<script type="application/json" id="page-data">{page_data(outline)}</script>\n')
        file.write(f"<script>{_SCRIPT}</script>\n</body>\n</html>\n")
    return outline.warnings


def _back_links(entries: Sequence[Entry], outline: Outline) -> str:
    """Return links to the glossary and the index, as far as there are any."""
    glossary = [("glossary", outline.labels.glossary)] if any(entry.defined_at for entry in entries) else []
    parts = [*glossary, ("index", outline.labels.index)] if entries else []
    return "".join(f'<p><a href="#{name}">{escape(label)}</a></p>\n' for name, label in parts)


def _head(outline: Outline, back_links: str) -> Iterator[str]:
    title = escape(outline.title)
    direction = "rtl" if outline.is_right_to_left else "ltr"
    yield f'<!DOCTYPE html>\n<html lang="{language_code(outline.language)}" dir="{direction}">\n<head>\n<meta charset="utf-8">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n<title>{title}</title>\n'
    contents = _contents(outline)
    layout = ' class="with-contents"' if contents else ""
    yield f"<style>\n{_STYLE}</style>\n</head>\n<body{layout}>\n<header>\n"
    yield f'<p class="label">{escape(outline.labels.notes)}</p>\n<h1{_language_attributes(outline.title, outline)}>{title}</h1>\n<dl>\n'
    for fact in outline.facts:
        yield f"<div><dt>{escape(fact.label)}</dt><dd>{_link(escape(fact.value), fact.url)}</dd></div>\n"
    yield "</dl>\n</header>\n"
    if contents:
        label = escape(outline.labels.contents)
        yield f'<nav aria-label="{label}">\n<details open><summary>{label}</summary>\n<ol>\n'
        for target, name, time_s in contents:
            yield f'<li><a href="#{target}"><bdi>{escape(name)}</bdi></a> <span class="time">{outline.clock(time_s)}</span></li>\n'
        yield f"</ol>\n{back_links}</details>\n</nav>\n"
    yield "<main>\n"


def _contents(outline: Outline) -> list[tuple[str, str, float]]:
    """Return (id, name, start in seconds) of each entry: the pages, or the topics of a recording without pictures."""
    if outline.has_contents:
        return [(f"p{number}", page_heading(page, outline.labels), page.start_s) for number, page in enumerate(outline.pages, 1)]
    return [(f"topic-{paragraph_id(0, index)}", paragraph.heading, paragraph.start_s) for index, paragraph in outline.topics]


def _write_page(file: TextIO, page: Page, number: int, outline: Outline) -> None:
    name = page_heading(page, outline.labels)
    file.write(f'<section id="p{number}" aria-labelledby="h{number}">\n')
    file.write(f'<h2 id="h{number}"{_language_attributes(name, outline)}>{escape(name)}</h2>\n')
    slide_label = f"{escape(outline.labels.slide)} {page.slide.number} \u00b7 " if page.slide and page.title else ""
    times = ", ".join(_time(passage.time, outline) for passage in page.passages)
    file.write(f'<p class="when"{_cite(page, number, page.start_s, outline)}>{slide_label}{times}</p>\n')
    if page.image and page.slide:
        _write_picture(file, page, page.image, number, outline)
    file.writelines(_slide_text(page, outline))
    file.writelines(_speaker_notes(page, outline))
    index = itertools.count()
    for order, passage in enumerate(page.passages):
        if order and passage.paragraphs:
            file.write(f'<p class="again">{escape(outline.labels.shown_again)} {_time(passage.time, outline)}</p>\n')
        for paragraph in passage.paragraphs:
            file.writelines(_spoken_html(paragraph, paragraph_id(number - 1, next(index)), page, number, outline))
    file.write("</section>\n")


def _spoken_html(paragraph: Paragraph, name: str, page: Page, number: int, outline: Outline) -> Iterator[str]:
    if paragraph.heading:
        level = paragraph.heading_level + 2
        attributes = _language_attributes(paragraph.heading, outline)
        yield f'<h{level} id="topic-{name}"{attributes}>{escape(paragraph.heading)}</h{level}>\n'
    timestamp = _link(outline.clock(paragraph.start_s), outline.link_to(paragraph.start_s, paragraph.moment))
    attributes = _language_attributes(paragraph.text, outline)
    quote = shorten(paragraph.text, _MAX_QUOTE_CHARACTERS)
    citation_attributes = _cite(page, number, paragraph.start_s, outline, moment=paragraph.moment, quote=quote)
    yield f'<p class="spoken" id="{name}"{attributes}{citation_attributes}><span class="time">{timestamp}</span> {_style(paragraph)}</p>\n'


def _style(paragraph: Paragraph) -> str:
    return markup(paragraph.runs, escape, {style: (f"<{tag}>", f"</{tag}>") for style, tag in _STYLE_TAGS.items()})


def _cite(page: Page, number: int, time_s: float, outline: Outline, *, moment: str = "", quote: str = "") -> str:
    """Return the attributes from which the script makes a citation."""
    citation = outline.citation(page, time_s, moment=moment, quote=quote)
    quote_attribute = f' data-quote="{escape(quote)}"' if quote else ""
    return f' data-page="{number - 1}" data-clock="{citation.clock}" data-url="{escape(citation.url)}"{quote_attribute}'


def _slide_text(page: Page, outline: Outline) -> Iterator[str]:
    """Yield the text of the slide: listings are shown, the rest opens."""
    if not page.slide_text:
        return
    state = " open" if any(block.is_code for block in page.slide_text) else ""
    yield f'<details class="slide-text"{state}><summary>{escape(outline.labels.slide_text)}</summary>\n'
    for block in page.slide_text:
        yield from _text_block(block, outline)
    yield "</details>\n"


def _speaker_notes(page: Page, outline: Outline) -> Iterator[str]:
    if page.speaker_notes:
        yield f'<details class="slide-text" open><summary>{escape(outline.labels.speaker_notes)}</summary>\n'
        yield from (f"<p{_language_attributes(line, outline)}>{escape(line)}</p>\n" for line in page.speaker_notes)
        yield "</details>\n"


def _text_block(block: TextBlock, outline: Outline) -> Iterator[str]:
    if block.is_code:
        yield '<div class="listing"><pre dir="ltr"><code>' + "\n".join(map(escape, block.lines)) + "</code></pre></div>\n"
        return
    yield "<ul>\n"
    for line in block.lines:
        yield f"<li{_language_attributes(line, outline)}>{escape(line)}</li>\n"
    yield "</ul>\n"


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
    return f'<span class="time">{_link(outline.clock_range(time), outline.link_to(time.start_s))}</span>'


def _link(markup: str, url: str) -> str:
    return f'<a href="{escape(url)}">{markup}</a>' if url else markup


def _language_attributes(text: str, outline: Outline) -> str:
    """Return lang and dir attributes for a text, which may differ from the page's."""
    direction = "rtl" if is_right_to_left(text) else "ltr"
    return f' lang="{detect_language(text, outline.language)}" dir="{direction}"'


FORMAT = DocumentFormat(
    "html",
    "html",
    "text/html; charset=utf-8",
    render,
    "Web page",
    "One HTML file with embedded pictures, a list of contents, and buttons that copy listings and citations.",
    version=2,
)
