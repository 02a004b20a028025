"""Pages of a deck as later steps need them."""

from __future__ import annotations

from dataclasses import dataclass

from domain import OcrWord


@dataclass(frozen=True)
class DeckPage:
    """A page; `number` counts from 1. `image` is a file name, "" for a deck without pictures of its pages (PPTX).

    `words` have boxes in pixels of the picture.
    """

    number: int
    title: str
    text: str
    notes: str
    image: str = ""
    width: int = 0
    height: int = 0
    words: tuple[OcrWord, ...] = ()


@dataclass(frozen=True)
class DeckPages:
    pages: tuple[DeckPage, ...]
