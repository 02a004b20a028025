"""Builders of lectures for tests: drawn slides with word boxes, and speech."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from domain import Box, LectureNotes, OcrWord, Segment, Slide, SpeechSource, TimeRange, Visit, Word

WIDTH, HEIGHT = 1280, 720
SENTENCE = "The gradient points uphill, so we take a small step the other way and look around again."
MARKUP_TEXT = (
    "*bold* _em_ # head = head - item `code` $x^2$ <script>alert(1)</script> <b>&amp; a --> b @ref \\emph{tex} #set text(red) "
    "[link](http://x) ![img](y) ::: {.div} ``` | a | b | {{x}} ~~s~~ --- title: x --- 1. one <!-- c --> ^a^ H~2~O /* c */ // d \\n"
)


def make_segment(text: str, start_s: float, per_word_s: float = 0.4) -> Segment:
    words = tuple(
        Word(f" {part}", round(start_s + i * per_word_s, 3), round(start_s + (i + 0.9) * per_word_s, 3))
        for i, part in enumerate(text.split())
    )
    return Segment(words[0].start_s, words[-1].end_s, words)


def make_segment_without_spaces(text: str, start_s: float, per_character_s: float = 0.2) -> Segment:
    pieces = [text[i : i + 2] for i in range(0, len(text), 2)]
    step = 2 * per_character_s
    words = tuple(Word(piece, round(start_s + i * step, 3), round(start_s + (i + 1) * step, 3)) for i, piece in enumerate(pieces))
    return Segment(words[0].start_s, words[-1].end_s, words)


def draw_slide(path: Path, lines: Sequence[str], colour: str = "#f7f4ee") -> tuple[OcrWord, ...]:
    """Draw a slide and return the words that OCR would read."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), colour)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, WIDTH, 14), fill="#b5533c")
    words = []
    for number, text in enumerate(lines):
        font = ImageFont.load_default(64 if number == 0 else 40)
        x, y = 90 + 22 * (len(text) - len(text.lstrip())), 80 + (0 if number == 0 else 60 + 80 * number)
        for part in text.split():
            left, top, right, bottom = pen.textbbox((x, y), part, font=font)
            pen.text((x, y), part, font=font, fill="#22303c")
            words.append(OcrWord(part, Box(int(left), int(top), int(right - left), int(bottom - top)), 0.96, number))
            x = int(right) + 16
    picture.save(path, "JPEG" if path.suffix == ".jpg" else "PNG", **({"quality": 88} if path.suffix == ".jpg" else {}))
    return tuple(words)


def make_slide(images: Path, number: int, title: str, bullets: Sequence[str], visits: Sequence[Visit]) -> Slide:
    name = f"slide-{number:03}.jpg"
    ocr = draw_slide(images / name, [title, *bullets])
    return Slide(number, title, name, WIDTH, HEIGHT, visits[0].time.end_s - 1, tuple(visits), ocr)


def make_lecture(images: Path, slides: int = 4, paragraphs: int = 3, sentences: int = 5) -> LectureNotes:
    """Return notes with slides of one minute each and English speech."""
    images.mkdir(parents=True, exist_ok=True)
    slide_list = []
    for number in range(1, slides + 1):
        start_s = (number - 1) * 60.0
        segments = tuple(make_segment(" ".join([SENTENCE] * sentences), start_s + 1 + i * 60 / paragraphs, 0.15) for i in range(paragraphs))
        visit = Visit(TimeRange(start_s, start_s + 60), segments)
        slide_list.append(
            make_slide(images, number, f"Step {number} of descent", ["Pick a start", "Follow the slope", "Repeat until flat"], [visit])
        )
    return make_notes(slide_list, title="Gradient descent, gently", duration_s=slides * 60.0)


def make_notes(slides: Sequence[Slide] = (), *, unplaced: Sequence[Segment] = (), language: str = "en", **more: object) -> LectureNotes:
    fields: dict[str, object] = {
        "title": "A lecture",
        "duration_s": 600.0,
        "created_on": "2026-11-05",
        "source_url": "https://example.org/watch?v=abc",
        "source_name": "lecture.mp4",
        "speech_source": SpeechSource.RECOGNISED,
        **more,
    }
    return LectureNotes(slides=tuple(slides), unplaced=tuple(unplaced), language=language, **fields)  # type: ignore[arg-type]
