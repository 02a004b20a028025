"""Decks of lectures: pages that are found in recordings, by the whole path from the video to the report of the pages.

Two kinds of recordings: those that are made here from 30 of the 40 pages of a deck, and labelled lectures (NAME.mp4, NAME.truth.json) with
the pictures of their slides (NAME/ID.png), of which a deck of pictures is made.
"""

from __future__ import annotations

import json
import random
import statistics
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import pypdfium2
import typst
from PIL import Image

from bench.context import Context, markdown_table, verdict
from bench.slides.generate import CASES
from bench.slides.lecture import Lecture
from domain import LectureNotes, Slide, Visit
from lib.serialization import read_json
from scripts.ffmpeg import FFMPEG
from services.lecture_deck.applying import find_pages, with_deck
from services.lecture_deck.matching import is_step_of
from services.lecture_deck.pages import DeckPage, DeckPages
from services.lecture_deck.reading import DECK_FILE, PAGES_FILE, PICTURES, read_pages
from services.media.probe import probe
from services.ocr import OcrOptions, read_pictures
from services.slides import SlideOptions, find_slides

_SEEDS = (1, 2, 3)
_PAGES, _SHOWN_COUNT = 40, 30
_GOAL = 0.95
_TEXT = (
    "gradient descent learning rate momentum batch epoch loss function derivative chain rule layer neuron weight bias activation "
    "sigmoid softmax entropy dropout convolution kernel stride padding pooling attention query key value embedding token sequence decoder"
)
_WORDS = _TEXT.split()


@dataclass(frozen=True)
class Appearance:
    """A page that a recording shows at this time; `page` counts from 1."""

    time_s: float
    page: int


@dataclass(frozen=True)
class Result:
    """How many appearances got their page, and for how many pages the report says rightly whether they were shown."""

    name: str
    right: int
    appearances: int
    correct_reports: int
    pages: int

    @property
    def share(self) -> float:
        return self.right / max(1, self.appearances)


def run(context: Context) -> str:
    made_up = [_match_made_up_deck(seed, context.folder / f"deck-{seed}") for seed in _SEEDS]
    matches = [_match_labelled_lecture(truth, context.folder / truth.name) for truth in _truth_files(context)]
    rows = [
        [each.name, f"{each.right} of {each.appearances}", f"{each.correct_reports} of {each.pages}", f"{each.share:.2f}"]
        for each in (*made_up, *matches)
    ]
    table = markdown_table(["recording", "appearances with the right page", "pages reported rightly", "share"], rows)
    mean = statistics.fmean(each.share for each in matches) if matches else 1.0
    return (
        f"Decks with text: {_PAGES} pages, of which {_SHOWN_COUNT} are shown, some twice; every seventh adds lines to the one before. The "
        "others are pictures without text, one for each slide of a labelled lecture. An appearance that the slide engine "
        "misses counts as wrong, but a build step that leads to its page is right."
        f"\n\n{table}\n\n"
        f"Goals: every page of the decks with text: {verdict(all(each.right == each.appearances for each in made_up))}; "
        f"labelled lectures {mean:.3f} on average, at least {_GOAL}: {verdict(mean >= _GOAL)}."
    )


def _match_made_up_deck(seed: int, folder: Path) -> Result:
    """Draw a deck, show 30 of its pages and some of these again, and match them."""
    folder.mkdir()
    rng = random.Random(seed)
    deck = write_deck(rng, folder, _PAGES)
    order = sorted(rng.sample(range(_PAGES), _SHOWN_COUNT))
    for _ in range(3):
        at = rng.randrange(8, len(order))
        order.insert(at, order[at - rng.randint(3, 8)])  # the speaker goes back
    seconds = [rng.randint(4, 8) for _ in order]
    video = write_video(deck, order, seconds)
    starts = [sum(seconds[:at]) for at in range(len(order))]
    appearances = [Appearance(start + length / 2, page + 1) for start, length, page in zip(starts, seconds, order, strict=True)]
    return _measure(f"made up, seed {seed}", video, deck, appearances, folder / "work")


def write_deck(rng: random.Random, folder: Path, pages: int) -> Path:
    """Write a made-up deck of so many pages; return the PDF."""
    (folder / "deck.typ").write_text(_deck_source(rng, pages), encoding="utf-8")
    typst.compile(str(folder / "deck.typ"), output=str(folder / "deck.pdf"))
    return folder / "deck.pdf"


def write_video(deck: Path, order: Sequence[int], seconds: Sequence[float]) -> Path:
    """Write a recording beside the deck that shows these pages (from 0) for so many seconds."""
    folder, document = deck.parent, pypdfium2.PdfDocument(deck)
    for number in sorted(set(order)):
        document[number].render(scale=2).to_pil().convert("RGB").resize((1280, 720)).save(folder / f"{number}.png")
    entries = "".join(f"file '{page}.png'\nduration {length}\n" for page, length in zip(order, seconds, strict=True))
    (folder / "list.txt").write_text(f"{entries}file '{order[-1]}.png'\n")
    command = [FFMPEG, "-v", "error", "-f", "concat", "-i", "list.txt", "-r", "10", "-crf", "26", "-pix_fmt", "yuv420p", "video.mp4"]
    subprocess.run(command, cwd=folder, check=True)
    return folder / "video.mp4"


def _deck_source(rng: random.Random, count: int) -> str:
    """Return a deck in Typst: lists, listings, tables, and pages that add lines to the one before."""
    pages: list[str] = []
    for number in range(count):
        words = [" ".join(rng.sample(_WORDS, 4)) for _ in range(6)]
        body = "\n".join(f"- {line}" for line in words[1 : rng.randint(3, 5)])
        if number % 7 == 6:
            pages.append(f"{pages[-1]}\n- {words[0]}\n- {words[1]}")
            continue
        if number % 5 == 2:
            body = f"```py\ndef {words[1].split()[0]}({words[2].split()[0]}):\n    return {rng.randint(10, 99)}\n```\n{body}"
        if number % 5 == 4:
            cells = ", ".join(f"[{cell}]" for cell in [*words[1].split(), *(str(rng.randint(100, 999)) for _ in range(8))])
            body = f"#table(columns: 4, {cells})"
        pages.append(f"= {words[0].capitalize()}\n{body}")
    footer = "footer: [Applied studies, lecture 5 #h(1fr) #context counter(page).display()]"
    return f"#set page(width: 32cm, height: 18cm, {footer})\n#set text(size: 20pt)\n" + "\n#pagebreak()\n".join(pages)


def _truth_files(context: Context) -> Sequence[Path]:
    """Return the truth files of drawn lectures and of those in the folder of media whose slides are there as pictures."""
    drawn_folder = context.folder / "drawn"
    drawn_folder.mkdir()
    for make_lecture in CASES.values():
        _write_with_pictures(make_lecture(1), drawn_folder)
    folders = [drawn_folder, *([context.media] if context.media else [])]
    files = [path for folder in folders for path in sorted(folder.glob("*.truth.json"))]
    return [path for path in files if path.with_name(path.name.removesuffix(".truth.json")).is_dir()]


def _write_with_pictures(lecture: Lecture, folder: Path) -> None:
    lecture.write(folder)
    pictures = folder / lecture.name
    pictures.mkdir()
    for appearance in lecture.appearances:
        cv2.imwrite(str(pictures / f"{appearance.name}.png"), appearance.states[-1])


def _match_labelled_lecture(truth_file: Path, folder: Path) -> Result:
    """Make a deck of the pictures of a lecture's slides, and match it."""
    folder.mkdir()
    truth = json.loads(truth_file.read_text(encoding="utf-8"))
    name = truth_file.name.removesuffix(".truth.json")
    video = truth_file.with_name(truth.get("file") or f"{name}.mp4")
    names = truth["distinct"]
    for each in names:
        Image.open(truth_file.parent / name / f"{each}.png").convert("RGB").save(folder / f"{each}.jpg", quality=90)
    pages = (f'#image("{each}.jpg", width: 100%)' for each in names)
    source = "#set page(width: 32cm, height: auto, margin: 0pt)\n" + "\n#pagebreak()\n".join(pages)
    (folder / "deck.typ").write_text(source, encoding="utf-8")
    deck = folder / "deck.pdf"
    typst.compile(str(folder / "deck.typ"), output=str(deck))
    visits = [each for each in truth["slides"] if not each.get("optional")]
    appearances = [Appearance((each["states"][-1]["t"] + each["end"]) / 2, names.index(each["id"]) + 1) for each in visits]
    return _measure(name, video, deck, appearances, folder / "work")


def _measure(name: str, video: Path, deck: Path, appearances: Sequence[Appearance], work: Path) -> Result:
    images = work / "images"
    images.mkdir(parents=True)
    media = probe(video)
    timeline = find_slides(video, media, SlideOptions(), images)
    words = read_pictures([images / str(each.image) for each in timeline.slides], "en", OcrOptions())
    slides = tuple(
        Slide(number, "", str(each.image), each.width, each.height, each.frame_time_s, tuple(map(Visit, each.visits)), ocr)
        for number, (each, ocr) in enumerate(zip(timeline.slides, words, strict=True), 1)
    )
    (work / DECK_FILE).write_bytes(deck.read_bytes())
    read_pages(work, "en")
    pages = read_json(DeckPages, work / PAGES_FILE).pages
    plain = LectureNotes(name, media.duration_s, "en", "2026-01-01", slides=slides, region=timeline.region)
    notes = with_deck(plain, pages, find_pages(plain, pages, images, work / PICTURES))
    errors = [each for each in appearances if not _is_right(each.page, _page_at(notes, each.time_s), pages)]
    for each in errors:
        print(f"{name}: at {each.time_s:.1f} s page {_page_at(notes, each.time_s)} instead of {each.page}", flush=True)
    truly_shown = {each.page for each in appearances}
    correct_count = sum((bool(use.slides) == (use.number in truly_shown)) or use.is_step for use in notes.deck)
    return Result(name, len(appearances) - len(errors), len(appearances), correct_count, len(pages))


def _is_right(page: int, reported_page: int, pages: Sequence[DeckPage]) -> bool:
    """Whether the page is found, or one that it is a build step of: the slide engine makes one slide of a build."""
    between = range(page, reported_page)
    return page == reported_page or (bool(between) and all(is_step_of(pages[number - 1], pages[number]) for number in between))


def _page_at(notes: LectureNotes, time_s: float) -> int:
    """Return the page of the slide that is shown at a time; 0 for none."""
    return next((slide.deck_page for slide in notes.slides for visit in slide.visits if visit.time.holds(time_s)), 0)
