"""Reads the pages of a deck in a child process: texts and notes, and of pages that can be drawn also pictures and words with boxes."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import errors
from domain import OcrWord
from lib.process import CancellationCheck, Limits, Report, never_cancelled, run_task
from lib.serialization import read_json, write_json
from services import ocr
from services.documents.ocr_lines import ocr_lines
from services.documents.pdf_words import words_of
from services.lecture_deck import presentations
from services.lecture_deck.pages import DeckPage, DeckPages
from services.lecture_deck.vectors import write_vectors
from services.lessons.deck_reading import read_deck
from services.lessons.source import DeckSlide

DECK_FILE, PAGES_FILE, PICTURES = "deck", "deck.json", "deck_pages"
_PDF_FILE = "deck.pdf"  # of a PPTX
_LIMITS = Limits(timeout_s=600, memory_bytes=2 * 2**30, file_bytes=64 * 2**20)
_PICTURE_WIDTH = 2000  # pixels; over 250 a centimetre on A4 paper
_MAX_PICTURE_HEIGHT = 3000
_JPEG_QUALITY = 92
_MAX_WORDS = 3000  # of a page
_FEW_LETTERS = 20  # a page with fewer is a picture, such as a scan


def read_pages(
    folder: Path, language: str = "", options: ocr.OcrOptions = ocr.OcrOptions(), check: CancellationCheck = never_cancelled
) -> None:
    """Read `deck` of a folder; write deck.json, and pictures into the folder deck_pages. Pages that are pictures are read by OCR.

    `language` is that of the lecture. Raises UnreadableDeck and DeckTooLarge.
    """
    (folder / PICTURES).mkdir(exist_ok=True)
    pages, warning = _read(folder, DECK_FILE, check), ""
    drawable_file = folder / DECK_FILE
    if not any(page.image for page in pages):
        drawable_file = folder / _PDF_FILE
        warning = presentations.write_pdf(folder / DECK_FILE, drawable_file, check)
        if not warning:
            pages = _read(folder, _PDF_FILE, check)
            warning = "" if any(page.image for page in pages) else presentations.FAILED
    write_vectors(drawable_file, [folder / PICTURES / page.image for page in pages if page.image], check)
    pages_to_recognise = _pictures_only(pages)
    words = ocr.read_pictures([folder / PICTURES / page.image for page in pages_to_recognise], language, options, check=check)
    recognised_pages = {page.number: _with_words(page, page_words) for page, page_words in zip(pages_to_recognise, words, strict=True)}
    write_json(
        folder / PAGES_FILE, DeckPages(tuple(recognised_pages.get(page.number, page) for page in pages), (warning,) if warning else ())
    )
    (folder / _PDF_FILE).unlink(missing_ok=True)


def _read(folder: Path, drawable_name: str, check: CancellationCheck) -> Sequence[DeckPage]:
    """Return the pages, with pictures if the file of that name is a PDF with as many pages."""
    try:
        run_task(
            "services.lecture_deck.reading:read_task",
            {"folder": str(folder.absolute()), "drawable_name": drawable_name},
            check=check,
            limits=_LIMITS,
        )
    except (errors.TimedOut, errors.OutOfMemory) as error:
        raise errors.DeckTooLarge("Drawing its pages takes more time or memory than a deck should.") from error
    return read_json(DeckPages, folder / PAGES_FILE).pages


def _pictures_only(pages: Sequence[DeckPage]) -> list[DeckPage]:
    """Return the pages with hardly any own text: text that most pages repeat, such as the name of the course, does not count."""
    counts = Counter(word for page in pages for word in set(page.text.split()))
    usual = {word for word, count in counts.items() if len(pages) > 2 and count > len(pages) / 2}
    letters = [sum(map(len, (word for word in page.text.split() if word not in usual))) for page in pages]
    return [page for page, count in zip(pages, letters, strict=True) if page.image and count < _FEW_LETTERS]


def _with_words(page: DeckPage, words: Sequence[OcrWord]) -> DeckPage:
    """Return the page with the words of its picture, without those that its text has in the same place."""
    new_words = [word for word in words if not any(_overlap(word, each) for each in page.words)]
    first = 1 + max((word.line for word in page.words), default=-1)
    text = "\n".join(" ".join(word.text for word in line) for line in ocr_lines(new_words))
    more_words = tuple(replace(word, line=first + word.line) for word in new_words)
    return replace(page, text="\n".join(filter(None, [page.text, text])), words=page.words + more_words)


def _overlap(one: OcrWord, other: OcrWord) -> bool:
    """Whether the middle of a word's box is in the other one."""
    x, y = one.box.x + one.box.width / 2, one.box.y + one.box.height / 2
    return other.box.x <= x <= other.box.x + other.box.width and other.box.y <= y <= other.box.y + other.box.height


def read_task(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Run as a child task. Payload: folder; `drawable_name`: that of the deck, or of the PDF that was made of it."""
    folder = Path(payload["folder"])
    deck, drawable_file = folder / DECK_FILE, folder / payload["drawable_name"]
    slides = read_deck(deck, needs_text=False).slides
    pages = [_page(number, each) for number, each in enumerate(slides, 1)]
    if _is_pdf(drawable_file):
        pictures = list(_draw(drawable_file, pages, folder / PICTURES))
        pages = [replace(page, has_own_title=drawable_file != deck and bool(page.title)) for page in pictures]
    elif slides:
        pages = [replace(page, has_own_title=bool(page.title)) for page in pages]
    write_json(folder / PAGES_FILE, DeckPages(tuple(pages)))
    return {}


def _is_pdf(path: Path) -> bool:
    with path.open("rb") as file:
        return b"%PDF-" in file.read(1024)


def _page(number: int, slide: DeckSlide) -> DeckPage:
    cells = [cell for table in slide.tables for row in table for cell in row]
    labels = [label for chart in slide.charts for label in chart.labels]
    text = "\n".join(filter(None, [slide.title, slide.subtitle, *slide.lines, *cells, *labels]))
    return DeckPage(number, slide.title, text, slide.notes)


def _draw(path: Path, pages: Sequence[DeckPage], images: Path) -> Iterator[DeckPage]:
    """Yield the pages with pictures and words; as they are if the PDF has another number of pages."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path)
        if len(document) != len(pages):
            yield from pages
            return
        for number, deck_page in enumerate(pages, 1):
            page = document[number - 1]
            width, height = page.get_size()
            scale = min(_PICTURE_WIDTH / max(1.0, width), _MAX_PICTURE_HEIGHT / max(1.0, height))
            picture = page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
            name = f"deck-{number:03}.jpg"
            picture.save(images / name, "JPEG", quality=_JPEG_QUALITY, subsampling=0)
            words = tuple(itertools.islice(words_of(page.get_textpage(), height, scale), _MAX_WORDS))
            yield replace(deck_page, words=words, image=name, width=picture.width, height=picture.height)
    except pypdfium2.PdfiumError as error:
        raise errors.UnreadableDeck(f"Its pages can't be drawn ({error}).") from None
