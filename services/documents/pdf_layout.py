"""Convert the outline to plain data for the Typst template, which contains only the design."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from statistics import median
from typing import Any

from domain import Box, OcrWord, TimeRange
from lib.text import UNSPACED_CHARACTER, clean_text
from services.documents.back_matter import Entry, Place
from services.documents.ocr_lines import ocr_lines
from services.documents.outline import MIN_PAGES_FOR_CONTENTS, Fact, Outline, Page, Paragraph, page_heading
from services.documents.pictures import picture_alt, picture_size
from services.documents.port import Layout, RenderOptions
from services.documents.qr_codes import render_qr_code
from services.documents.runs import visible
from services.documents.text import detect_language, is_right_to_left, language_code, shorten

_MIN_CONTENTS = {"page": MIN_PAGES_FOR_CONTENTS, "compact": 12, "text": 12}
_MAX_CONTENTS_LINES_ON_COVER = 14
_CONTENTS_LINE_LENGTH = 60
TYPST_PAPERS = {"a4": "a4", "letter": "us-letter"}
_MAX_FOOTER_LENGTH = 70
_MIN_WORD_GAP = 0.2  # of the height of the words


def build_template_data(outline: Outline, options: RenderOptions, entries: Sequence[Entry] = ()) -> dict[str, Any]:
    """Return the data of the template. `entries`: the terms of the glossary and the index."""
    labels = outline.labels
    back_matter_count = bool(entries) + any(entry.defined_at for entry in entries)  # the contents list the index and the glossary too
    has_cover = outline.needs_cover(options)
    data: dict[str, Any] = {
        "paper": TYPST_PAPERS[options.paper],
        "layout": options.layout,
        "title": text_item(outline.title, outline.language),
        "footer": text_item(shorten(outline.title, _MAX_FOOTER_LENGTH), outline.language),
        "watermark": text_item(options.watermark, "en"),
        "language": language_code(outline.language),
        "right_to_left": outline.is_right_to_left,
        "label": {
            "notes": labels.notes,
            "contents": labels.contents,
            "shown_again": labels.shown_again,
            "page": labels.page,
            "glossary": labels.glossary,
            "speaker_notes": labels.speaker_notes,
            "index": labels.index,
        },
        "facts": [_fact(fact, outline) for fact in outline.facts],
        "has_cover": has_cover,
        "cover": _picture(outline.cover, outline) if outline.cover and has_cover else None,
        "contents": _place_of_contents(outline, options.layout, back_matter_count),
        "contents_lines": _contents_lines(outline) + back_matter_count,
        "contents_level": 2 if outline.topics else 1,
        "pages": [
            {**_page(page, f"page-{number}", outline, options), **references}
            for number, (page, references) in enumerate(zip(outline.pages, _references(outline.pages), strict=True), 1)
        ],
        "index": [_entry(entry, outline) for entry in entries],
        "glossary": [_definition(entry, outline) for entry in entries if entry.defined_at],
    }
    data["languages"] = sorted({"en", data["language"], *_languages_in(data)})
    return data


def _place_of_contents(outline: Outline, layout: Layout, back_matter_count: int) -> str:
    """Return "cover" for contents below the title, "page" for a page of their own after the cover, "" for none."""
    if outline.topics and layout != "handout":
        return "cover"
    count = len(outline.pages)
    if count < _MIN_CONTENTS.get(layout, count + 1):
        return ""
    return "page" if layout == "page" and _contents_lines(outline) + back_matter_count > _MAX_CONTENTS_LINES_ON_COVER else "cover"


def _contents_lines(outline: Outline) -> int:
    return sum(1 + len(page.title) // _CONTENTS_LINE_LENGTH for page in outline.pages)


def _references(pages: Sequence[Page]) -> Iterator[dict[str, Any]]:
    """Yield the labels of each page.

    `label`: its own; `first`: that of the first page with the same slide, "" if this is the first; `again`: those of the later ones.
    """
    labels = [f"page-{number}" for number in range(1, len(pages) + 1)]
    by_slide: dict[int, list[str]] = {}
    for page, label in zip(pages, labels, strict=True):
        if page.slide:
            by_slide.setdefault(page.slide.number, []).append(label)
    for page, label in zip(pages, labels, strict=True):
        slide_labels = by_slide[page.slide.number] if page.slide else [label]
        yield {
            "label": label,
            "first": "" if slide_labels[0] == label else slide_labels[0],
            "again": slide_labels[slide_labels.index(label) + 1 :],
        }


def _fact(fact: Fact, outline: Outline) -> dict[str, Any]:
    return {"label": fact.label, "value": text_item(shorten(fact.value, 160), outline.language), "url": fact.url}


def _entry(entry: Entry, outline: Outline) -> dict[str, Any]:
    places = {_label(place): list(place.positions) for place in entry.places}
    first = _moment(entry.places[0], outline) if places else None
    return {**text_item(entry.text, outline.language), "places": list(places.items()), "first": first}


def _definition(entry: Entry, outline: Outline) -> dict[str, Any]:
    assert entry.defined_at
    sentence = text_item(entry.definition, outline.language)
    return {"term": text_item(entry.text, outline.language), "sentence": sentence, **_moment(entry.defined_at, outline)}


def _moment(place: Place, outline: Outline) -> dict[str, str]:
    return {"label": _label(place), "clock": outline.clock(place.time_s), "url": outline.link_to(place.time_s)}


def _label(place: Place) -> str:
    """Return the label in the template of a page, or of a paragraph."""
    return f"page-{place.page + 1}" + ("" if place.paragraph is None else f"-{place.paragraph + 1}")


def _page(page: Page, label: str, outline: Outline, options: RenderOptions) -> dict[str, Any]:
    numbers = itertools.count(1)
    first = page.passages[0].time.start_s if page.passages else 0.0
    return {
        "heading": text_item(page_heading(page, outline.labels), outline.language),
        "clock": outline.clock(first),
        "slide_label": f"{outline.labels.slide} {page.slide.number}" if page.slide and page.title else "",
        "times": [_time(passage.time, outline) for passage in page.passages],
        "qr": _qr(outline.link_to(first)) if options.qr_codes and page.passages else None,
        "picture": _picture(page, outline) if options.layout != "text" else None,
        "speaker_notes": [text_item(line, outline.language) for line in page.speaker_notes],
        "passages": [
            {
                "revisit": _time(passage.time, outline) if order and passage.paragraphs else None,
                "paragraphs": [{**_paragraph(each, outline, options), "label": f"{label}-{next(numbers)}"} for each in passage.paragraphs],
            }
            for order, passage in enumerate(page.passages)
        ],
    }


def _qr(url: str) -> dict[str, str] | None:
    return {"svg": render_qr_code(url), "url": url} if url else None


def _time(time: TimeRange, outline: Outline) -> dict[str, str]:
    return {"text": outline.clock_range(time), "url": outline.link_to(time.start_s)}


def _paragraph(paragraph: Paragraph, outline: Outline, options: RenderOptions) -> dict[str, Any]:
    link = outline.link_to(paragraph.start_s, paragraph.moment)
    item = text_item(paragraph.text, outline.language)
    return {
        **item,
        "clock": outline.clock(paragraph.start_s),
        "url": link,
        "runs": [{"text": run.text, "styles": [str(style) for style in run.styles]} for run in visible(paragraph.runs)],
        "heading": _heading(paragraph, link, outline, options) if paragraph.heading else None,
    }


def _heading(paragraph: Paragraph, link: str, outline: Outline, options: RenderOptions) -> dict[str, Any]:
    item = text_item(paragraph.heading, outline.language)
    return {**item, "level": paragraph.heading_level + 1, "qr": _qr(link) if options.qr_codes else None}


def text_item(text: str, expected_language: str) -> dict[str, Any]:
    """Return a text with its language and direction. `expected_language`: that of the notes."""
    return {"text": text, "language": detect_language(text, expected_language), "right_to_left": is_right_to_left(text)}


def _picture(page: Page, outline: Outline) -> dict[str, Any] | None:
    if page.image is None or page.slide is None:
        return None
    width, height = picture_size(page.slide, page.image)
    alt = picture_alt(page, outline.labels)
    lines = [_line(line) for line in ocr_lines(page.slide.ocr)]
    return {
        "file": f"drawings/{page.image.name}.svg",
        "width": width,
        "height": height,
        "alt": alt,
        "lines": [line for line in lines if line],
    }


def _line(words: Sequence[OcrWord]) -> list[dict[str, Any]]:
    """Return a line's words with the height of the line, for an even text selection; words of a slanted line keep their own."""
    top = min(word.box.y for word in words)
    bottom = max(word.box.y + word.box.height for word in words)
    straight = bottom - top <= 2.2 * median(word.box.height for word in words)
    items = []
    for word, box in zip(words, _separate_boxes(words), strict=True):
        y, height = (top, bottom - top) if straight else (box.y, box.height)
        if text := clean_text(word.text):
            items.append({"text": text, "x": box.x, "y": y, "width": box.width, "height": height})
    return items


def _separate_boxes(words: Sequence[OcrWord]) -> list[Box]:
    """Return the boxes of a line's words, made narrower where two touch: programs that read a PDF would take them for one word."""
    boxes = [word.box for word in words]
    for index, (word, next_word) in enumerate(itertools.pairwise(words)):
        if UNSPACED_CHARACTER.search(word.text[-1:] + next_word.text[:1]):
            continue
        is_reversed = next_word.box.x < word.box.x  # in languages that are written from right to left
        left, right = (index + 1, index) if is_reversed else (index, index + 1)
        gap = _MIN_WORD_GAP * min(boxes[left].height, boxes[right].height)
        surplus = boxes[left].x + boxes[left].width + gap - boxes[right].x
        if surplus > 0:
            width = max(boxes[left].width - round(surplus), boxes[left].width // 2)
            boxes[left] = replace(boxes[left], width=width)
    return boxes


def _languages_in(data: Any) -> set[str]:
    languages: set[str] = set()
    containers = [data]
    while containers:
        value = containers.pop()
        if isinstance(value, dict) and isinstance(value.get("language"), str):
            languages.add(value["language"])
        items = value.values() if isinstance(value, dict) else value
        containers += [item for item in items if isinstance(item, dict | list)]
    return languages
