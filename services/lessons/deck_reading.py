"""Reads decks: PPTX (slides, tables, charts and notes) and PDF (pages, with the notes of comments). Runs in a child process with limits.

Only the XML parts that are needed are read, each with a limit. Macros, links to other files and embedded files are never opened; a file
that hides macros, or that loads objects from an address when PowerPoint opens it, is refused.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast
from urllib.parse import unquote
from xml.etree import ElementTree

import errors
from lib.text import clean_text
from lib.untrusted_xml import DoctypeForbidden, parse_xml
from services.lessons import pdf_text
from services.lessons.deck_columns import TextShape, columns_of
from services.lessons.source import MAX_DECK_SLIDES, DeckChart, DeckSlide

MAX_BYTES = 100 * 2**20
_MAX_PART_BYTES = 8 * 2**20
_MAX_PARTS_BYTES = 48 * 2**20  # of all parts that are read; one that is read twice counts twice
_MAX_PDF_PAGE_BYTES = 2 * 2**20
_PDF_LIMITS: Mapping[str, Any] = {
    **dict.fromkeys((f"{name}_maximum_output_length" for name in ("zlib", "lzw", "run_length", "array_based_stream")), 8 * 2**20),
    "stream_decoding_work_maximum_length": 64 * 2**20,
    "stream_parsing_work_maximum_count": 500_000,
    "xform_maximum_invocations_per_extraction": 200,
}
_MAX_ENTRIES = 20_000
_MAX_LINES = 40
_MAX_LINE_CHARS = 2000
_MAX_NOTES_CHARS = 8000
_MAX_ROWS, _MAX_COLUMNS = 40, 8
_MAX_POINTS = 30
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_MACROS = re.compile(r"(?:^|/)vbaProject\.bin$", re.IGNORECASE)
_LOADED_KINDS = ("attachedTemplate", "control", "externalLink", "frame", "oleObject", "package", "slide", "slideMaster", "subDocument")
_ADDRESS = re.compile(r"(?!file:)[a-z][a-z0-9+.-]+:|\\\\|//", re.IGNORECASE)
_IGNORED_PLACEHOLDERS = ("dt", "ftr", "sldNum", "hdr")
_Form = Literal["bar", "line", "pie"]
_PLOTS: Mapping[_Form, tuple[str, ...]] = {
    "bar": ("barChart", "bar3DChart"),
    "line": ("lineChart", "line3DChart", "areaChart"),
    "pie": ("pieChart", "pie3DChart", "doughnutChart"),
}
_FORMS = {f"{_C}{name}": form for form, names in _PLOTS.items() for name in names}
_BULLET = re.compile(r"^[•‣▪◦●○■–—·*\-]\s+")
_PAGE_NUMBER = re.compile(r"^\d{1,4}(\s*/\s*\d{1,4})?$")


@dataclass(frozen=True)
class Deck:
    """A deck: its title and slides; or, for a PDF of running text, its `text` as Markdown and no slides."""

    title: str
    slides: tuple[DeckSlide, ...] = ()
    text: str = ""


def read_deck(path: Path, *, may_have_macros: bool = True, may_be_text: bool = False, needs_text: bool = True) -> Deck:
    """Return a deck. Macros are never run. `may_be_text`: a PDF of running text is read as one.

    `needs_text`: refuse a deck without any text; otherwise only a PPTX, whose pages nobody draws.

    Raises UnreadableDeck, UnsafeDeck and DeckTooLarge.
    """
    if path.stat().st_size > MAX_BYTES:
        raise errors.DeckTooLarge(f"It has {path.stat().st_size} bytes.")
    with path.open("rb") as file:
        start = file.read(1024)
    is_pptx = start.startswith(b"PK\x03\x04")
    if is_pptx:
        deck = _read_pptx(path, may_have_macros)
    elif b"%PDF-" in start:
        deck = _read_pdf(path, may_be_text)
    else:
        raise errors.UnreadableDeck("It is neither a PPTX file nor a PDF.")
    has_text = deck.text.strip() or any(slide != DeckSlide() for slide in deck.slides)
    if (needs_text or is_pptx) and not has_text:
        raise errors.UnreadableDeck("No slide has any text.")
    return deck


# ---------------------------------------------------------------- PPTX


def _read_pptx(path: Path, may_have_macros: bool) -> Deck:
    try:
        with zipfile.ZipFile(path) as archive:
            if len(archive.infolist()) > _MAX_ENTRIES:
                raise errors.DeckTooLarge("It has too many parts.")
            if not may_have_macros and any(_MACROS.search(name) for name in archive.namelist()):
                raise errors.UnsafeDeck("It contains macros, but its name does not end in .pptm.")
            package = _Package(archive)
            names = package.slide_names()
            if len(names) > MAX_DECK_SLIDES:
                raise errors.DeckTooLarge(f"It has {len(names)} slides.")
            return Deck(package.title(), tuple(package.slide(name) for name in names))
    except (zipfile.BadZipFile, ElementTree.ParseError, KeyError, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise errors.UnreadableDeck(f"It is not a PowerPoint file ({type(error).__name__}).") from None


class _Package:
    """The parts of a PPTX file."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive, self._read_bytes = archive, 0

    def slide_names(self) -> list[str]:
        """Return the parts of the shown slides, in the order of the presentation."""
        root = self._xml("ppt/presentation.xml")
        targets = self._targets("ppt/presentation.xml")
        ids = [each.get(f"{_R}id") or "" for each in root.iter(f"{_P}sldId")]
        return list(dict.fromkeys(targets[each] for each in ids if each in targets))

    def title(self) -> str:
        try:
            root = self._xml("docProps/core.xml")
        except KeyError:
            return ""
        text = clean_text(root.findtext("{http://purl.org/dc/elements/1.1/}title") or "")[:500]
        return (
            ""
            if text.lower() in ("powerpoint presentation", "presentation", "powerpoint-präsentation", "présentation powerpoint")
            else text
        )

    def slide(self, name: str) -> DeckSlide:
        root = self._xml(name)
        targets = self._targets(name)
        title, subtitle = "", ""
        lines: list[str] = []
        shapes = []
        for shape in root.iter(f"{_P}sp"):
            kind = _placeholder(shape)
            paragraphs = [] if kind in _IGNORED_PLACEHOLDERS else list(_paragraphs(shape))
            if kind in ("title", "ctrTitle") and not title:
                title = " ".join(paragraphs)
            elif kind == "subTitle" and not subtitle:
                subtitle = " ".join(paragraphs)
            elif paragraphs:
                lines += paragraphs
                shapes.append(TextShape(shape, kind, tuple(line[:_MAX_LINE_CHARS] for line in paragraphs)))
        tables = tuple(table for each in root.iter(f"{_A}tbl") if (table := _table(each)))
        charts = tuple(
            chart for each in root.iter(f"{_C}chart") if (chart := self._chart(targets.get(each.get(f"{_R}id") or ""))) is not None
        )
        notes = next((self._notes(target) for target in targets.values() if "/notesSlides/" in f"/{target}"), "")
        return DeckSlide(
            title=title[:500],
            subtitle=subtitle[:500],
            lines=tuple(line[:_MAX_LINE_CHARS] for line in lines[:_MAX_LINES]),
            columns=columns_of(shapes) if len(lines) <= _MAX_LINES else (),
            tables=tables,
            charts=charts,
            notes=notes,
        )

    def _notes(self, name: str) -> str:
        shapes = self._xml(name).iter(f"{_P}sp")
        return "\n".join(line for shape in shapes if _placeholder(shape) == "body" for line in _paragraphs(shape))[:_MAX_NOTES_CHARS]

    def _chart(self, name: str | None) -> DeckChart | None:
        if name is None:
            return None
        plot = next((each for each in self._xml(name).iter() if each.tag in _FORMS), None)
        if plot is None:
            return None
        labels: list[str] = []
        series = []
        for each in plot.findall(f"{_C}ser"):
            points = [clean_text(text or "") for text in _read_values(each.find(f"{_C}cat"))]
            values = [_as_float(text) for text in _read_values(each.find(f"{_C}val"))]
            labels = labels or points or [str(number) for number in range(1, len(values) + 1)]
            name_text = next(iter(_read_values(each.find(f"{_C}tx"))), "") or ""
            series.append((clean_text(name_text)[:500], tuple(values[:_MAX_POINTS])))
        if not labels or not series:
            return None
        return DeckChart(form=_FORMS[plot.tag], labels=tuple(label[:200] for label in labels[:_MAX_POINTS]), series=tuple(series[:6]))

    def _targets(self, name: str) -> dict[str, str]:
        """Return the parts that a part refers to, by id; links to other files and addresses are left out. Raises UnsafeDeck."""
        folder, _, file = name.rpartition("/")
        try:
            root = self._xml(f"{folder}/_rels/{file}.rels")
        except KeyError:
            return {}
        targets = {}
        for each in root.iter(_RELATIONSHIP):
            target = unquote(each.get("Target") or "")
            kind = (each.get("Type") or "").rpartition("/")[2]
            if each.get("TargetMode") == "External":
                if kind in _LOADED_KINDS and _ADDRESS.match(target):
                    raise errors.UnsafeDeck(f"It loads an external {kind} from an address.")
            elif target:
                path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"{folder}/{target}")
                targets[each.get("Id") or ""] = path
        return targets

    def _xml(self, name: str) -> ElementTree.Element:
        """Parse a part. Raises KeyError for a missing one, UnreadableDeck for entities, DeckTooLarge for one that is too large."""
        with self._archive.open(name) as file:
            content = file.read(_MAX_PART_BYTES + 1)
        self._read_bytes += len(content)
        if len(content) > _MAX_PART_BYTES or self._read_bytes > _MAX_PARTS_BYTES:
            raise errors.DeckTooLarge("Its parts are too large when they are unpacked.")
        try:
            return parse_xml(content)
        except DoctypeForbidden:
            raise errors.UnreadableDeck("It defines entities, which PowerPoint never does.") from None


def _placeholder(shape: ElementTree.Element) -> str:
    """Return the kind of a placeholder; "" for another shape, "body" for a placeholder without a kind."""
    element = shape.find(f"{_P}nvSpPr/{_P}nvPr/{_P}ph")
    return "" if element is None else element.get("type") or "body"


def _paragraphs(shape: ElementTree.Element) -> Iterator[str]:
    body = shape.find(f"{_P}txBody")
    for paragraph in body.findall(f"{_A}p") if body is not None else ():
        text = clean_text(_text_of(paragraph))
        if text:
            yield text


def _text_of(paragraph: ElementTree.Element) -> str:
    return "".join(
        (each.text or "") if each.tag == f"{_A}t" else " " for each in paragraph.iter() if each.tag in (f"{_A}t", f"{_A}br", f"{_A}tab")
    )


def _table(element: ElementTree.Element) -> tuple[tuple[str, ...], ...]:
    rows = [
        tuple(clean_text(" ".join(map(_text_of, cell.iter(f"{_A}p"))))[:500] for cell in row.findall(f"{_A}tc")[:_MAX_COLUMNS])
        for row in element.findall(f"{_A}tr")[:_MAX_ROWS]
    ]
    width = max(map(len, rows), default=0)
    return tuple((*row, *[""] * (width - len(row))) for row in rows if any(row)) if width else ()


def _read_values(element: ElementTree.Element | None) -> list[str | None]:
    """Return the values that a chart stores, by their index."""
    if element is None:
        return []
    points = {int(point.get("idx") or 0): point.findtext(f"{_C}v") for point in element.iter(f"{_C}pt")}
    return [points.get(index) for index in range(min(max(points, default=-1) + 1, 1000))]


def _as_float(text: str | None) -> float:
    try:
        value = float(text or 0)
    except ValueError:
        return 0.0
    return value if abs(value) < 1e15 else 0.0


# ---------------------------------------------------------------- PDF


def _read_pdf(path: Path, may_be_text: bool) -> Deck:
    from pypdf import PdfReader, apply_configuration
    from pypdf.errors import LimitReachedError, PyPdfError

    try:
        with apply_configuration(**_PDF_LIMITS):
            reader = PdfReader(io.BytesIO(path.read_bytes()))
            if reader.is_encrypted and not reader.decrypt(""):
                raise errors.UnreadableDeck("It is encrypted.", hint="Save it without a password.")
            if len(reader.pages) > MAX_DECK_SLIDES:
                raise errors.DeckTooLarge(f"It has {len(reader.pages)} pages.")
            for page in reader.pages:
                _check_size(page)
            pages = [pdf_text.lines_of(page) for page in reader.pages]
            metadata = reader.metadata
            title = clean_text(str(metadata.title or ""))[:500] if metadata else ""
            if may_be_text and pdf_text.is_running_text(pages, [page.mediabox.height > page.mediabox.width for page in reader.pages]):
                return Deck(title, text=pdf_text.to_markdown(pages))
            slides = tuple(_page(page, [line.text for line in lines]) for page, lines in zip(reader.pages, pages, strict=True))
    except LimitReachedError:
        raise errors.DeckTooLarge("Its pages are too large when they are unpacked.") from None
    except (PyPdfError, KeyError, ValueError, TypeError, AttributeError, IndexError, AssertionError, RecursionError, OSError) as error:
        raise errors.UnreadableDeck(f"It is not a valid PDF ({type(error).__name__}).") from None
    return Deck(title, slides)


def _check_size(page: Any) -> None:
    """Raise DeckTooLarge for a page that would take long to read."""
    content = page.get_contents()
    if content is not None and len(content.get_data()) > _MAX_PDF_PAGE_BYTES:
        raise errors.DeckTooLarge("A page has too much content.")


def _page(page: Any, lines: list[str]) -> DeckSlide:
    """Return a page: its first line is the title; comments (text annotations) are the notes."""
    lines = [line for line in lines if not _PAGE_NUMBER.match(line)]
    title = lines[0] if lines and len(lines[0]) <= 150 and not _BULLET.match(lines[0]) else ""
    body = _join(lines[1:] if title else lines)
    notes = [clean_text(str(each.get("/Contents") or "")) for each in _annotations(page) if each.get("/Subtype") in ("/Text", "/FreeText")]
    slide_lines = tuple(line[:_MAX_LINE_CHARS] for line in body[:_MAX_LINES])
    return DeckSlide(title=title, lines=slide_lines, notes="\n".join(filter(None, notes))[:_MAX_NOTES_CHARS])


def _annotations(page: Any) -> Iterator[dict[str, Any]]:
    annotations = page.get("/Annots")
    for each in annotations.get_object() if annotations is not None else ():
        yield cast("dict[str, Any]", each.get_object())


def _join(lines: list[str]) -> list[str]:
    """Return items and paragraphs: a line that begins in small letters continues the one before it."""
    paragraphs: list[str] = []
    for line in lines:
        if paragraphs and line[:1].islower() and not _BULLET.match(line):
            paragraphs[-1] = f"{paragraphs[-1]} {line}"
        else:
            paragraphs.append(_BULLET.sub("", line))
    return paragraphs
