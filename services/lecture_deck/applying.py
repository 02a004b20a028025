"""Puts the pages of a deck into lecture notes: pictures, words, titles and notes of the speaker, and what was shown for how long."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from domain import DeckPageUse, LectureNotes, Slide
from services.lecture_deck.matching import is_step_of, match
from services.lecture_deck.pages import DeckPage

if TYPE_CHECKING:
    from services.lecture_deck.page_recognition import PageRecognizer


def find_pages(notes: LectureNotes, pages: Sequence[DeckPage], images: Path, pictures: Path) -> list[int | None]:
    """Return the index of the page that each slide of the notes shows, None for one that is not in the deck.

    `images` and `pictures`: the folders of the slides' and the pages' pictures.
    """
    texts = [" ".join(word.text for word in slide.ocr) or slide.title for slide in notes.slides]
    if not all(page.image for page in pages):
        return match(texts, pages)

    @cache
    def deck() -> PageRecognizer:
        from services.lecture_deck.page_recognition import PageRecognizer  # it imports the picture libraries

        return PageRecognizer([pictures / page.image for page in pages])

    def similarities(number: int) -> list[float] | None:
        name = notes.slides[number].image
        return deck().similarities(images / name) if name else None

    return match(texts, pages, similarities)


def with_deck(
    notes: LectureNotes,
    pages: Sequence[DeckPage],
    matches: Sequence[int | None],
    *,
    kept_titles: Collection[int] = (),
    kept_pictures: Collection[int] = (),
) -> LectureNotes:
    """Return the notes with the pages of a deck. Slides that are not in the deck stay as they are.

    `matches`: see `find_pages`. `kept_titles` and `kept_pictures`: the numbers of slides whose title or picture a person has chosen.
    """
    slides = tuple(
        slide if index is None else _with_page(slide, pages[index], slide.number in kept_titles, slide.number in kept_pictures)
        for slide, index in zip(notes.slides, matches, strict=True)
    )
    slides_by_page: dict[int, list[Slide]] = {}
    for slide, index in zip(slides, matches, strict=True):
        if index is not None:
            slides_by_page.setdefault(index, []).append(slide)
    return replace(notes, slides=slides, deck=tuple(_use(index, page, pages, slides_by_page) for index, page in enumerate(pages)))


def _with_page(slide: Slide, page: DeckPage, keeps_title: bool, keeps_picture: bool) -> Slide:
    # A PDF does not say which line is the title, and its first line is often the name of the course.
    title = (page.title or slide.title) if page.has_own_title else (slide.title or page.title)
    title = slide.title if keeps_title else title
    facts = {"deck_page": page.number, "speaker_notes": page.notes, "title": title}
    if not page.image or keeps_picture:
        return replace(slide, **facts)  # type: ignore[arg-type]
    return replace(slide, image=page.image, width=page.width, height=page.height, ocr=page.words, builds=(), **facts)  # type: ignore[arg-type]


def _use(index: int, page: DeckPage, pages: Sequence[DeckPage], slides_by_page: dict[int, list[Slide]]) -> DeckPageUse:
    """Return how a page was used. A build step of a page that was shown counts as a part of that."""
    slides = slides_by_page.get(index, [])
    last = index
    while last + 1 < len(pages) and last not in slides_by_page and is_step_of(pages[last], pages[last + 1]):
        last += 1
    seconds = sum(visit.time.duration_s for slide in slides for visit in slide.visits)
    is_step = not slides and last != index and last in slides_by_page
    # The first line of a PDF's page is often the name of the course; the title of the slide was found by its size.
    title = (slides[0].title if slides and not page.has_own_title else "") or page.title
    return DeckPageUse(page.number, title, tuple(slide.number for slide in slides), round(seconds, 1), is_step, page.notes)
