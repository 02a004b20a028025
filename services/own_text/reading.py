"""Reads a text: plain text and Markdown in Unicode or Windows-1252, and Word documents."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree

import errors
from domain import Mark, Style
from lib.text import clean_inline, clean_text
from lib.untrusted_xml import DoctypeForbidden, parse_xml
from services.transcript_text.markup import MAX_HEADING_LENGTH, MarkedText, parse

MAX_BYTES = 16 * 2**20
MAX_CHARACTERS = 4_000_000
_MAX_XML_BYTES = 64 * 2**20
_SMALL_XML_BYTES = 8 * 2**20
_MAX_GROWTH = 100  # of a larger document that is unpacked; texts grow to ten or twenty times their compressed size
WORD_NAMESPACE = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STYLES = {"i": Style.ITALIC, "b": Style.BOLD}
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def read_own_text(content: bytes) -> MarkedText:
    """Return the text with its headings, paragraphs and styles. Raises UnreadableText."""
    if len(content) > MAX_BYTES:
        raise errors.UnreadableText(f"It has {len(content)} bytes, the limit is {MAX_BYTES}.")
    text = _read_word(content) if content.startswith(b"PK\x03\x04") else _read_plain(content)
    if len(text.text) > MAX_CHARACTERS:
        raise errors.UnreadableText(f"It has more than {MAX_CHARACTERS} characters.")
    if not text.text.strip():
        raise errors.UnreadableText("It has no words.")
    return text


def _read_plain(content: bytes) -> MarkedText:
    encoding = next((name for mark, name in _BOMS if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        text = content.decode("windows-1252", errors="replace")
    if "\0" in text:
        raise errors.UnreadableText("It is not a text.")
    if "-->" in text and any("-->" in line and ":" in line for line in text.splitlines()):
        raise errors.UnreadableText("It has times.")
    return parse("\n".join(map(clean_inline, text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))))


def _read_word(content: bytes) -> MarkedText:
    """Return the text of word/document.xml without the deletions of tracked changes."""
    return _assemble(list(word_document(content).iter(f"{WORD_NAMESPACE}p")))


def word_document(content: bytes) -> ElementTree.Element:
    """Return the root of word/document.xml. Raises UnreadableText."""
    if len(content) > MAX_BYTES:
        raise errors.UnreadableText(f"It has {len(content)} bytes, the limit is {MAX_BYTES}.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open("word/document.xml") as file:
            max_bytes = min(_MAX_XML_BYTES, max(_SMALL_XML_BYTES, _MAX_GROWTH * archive.getinfo("word/document.xml").compress_size))
            xml = file.read(max_bytes + 1)
        if len(xml) > max_bytes:
            raise errors.UnreadableText("The Word document is too large, or it defines entities.")
        return parse_xml(xml)
    except DoctypeForbidden:
        raise errors.UnreadableText("The Word document is too large, or it defines entities.") from None
    except (zipfile.BadZipFile, KeyError, ElementTree.ParseError, EOFError, NotImplementedError, RuntimeError) as error:
        raise errors.UnreadableText(f"It is not a Word document ({type(error).__name__}).") from None


def _assemble(paragraphs: list[ElementTree.Element]) -> MarkedText:
    plain = ""
    styles: list[tuple[int, int, Style]] = []
    breaks: list[tuple[int, Mark]] = []
    for paragraph in paragraphs:
        level = heading_level(paragraph)
        parts = list(runs(paragraph))
        text = "".join(part for part, _ in parts)
        if not text.strip():
            continue
        plain += "\n\n" if plain else ""  # in place, as an f-string would not be
        if level and len(clean_text(text)) <= MAX_HEADING_LENGTH:
            breaks.append((len(plain), Mark(starts_paragraph=True, heading=clean_text(text), heading_level=level)))
            continue
        breaks.append((len(plain), Mark(starts_paragraph=True)))
        for part, run_styles in parts:
            styles += [(len(plain), len(plain) + len(part), style) for style in run_styles]
            plain += part
    return MarkedText(plain, tuple(styles), tuple(breaks))


def heading_level(paragraph: ElementTree.Element) -> int:
    """Return the level of a heading, counted from 1; 0 for other paragraphs."""
    style = paragraph.find(f"{WORD_NAMESPACE}pPr/{WORD_NAMESPACE}pStyle")
    name = (style.get(f"{WORD_NAMESPACE}val") or "").lower() if style is not None else ""
    if name == "title":
        return 1
    return min(int(name[7:8] or 1), 3) if name.startswith("heading") and (name[7:8] or "1").isdigit() else 0


def runs(paragraph: ElementTree.Element) -> Iterator[tuple[str, tuple[Style, ...]]]:
    """Yield the runs of a paragraph with their styles, without those of paragraphs inside of it, such as the ones of a text box."""
    for run in _runs(paragraph):
        properties = run.find(f"{WORD_NAMESPACE}rPr")
        styles = tuple(
            style for tag, style in _STYLES.items() if properties is not None and _is_on(properties.find(f"{WORD_NAMESPACE}{tag}"))
        )
        alignment = properties.find(f"{WORD_NAMESPACE}vertAlign") if properties is not None else None
        if alignment is not None and alignment.get(f"{WORD_NAMESPACE}val") in tuple(Style):
            styles = (*styles, Style(str(alignment.get(f"{WORD_NAMESPACE}val"))))
        text = "".join(
            (each.text or "") if each.tag == f"{WORD_NAMESPACE}t" else " "
            for each in run
            if each.tag in (f"{WORD_NAMESPACE}t", f"{WORD_NAMESPACE}tab", f"{WORD_NAMESPACE}br")
        )
        if text:
            yield clean_inline(text), styles


def _runs(parent: ElementTree.Element) -> Iterator[ElementTree.Element]:
    for child in parent:
        if child.tag == f"{WORD_NAMESPACE}p":
            continue
        if child.tag == f"{WORD_NAMESPACE}r":
            yield child
        yield from _runs(child)


def _is_on(element: ElementTree.Element | None) -> bool:
    return element is not None and element.get(f"{WORD_NAMESPACE}val", "true") not in ("0", "false", "none")
