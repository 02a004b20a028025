"""Pages of a deck are matched to slides, and replace their pictures."""

from __future__ import annotations

import json
import random
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pdfua
import pypdf
import pytest
import typst
from PIL import Image

import errors
from config import PROJECT
from domain import LectureNotes, Slide, TimeRange, Visit
from lib.process import ignore_progress
from lib.programs import find_program
from lib.serialization import read_json, write_json
from pipelines.stages.deck import MATCHES_FILE, link_pictures
from pipelines.stages.edited_notes import change_notes
from services.documents import RenderOptions, render
from services.lecture_deck.applying import find_pages, with_deck
from services.lecture_deck.matching import match
from services.lecture_deck.pages import DeckPage, DeckPages
from services.lecture_deck.presentations import copy_without_links
from services.lecture_deck.reading import DECK_FILE, PAGES_FILE, PICTURES, read_pages
from services.lessons.deck_writing import write_deck
from services.lessons.script import LessonScript
from services.lessons.themes import THEMES
from services.slide_plan.changes import CropPictures, Rename
from services.slide_plan.plan import base_plan, fingerprint, plan_to_plain
from tests.documents.lecture import draw_slide, make_notes, make_segment, make_slide
from tests.lessons.decks import pptx, relationships, shape, slide

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
    slides = [misread(pages[index].text, rng) for index in order]
    assert match(slides, pages) == order


def test_a_slide_that_is_not_in_the_deck_has_no_page() -> None:
    pages = deck_of(5, random.Random(1))
    assert match([pages[2].text, "a photo of the old harbour"], pages) == [2, None]
    assert match([], pages) == [] and match(["x"], []) == [None]


def test_near_equal_pages_are_told_apart_by_a_number() -> None:
    table = "Memory vector increases latency force token graph set table 34.71 94.06 weight 32.01 91.47"
    pages = [DeckPage(number, "", f"{table} n = {value}", "") for number, value in enumerate((48, 13, 27, 31, 92), 1)]
    assert match([f"{table} n = {value}" for value in (13, 92, 27, 48)], pages) == [1, 4, 2, 0]


def test_pictures_are_asked_for_where_words_leave_a_doubt() -> None:
    pages = [DeckPage(number, "", " ".join(_WORDS[10 * number : 10 * number + 10]), "") for number in (0, 1, 2)]
    requested_pages: list[int] = []

    def similarities(number: int) -> list[float] | None:
        requested_pages.append(number)
        return [0.2, 0.3, 0.9] if number else None

    assert match(["", "a few", pages[0].text], pages, similarities) == [None, 2, 0]
    assert requested_pages == [0, 1]


def drawn_page(folder: Path, number: int, lines: list[str]) -> DeckPage:
    make_slide(folder, number, lines[0], lines[1:], [Visit(TimeRange(0, 1))])
    (folder / f"slide-{number:03}.jpg").rename(folder / f"page-{number}.jpg")
    return DeckPage(number, "", "", "", f"page-{number}.jpg", 1280, 720)


def film_page(page: Path, target: Path) -> None:
    """Write the page as a camera sees it at the back of a dim room, at an angle and behind somebody."""
    picture = cv2.imread(str(page))
    corners = np.array([[0, 0], [1280, 0], [1280, 720], [0, 720]], np.float32)
    corners_in_view = np.array([[180, 60], [1120, 40], [1130, 590], [175, 610]], np.float32)
    room = np.full((720, 1280, 3), 40, np.uint8)
    cv2.warpPerspective(
        picture, cv2.getPerspectiveTransform(corners, corners_in_view), (1280, 720), room, cv2.INTER_AREA, borderMode=cv2.BORDER_TRANSPARENT
    )
    cv2.ellipse(room, (700, 720), (120, 260), 0, 0, 360, (30, 40, 60), -1)
    noise = np.random.default_rng(7).normal(0, 4, room.shape)
    cv2.imwrite(str(target), np.clip(cv2.GaussianBlur(room, (0, 0), 1.0) * 0.55 + noise, 0, 255).astype(np.uint8))


def test_a_deck_of_pictures_is_found_in_a_filmed_room(tmp_path: Path) -> None:
    """The pages have no text, and two of them differ in a number alone."""
    texts = [
        ["Alpha beta", "Gamma delta"],
        ["The loss", "n = 13", "Seven eight"],
        ["The loss", "n = 27", "Seven eight"],
        ["Zeta", "Eta theta"],
    ]
    pages = [drawn_page(tmp_path, number, lines) for number, lines in enumerate(texts, 1)]
    page_numbers = [3, 1, 2]
    slides = []
    for number, page in enumerate(page_numbers, 1):
        film_page(tmp_path / pages[page - 1].image, tmp_path / f"slide-{number:03}.jpg")
        slides.append(
            Slide(number, "", f"slide-{number:03}.jpg", 1280, 720, 9.0 * number, (Visit(TimeRange(9.0 * number, 9.0 * number + 9)),))
        )
    matches = find_pages(make_notes(slides), pages, tmp_path, tmp_path)
    assert matches == [page - 1 for page in page_numbers]
    assert [slide.deck_page for slide in with_deck(make_notes(slides), pages, matches).slides] == page_numbers


def test_a_picture_that_is_clear_decides_where_words_of_a_page_were_not_read() -> None:
    text = "Memory vector increases latency: table 34.71 94.06 56.83, weight 32.01 91.47 21.89, vector 77.16 73.30 2.75"
    texts = (text, "Memory vector increases latency 56.83 77.16", text)
    pages = [DeckPage(number, "", each, "") for number, each in enumerate(texts, 1)]
    looks = [[0.99, 0.92, 0.9], [0.93, 0.99, 0.9], [0.91, 0.9, 0.99]]
    assert match([text] * 3, pages, looks.__getitem__) == [0, 1, 2]


def test_pictures_without_a_page_have_none(tmp_path: Path) -> None:
    pages = [drawn_page(tmp_path, number, [f"Page {number}", "Some words"]) for number in (1, 2)]
    Image.effect_noise((640, 360), 90).save(tmp_path / "noise.png")
    Image.new("RGB", (640, 360), "white").save(tmp_path / "blank.png")
    visits = (Visit(TimeRange(0, 9)),)
    slides = [Slide(number, "", name, 640, 360, 1.0, visits) for number, name in enumerate(("noise.png", "blank.png", "missing.png"), 1)]
    assert find_pages(make_notes(slides), pages, tmp_path, tmp_path) == [None] * 3


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
    assert has_vectors(tmp_path / PICTURES / "deck-001.svg") == (find_program("pdftocairo") is not None)
    pages = read_json(DeckPages, tmp_path / PAGES_FILE).pages
    assert [page.title for page in pages] == titles
    assert [(word.text, word.line) for word in pages[0].words[:3]] == [("Alpha", 0), ("beta", 0), ("Some", 1)]
    visits = [Visit(TimeRange(60 * number, 60 * number + 60), (make_segment("Spoken.", 60 * number),)) for number in range(2)]
    slides = [
        make_slide(tmp_path / "images", number + 1, "Read" if number else "", [titles[2 * number]], [visits[number]]) for number in range(2)
    ]
    notes = with_deck(make_notes(slides), pages, find_pages(make_notes(slides), pages, tmp_path / "images", tmp_path / PICTURES))
    assert [(slide.title, slide.deck_page, slide.image, round(slide.width, -1)) for slide in notes.slides] == [
        ("Alpha beta", 1, "deck-001.jpg", 2000),
        ("Read", 3, "deck-003.jpg", 2000),
    ]
    assert [(page.number, page.slides, page.shown_s) for page in notes.deck] == [(1, (1,), 60.0), (2, (), 0.0), (3, (2,), 60.0)]
    link_pictures(notes, tmp_path)
    assert {path.stem for path in (tmp_path / "images").glob("deck-*")} == {"deck-001", "deck-003"}
    render("pdf", notes, tmp_path / "images", tmp_path / "out.pdf", RenderOptions(layout="compact"))
    if find_program("pdftocairo"):
        assert not any(page.images for page in pypdf.PdfReader(tmp_path / "out.pdf").pages)
    assert list(pdfua.validate(str(tmp_path / "out.pdf")).findings) == []


@pytest.mark.slow("starts LibreOffice")
@pytest.mark.skipif(find_program("soffice") is None, reason="LibreOffice is not installed")
def test_the_slides_of_a_presentation_are_drawn(tmp_path: Path) -> None:
    script = LessonScript.model_validate(json.loads((PROJECT / "examples" / "photosynthesis.json").read_text()))
    write_deck(script, THEMES["night"], {}, tmp_path / DECK_FILE, ignore_progress)
    read_pages(tmp_path)
    deck = read_json(DeckPages, tmp_path / PAGES_FILE)
    assert deck.warnings == ()
    assert [page.image for page in deck.pages] == [f"deck-{number:03}.jpg" for number in range(1, len(script.scenes) + 1)]
    page = deck.pages[1]
    assert page.has_own_title and page.notes
    assert set(page.title.split()) <= {word.text for word in page.words}
    assert has_vectors(tmp_path / PICTURES / "deck-002.svg") == (find_program("pdftocairo") is not None)
    assert not (tmp_path / "deck.pdf").exists() and not list(tmp_path.glob(".office-*"))


def test_a_presentation_is_not_drawn_without_libreoffice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / DECK_FILE).write_bytes(pptx([slide(shape("Collisions", "title"), shape("Two keys"))]))
    monkeypatch.setattr("services.lecture_deck.presentations.find_program", lambda name: None)
    read_pages(tmp_path)
    deck = read_json(DeckPages, tmp_path / PAGES_FILE)
    assert [(page.title, page.image, page.has_own_title) for page in deck.pages] == [("Collisions", "", True)]
    assert ["LibreOffice is not installed" in warning for warning in deck.warnings] == [True]


def test_links_of_a_presentation_are_not_followed(tmp_path: Path) -> None:
    links = [("r1", "image", "http://127.0.0.1:1/a.png"), ("r2", "slideLayout", "../slideLayouts/slideLayout1.xml")]
    parts = {"ppt/slides/_rels/slide1.xml.rels": relationships(links)}
    (tmp_path / "deck.pptx").write_bytes(pptx([slide(shape("Text"))], further=parts))
    copy_without_links(tmp_path / "deck.pptx", tmp_path / "copy.pptx")
    with zipfile.ZipFile(tmp_path / "copy.pptx") as copy:
        slide_relationships = copy.read("ppt/slides/_rels/slide1.xml.rels").decode()
    assert "127.0.0.1" not in slide_relationships and "../slideLayouts/slideLayout1.xml" in slide_relationships


def has_vectors(path: Path) -> bool:
    return path.exists() and "<path" in path.read_text()


def test_pages_that_are_pictures_are_read(tmp_path: Path) -> None:
    draw_slide(tmp_path / "page.png", ["Scanned title", "Gradient of the loss"])
    with Image.open(tmp_path / "page.png") as picture:
        picture.save(tmp_path / DECK_FILE, "PDF", resolution=96)
    read_pages(tmp_path, "en")
    (page,) = read_json(DeckPages, tmp_path / PAGES_FILE).pages
    assert "Scanned title" in page.text and "Gradient of the loss" in page.text
    assert [word.text for word in page.words[:2]] == ["Scanned", "title"] and 0 < page.words[0].box.x < page.words[1].box.x < page.width


def test_build_steps_are_part_of_the_page_that_was_shown(tmp_path: Path) -> None:
    texts = ["One two three 1/4", "One two three\nFour five six 2/4", "Seven eight nine 3/4", "Ten eleven 4/4"]
    pages = tuple(DeckPage(number, text[:5], text, "Say it slowly.") for number, text in enumerate(texts, 1))
    slides = [make_slide(tmp_path, 1, "One two three", ["Four five six"], [Visit(TimeRange(0, 9))])]
    notes = with_deck(make_notes(slides), pages, match([" ".join(texts[1].split())], pages))
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
    new_plan = CropPictures(slides=(2,), crop=(0, 0, 0.5, 1)).apply(Rename(slide=1, title="").apply(plan))
    write_json(tmp_path / "notes.json", make_notes(slides))
    write_json(tmp_path / "pages.json", DeckPages(tuple(pages)))
    (tmp_path / MATCHES_FILE).write_text("[0, 1, 2]")
    payload = {"folder": str(tmp_path), "title": "", "transcript": "", "facts": {}, "deck": "pages.json"}
    change_notes(payload | {"slide_plan": plan_to_plain(new_plan), "slide_fingerprint": fingerprint(plan)}, ignore_progress)
    notes = read_json(LectureNotes, tmp_path / "notes.json")
    new_slides = notes.slides
    assert [slide.title for slide in new_slides] == ["", "Newer 2", "Newer 3"]
    assert [page.title for page in notes.deck] == ["Page 1", "Newer 2", "Newer 3"]
    assert [slide.image for slide in new_slides] == ["deck-1.jpg", "slide-002-2-cropped.jpg", "deck-3.jpg"]
    assert [(slide.deck_page, slide.speaker_notes) for slide in new_slides] == [(number, "Say it.") for number in (1, 2, 3)]


def test_a_broken_deck_is_refused(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / DECK_FILE).write_bytes(b"%PDF-1.7\nnothing")
    with pytest.raises(errors.UnreadableDeck):
        read_pages(tmp_path)
