"""The glossary and the index of the HTML document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from services.documents.back_matter import Entry, Place
from services.documents.outline import Outline, page_heading
from services.documents.text import detect_language, is_right_to_left


def paragraph_id(page: int, paragraph: int) -> str:
    """Return the id of a paragraph; both count from 0."""
    return f"p{page + 1}-{paragraph + 1}"


def back_matter(entries: Sequence[Entry], outline: Outline) -> Iterator[str]:
    """Yield the two sections, nothing without entries."""
    definitions = [(entry, entry.defined_at) for entry in entries if entry.defined_at is not None]
    if definitions:
        yield f'<section id="glossary">\n<h2>{escape(outline.labels.glossary)}</h2>\n<dl class="glossary">\n'
        for entry, place in definitions:
            yield f"<div><dt>{_text(entry.text, outline)}</dt><dd>{_text(entry.definition, outline)} {_link(place, outline)}</dd></div>\n"
        yield "</dl>\n</section>\n"
    if entries:
        yield f'<section id="index">\n<h2>{escape(outline.labels.index)}</h2>\n<ul class="index">\n'
        for entry in entries:
            yield f"<li>{_text(entry.text, outline)} {', '.join(_link(place, outline) for place in _first_per_page(entry.places))}</li>\n"
        yield "</ul>\n</section>\n"


def _first_per_page(places: Sequence[Place]) -> list[Place]:
    """Return the first place on each page."""
    first: dict[int, Place] = {}
    for place in places:
        first.setdefault(place.page, place)
    return list(first.values())


def _link(place: Place, outline: Outline) -> str:
    target = f"p{place.page + 1}" if place.paragraph is None else paragraph_id(place.page, place.paragraph)
    title = escape(page_heading(outline.pages[place.page], outline.labels))
    return f'<a class="time" href="#{target}" title="{title}">{outline.clock(place.time_s)}</a>'


def _text(text: str, outline: Outline) -> str:
    direction = "rtl" if is_right_to_left(text) else "ltr"
    return f'<span lang="{detect_language(text, outline.language)}" dir="{direction}">{escape(text)}</span>'
