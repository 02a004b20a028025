"""Pages of a deck are matched to slides, and replace their pictures."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
import typst
from PIL import Image

import errors
from domain import Box, LectureNotes, TimeRange, Visit
from lib.process import ignore_progress
from lib.serialization import read_json, write_json
from pipelines.stages.edited_notes import change_notes
from services.lecture_deck.applying import with_deck
from services.lecture_deck.matching import ComparedSlide, match
from services.lecture_deck.pages import DeckPage, DeckPages
from services.lecture_deck.reading import DECK_FILE, PAGES_FILE, read_pages
from services.library.picture_hash import hash_of
from services.slide_plan.changes import CropPictures, Rename
from services.slide_plan.plan import base_plan, fingerprint, plan_to_plain
from tests.documents.lecture import make_notes, make_segment, make_slide

_TEXT = """
gradient descent learning rate momentum batch epoch loss function derivative chain rule layer neuron weight bias activation sigmoid
softmax cross entropy dropout convolution kernel stride padding pooling attention query key value embedding token sequence decoder
"""
_WORDS = _TEXT.split()


def deck_of(count: int, rng: random.Random) -> list[DeckPage]:
    """Return pages of which every seventh repeats the one before and adds a line."""
    pages: list[DeckPage] = []
    for number in range(1, count + 1):
        lines = [" ".join(rng.sample(_WORDS, 4)) for _ in range(rng.randint(2, 5))]
        text = f"{pages[-1].text}\n{lines[0]}" if number % 7 == 0 else "\n".join(lines)
        pages.append(DeckPage(number, text.partition("\n")[0], text, f"Notes of {number}"))
    return pages


def misread(text: str, rng: random.Random) -> str:
    """Return the text as OCR may read it: some letters are wrong or missing, and words run together."""
    return "".join("" if (at := rng.random()) < 0.03 else "x" if at < 0.07 else letter for letter in text).replace("  ", "")


@pytest.mark.parametrize("seed", range(5))
def test_thirty_of_forty_pages_are_found(seed: int) -> None:
    rng = random.Random(seed)
    pages = deck_of(40, rng)
    order = sorted(rng.sample(range(40), 30))
    slides = [ComparedSlide(misread(pages[index].text, rng)) for index in order]
    assert match(slides, pages) == order


def test_a_slide_that_is_not_in_the_deck_has_no_page() -> None:
    pages = deck_of(5, random.Random(1))
    assert match([ComparedSlide(pages[2].text), ComparedSlide("a photo of the old harbour")], pages) == [2, None]
    assert match([], pages) == [] and match([ComparedSlide("x")], []) == [None]


def test_a_deck_of_pictures_is_found_also_beside_the_speaker(tmp_path: Path) -> None:
    """The pages have no text; the frames show the slide in a part of the picture."""
    region = Box(10, 140, 840, 473)
    pages, slides = [], []
    for number in (1, 2, 3):
        visit = Visit(TimeRange(9.0 * number, 9.0 * number + 9))
        slide = make_slide(tmp_path, number, f"Page {number}", ["Alpha beta", "Gamma"][:number], [visit])
        with Image.open(tmp_path / slide.image) as picture:
            picture.save(tmp_path / f"page-{number}.png")
            frame = Image.effect_noise((1280, 720), 90).convert("RGB")
            frame.paste(picture.resize((region.width, region.height)), (region.x, region.y))
        frame.save(tmp_path / slide.image)
        pages.append(DeckPage(number, "", "", "", f"page-{number}.png", 1280, 720, (), hash_of(tmp_path / f"page-{number}.png")))
        slides.append(replace(slide, title=""))
    notes = with_deck(replace(make_notes(slides), region=region), tuple(pages), tmp_path)
    assert [slide.deck_page for slide in notes.slides] == [1, 2, 3]
    assert hash_of(tmp_path / "page-1.png", Box(900, 0, 9000, 10)) == ""


def test_the_pages_of_a_pdf_replace_pictures_and_words(tmp_path: Path) -> None:
    source = tmp_path / "deck.typ"
    titles = ["Alpha beta", "Gamma delta", "Epsilon zeta"]
    source.write_text(
        "#set page(width: 16cm, height: 9cm)\n" + "\n#pagebreak()\n".join(f"= {title}\nSome more words on {title}" for title in titles)
    )
    typst.compile(str(source), output=str(tmp_path / "deck.pdf"))
    (tmp_path / "deck.pdf").rename(tmp_path / DECK_FILE)
    (tmp_path / "images").mkdir()
    read_pages(tmp_path)
    pages = read_json(DeckPages, tmp_path / PAGES_FILE).pages
    assert [page.title for page in pages] == titles
    assert [(word.text, word.line) for word in pages[0].words[:3]] == [("Alpha", 0), ("beta", 0), ("Some", 1)]
    visits = [Visit(TimeRange(60 * number, 60 * number + 60), (make_segment("Spoken.", 60 * number),)) for number in range(2)]
    slides = [
        make_slide(tmp_path / "images", number + 1, "Read" if number else "", [titles[2 * number]], [visits[number]]) for number in range(2)
    ]
    notes = with_deck(make_notes(slides), pages, tmp_path / "images")
    assert [(slide.title, slide.deck_page, slide.image, round(slide.width, -1)) for slide in notes.slides] == [
        ("Alpha beta", 1, "deck-001.jpg", 2000),
        ("Read", 3, "deck-003.jpg", 2000),
    ]
    assert [(page.number, page.slides, page.shown_s) for page in notes.deck] == [(1, (1,), 60.0), (2, (), 0.0), (3, (2,), 60.0)]
    assert (tmp_path / "images" / "deck-001.jpg").stat().st_size > 1000


def test_build_steps_are_part_of_the_page_that_was_shown(tmp_path: Path) -> None:
    texts = ["One two three", "One two three\nFour five six", "Seven eight nine", "Ten eleven"]
    pages = tuple(DeckPage(number, text.partition("\n")[0], text, "Say it slowly.") for number, text in enumerate(texts, 1))
    slides = [make_slide(tmp_path, 1, "One two three", ["Four five six"], [Visit(TimeRange(0, 9))])]
    notes = with_deck(make_notes(slides), pages, tmp_path)
    assert [(page.slides, page.is_step) for page in notes.deck] == [((), True), ((1,), False), ((), False), ((), False)]
    assert notes.slides[0].speaker_notes == "Say it slowly." and notes.slides[0].image == "slide-001.jpg"


def test_corrections_win_over_the_deck_and_other_titles_are_the_newest(tmp_path: Path) -> None:
    images = tmp_path / "images"
    images.mkdir()
    texts = ["Alpha beta gamma", "Delta epsilon zeta", "Eta theta iota"]
    slides = [
        make_slide(images, number, f"Newer {number}", [text], [Visit(TimeRange(9.0 * number, 9.0 * number + 9))])
        for number, text in enumerate(texts, 1)
    ]
    pages = [DeckPage(number, f"Page {number}", text, "Say it.", f"deck-{number}.jpg", 20, 10) for number, text in enumerate(texts, 1)]
    plan = base_plan((slide.number, "Older", [visit.time for visit in slide.visits]) for slide in slides)
    corrected = CropPictures(slides=(2,), crop=(0, 0, 0.5, 1)).apply(Rename(slide=1, title="").apply(plan))
    write_json(tmp_path / "notes.json", make_notes(slides))
    write_json(tmp_path / "pages.json", DeckPages(tuple(pages)))
    payload = {"folder": str(tmp_path), "title": "", "transcript": "", "facts": {}, "deck": "pages.json"}
    change_notes(payload | {"slide_plan": plan_to_plain(corrected), "slide_fingerprint": fingerprint(plan)}, ignore_progress)
    changed = read_json(LectureNotes, tmp_path / "notes.json").slides
    assert [slide.title for slide in changed] == ["", "Newer 2", "Newer 3"]
    assert [slide.image for slide in changed] == ["deck-1.jpg", "slide-002-2-cropped.jpg", "deck-3.jpg"]
    assert [(slide.deck_page, slide.speaker_notes) for slide in changed] == [(number, "Say it.") for number in (1, 2, 3)]


def test_a_broken_deck_is_refused(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / DECK_FILE).write_bytes(b"%PDF-1.7\nnothing")
    with pytest.raises(errors.UnreadableDeck):
        read_pages(tmp_path)
