"""Reads Word documents as Markdown: headings, paragraphs, lists and tables. Runs in a child process with limits."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

import errors
from lib.text import clean_text
from services.lessons.plain_layout import escape_paragraph
from services.own_text.reading import WORD_NAMESPACE as W
from services.own_text.reading import heading_level, runs, word_document

_CONTAINERS = tuple(f"{W}{name}" for name in ("body", "sdt", "sdtContent", "customXml", "smartTag", "ins"))
_MAX_COLUMNS = 63  # Word's own limit
_MAX_DEPTH = 20
_LIST_STYLES = ("list", "aufzhlung", "liste")  # styles that Word and LibreOffice number without properties of their own


def read_word(content: bytes) -> str:
    """Return a Word document as Markdown. Raises UnreadableText."""
    text = ""
    was_item = False
    for markdown, is_item in _blocks(word_document(content), 0):
        gap = "\n" if is_item and was_item else "\n\n"
        text += (gap if text else "") + markdown
        was_item = is_item
    if not text.strip():
        raise errors.UnreadableText("It has no words.")
    return text


def _blocks(parent: Element, depth: int) -> Iterator[tuple[str, bool]]:
    """Yield blocks in their order, and whether each is the item of a list."""
    if depth > _MAX_DEPTH:
        raise errors.UnreadableText(f"Its text is nested more than {_MAX_DEPTH} levels deep.")
    for element in parent:
        if element.tag == f"{W}p":
            for paragraph in element.iter(f"{W}p"):  # also those of text boxes in it
                yield from _paragraph(paragraph)
        elif element.tag == f"{W}tbl":
            table = _table(element)
            if table:
                yield table, False
        elif element.tag in _CONTAINERS:
            yield from _blocks(element, depth + 1)


def _paragraph(paragraph: Element) -> Iterator[tuple[str, bool]]:
    text = clean_text("".join(part for part, _ in runs(paragraph)))
    level = _list_level(paragraph)
    if text and heading_level(paragraph):
        yield f"{'#' * heading_level(paragraph)} {text}", False
    elif text and level is not None:
        yield f"{'  ' * level}- {escape_paragraph(text)}", True
    elif text:
        yield escape_paragraph(text), False


def _list_level(paragraph: Element) -> int | None:
    """Return how deep an item of a list is, from 0; None for other paragraphs."""
    properties = paragraph.find(f"{W}pPr")
    numbering = properties.find(f"{W}numPr") if properties is not None else None
    if numbering is not None:
        number, level = numbering.find(f"{W}numId"), numbering.find(f"{W}ilvl")
        if number is not None and number.get(f"{W}val") == "0":
            return None  # the numbering of the style is turned off
        value = (level.get(f"{W}val") or "0") if level is not None else "0"
        return min(int(value), 8) if value.isascii() and value.isdigit() else 0
    style = properties.find(f"{W}pStyle") if properties is not None else None
    name = (style.get(f"{W}val") or "").lower() if style is not None else ""
    return 0 if name.startswith(_LIST_STYLES) and name != "listparagraph" else None


def _table(element: Element) -> str:
    rows = [[_cell(cell) for cell in row.findall(f"{W}tc")] for row in element.findall(f"{W}tr")]
    rows = [row for row in rows if any(row)]
    width = max(map(len, rows), default=0)
    if not width:
        return ""
    if width > _MAX_COLUMNS:
        raise errors.UnreadableText(f"It has a table of {width} columns, the limit is {_MAX_COLUMNS}.")
    if width == 1 or len(rows) == 1:  # a box around text
        return "\n\n".join(escape_paragraph(cell) for row in rows for cell in row if cell)
    lines = [f"| {' | '.join([*row, *[''] * (width - len(row))])} |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * width, *lines[1:]])


def _cell(cell: Element) -> str:
    paragraphs = (clean_text("".join(part for part, _ in runs(each))) for each in cell.iter(f"{W}p"))
    return " ".join(filter(None, paragraphs)).replace("|", "/")
