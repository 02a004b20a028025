"""The glossary and the index at the end of documents."""

from __future__ import annotations

from dataclasses import dataclass

from domain import LectureNotes
from services.documents.outline import Outline
from services.terms import Mention, Term, find_terms

_MIN_TERMS = 4


@dataclass(frozen=True)
class Place:
    """A page of the outline, and one of its paragraphs (both from 0; None for the slide). `time_s` is of the notes.

    `positions`: where the term is in the text of the paragraph, from 0 at its start to 1 at its end.
    """

    page: int
    paragraph: int | None
    time_s: float
    positions: tuple[float, ...] = ()


@dataclass(frozen=True)
class Entry:
    """A term and its places in order; `definition` is "" if no sentence defines it, `defined_at` the place of that sentence."""

    text: str
    places: tuple[Place, ...]
    definition: str
    defined_at: Place | None


def find_entries(notes: LectureNotes, outline: Outline) -> tuple[Entry, ...]:
    """Return the terms with their places in the outline, in alphabetical order; none if there are too few for an index."""
    lines = {
        page.slide.number: [line for block in page.slide_text if not block.is_code for line in block.lines]
        for page in outline.pages
        if page.slide and not page.is_revisit
    }
    terms = find_terms(notes, lines)
    if len(terms) < _MIN_TERMS:
        return ()
    places = _Places(outline)
    return tuple(_entry(term, places) for term in terms)


class _Places:
    """The places of mentions in an outline."""

    def __init__(self, outline: Outline) -> None:
        self._slides: dict[int, int] = {}
        self._paragraphs: dict[float, tuple[int, int]] = {}
        for number, page in enumerate(outline.pages):
            if page.slide:
                self._slides.setdefault(page.slide.number, number)
            paragraphs = [paragraph for passage in page.passages for paragraph in passage.paragraphs]
            self._paragraphs |= {paragraph.start_s: (number, index) for index, paragraph in enumerate(paragraphs)}

    def find(self, mention: Mention) -> Place | None:
        if mention.paragraph_s is None:
            page = self._slides.get(mention.slide)
            return None if page is None else Place(page, None, mention.time_s)
        paragraph = self._paragraphs.get(mention.paragraph_s)
        return None if paragraph is None else Place(*paragraph, mention.time_s, mention.positions)


def _entry(term: Term, places: _Places) -> Entry:
    places_of_term = tuple(place for mention in term.mentions if (place := places.find(mention)) is not None)
    defined_at = places.find(term.defined_at) if term.defined_at else None
    return Entry(term.text, places_of_term, term.definition, defined_at)
