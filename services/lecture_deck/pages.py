"""Pages of a slide deck: texts, notes and words with boxes."""

from __future__ import annotations

from dataclasses import dataclass

from domain import OcrWord


@dataclass(frozen=True)
class DeckPage:
    """A page; `number` counts from 1. `image` is a file name, "" for a deck whose pages are not drawn (PPTX without LibreOffice).

    `words` have boxes in pixels of the picture. `has_own_title`: the file says which text is the title, as a PPTX does.
    """

    number: int
    title: str
    text: str
    notes: str
    image: str = ""
    width: int = 0
    height: int = 0
    words: tuple[OcrWord, ...] = ()
    has_own_title: bool = False


@dataclass(frozen=True)
class DeckPages:
    pages: tuple[DeckPage, ...]
    warnings: tuple[str, ...] = ()
