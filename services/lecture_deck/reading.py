"""Reads the pages of a deck in a child process: texts and notes, and of a PDF also pictures and words with their boxes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import errors
from lib.process import CancellationCheck, Limits, Report, never_cancelled, run_task
from lib.serialization import write_json
from services.documents.pdf_words import words_of
from services.lecture_deck.pages import DeckPage, DeckPages
from services.lessons.deck_reading import read_deck
from services.lessons.source import DeckSlide
from services.library.picture_hash import hash_of

DECK_FILE, PAGES_FILE = "deck", "deck.json"
_LIMITS = Limits(timeout_s=600, memory_bytes=2 * 2**30, file_bytes=64 * 2**20)
_PICTURE_WIDTH = 2000  # pixels; over 250 a centimetre on A4 paper
_MAX_PICTURE_HEIGHT = 3000
_JPEG_QUALITY = 92
_MAX_WORDS = 3000  # of a page


def read_pages(folder: Path, check: CancellationCheck = never_cancelled) -> None:
    """Read `deck` of a folder; write deck.json, and pictures into the folder images. Raises UnreadableDeck and DeckTooLarge."""
    try:
        run_task("services.lecture_deck.reading:read_task", {"folder": str(folder.absolute())}, check=check, limits=_LIMITS)
    except (errors.TimedOut, errors.OutOfMemory) as error:
        raise errors.DeckTooLarge("Drawing its pages takes more time or memory than a deck should.") from error


def read_task(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Run as a child task. Payload: folder."""
    folder = Path(payload["folder"])
    path = folder / DECK_FILE
    slides = read_deck(path).slides
    with path.open("rb") as file:
        is_pdf = b"%PDF-" in file.read(1024)
    pages = list(_pdf_pages(path, slides, folder / "images")) if is_pdf else [_page(number, each) for number, each in enumerate(slides, 1)]
    write_json(folder / PAGES_FILE, DeckPages(tuple(pages)))
    return {}


def _page(number: int, slide: DeckSlide, **more: Any) -> DeckPage:
    cells = [cell for table in slide.tables for row in table for cell in row]
    labels = [label for chart in slide.charts for label in chart.labels]
    text = "\n".join(filter(None, [slide.title, slide.subtitle, *slide.lines, *cells, *labels]))
    return DeckPage(number, slide.title, text, slide.notes, **more)


def _pdf_pages(path: Path, slides: Sequence[DeckSlide], images: Path) -> Iterator[DeckPage]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path)
        for number, slide in enumerate(slides, 1):
            page = document[number - 1]
            width, height = page.get_size()
            scale = min(_PICTURE_WIDTH / max(1.0, width), _MAX_PICTURE_HEIGHT / max(1.0, height))
            picture = page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
            name = f"deck-{number:03}.jpg"
            picture.save(images / name, "JPEG", quality=_JPEG_QUALITY, subsampling=0)
            words = tuple(itertools.islice(words_of(page.get_textpage(), height, scale), _MAX_WORDS))
            facts = {"image": name, "width": picture.width, "height": picture.height, "picture_hash": hash_of(images / name)}
            yield _page(number, slide, words=words, **facts)
    except pypdfium2.PdfiumError as error:
        raise errors.UnreadableDeck(f"Its pages can't be drawn ({error}).") from None
