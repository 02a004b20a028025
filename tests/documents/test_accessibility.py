"""Accessibility: tagged PDFs in every layout, the report, contrast, and the description track."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pdfua
import pytest
from PIL import Image, ImageDraw, ImageFont

from domain import Box, LectureNotes, OcrWord, TimeRange, Visit
from services.documents import RenderOptions, render
from services.documents.contrast import weak_lines
from tests.documents.lecture import make_notes, make_segment, make_slide


@pytest.mark.parametrize("name", ["page", "compact", "handout", "text", "sheet"])
def test_an_independent_checker_finds_nothing(name: str, code_lecture: tuple[LectureNotes, Path], tmp_path: Path) -> None:
    notes, images = code_lecture
    notes = replace(notes, source_url="https://lectern.example.org/watch/abc", moment_url="https://lectern.example.org/m/k3f9zqa2b")
    pictures = []
    for has_codes in (False, True):
        options = RenderOptions(qr_codes=has_codes) if name == "sheet" else RenderOptions(layout=name, qr_codes=has_codes)  # type: ignore[arg-type]
        render("sheet" if name == "sheet" else "pdf", notes, images, tmp_path / "out.pdf", options)
        assert list(pdfua.validate(str(tmp_path / "out.pdf")).findings) == []
        pictures.append((tmp_path / "out.pdf").read_bytes())
    assert (pictures[0] == pictures[1]) == (name == "sheet")  # which has no codes


def test_contrast_is_measured(tmp_path: Path) -> None:
    picture = Image.new("RGB", (1280, 720), "white")
    pen = ImageDraw.Draw(picture)
    words = []
    for line, (text, colour) in enumerate((("strong", "#333333"), ("weak", "#cfcfcf"))):
        left, top, right, bottom = map(int, pen.textbbox((100, 100 + 200 * line), text, font=ImageFont.load_default(28)))
        pen.text((100, 100 + 200 * line), text, font=ImageFont.load_default(28), fill=colour)
        words.append(OcrWord(text, Box(left, top, right - left, bottom - top), 0.9, line))
    picture.save(tmp_path / "slide.png")
    slide = replace(make_slide(tmp_path, 1, "", [], [Visit(TimeRange(0, 9))]), image="slide.png", ocr=tuple(words))
    [(text, ratio)] = weak_lines(slide, tmp_path / "slide.png")
    assert text == "weak" and 1.3 < ratio < 1.8


def test_the_report_says_what_is_left_to_do(tmp_path: Path) -> None:
    visit = Visit(TimeRange(0, 60), (make_segment("Some words <b>here</b>.", 1),))
    slides = [make_slide(tmp_path, 1, "Three words here", [], [visit]), make_slide(tmp_path, 2, "", [], [Visit(TimeRange(60, 90))])]
    paragraph = visit.paragraphs[0]
    doubtful = replace(paragraph, words=(*paragraph.words[:2], replace(paragraph.words[2], probability=0.2)))
    slides[0] = replace(slides[0], visits=(replace(visit, paragraphs=(doubtful,)),))
    render("accessibility", make_notes(slides), tmp_path, tmp_path / "out.html")
    page = (tmp_path / "out.html").read_text("utf-8")
    assert (
        "<strong>Alternative texts.</strong>" in page
        and '<li><a href="https://example.org/watch?v=abc#t=60">slide 2 at 1:00</a></li>' in page
    )
    assert "Some words <mark>&lt;b&gt;here&lt;/b&gt;.</mark></li>" in page and "2 of 7 checks need a person." in page
    assert "<script" not in page


def test_the_report_shows_the_first_places_and_the_number_of_the_others(tmp_path: Path) -> None:
    slides = [make_slide(tmp_path, number, "", [], [Visit(TimeRange(number, number + 1))]) for number in range(15)]
    render("accessibility", make_notes(slides), tmp_path, tmp_path / "out.html")
    page = (tmp_path / "out.html").read_text("utf-8")
    assert "<summary>and 3 more</summary>" in page and all(f"slide {number} at 0:" in page for number in range(15))


def test_the_report_is_in_plain_words(tmp_path: Path) -> None:
    paragraph = make_segment("We take the first step and then another one of the same length.", 1)
    words = [replace(word, probability=0.2 if number in (4, 5) else 0.9) for number, word in enumerate(paragraph.words)]
    visit = Visit(TimeRange(0, 60), (replace(paragraph, words=tuple(words)),))
    render("accessibility", make_notes([make_slide(tmp_path, 1, "Three words here", [], [visit])]), tmp_path, tmp_path / "out.html")
    page = (tmp_path / "out.html").read_text("utf-8")
    assert "1 of 7 checks needs a person." in page and "unsure of 2." in page
    assert 'href="https://example.org/watch?v=abc#t=2">0:02</a>: We take the first <mark>step and</mark> then another one of</li>' in page
    assert "marked as English" in page and "All lines of text stand out" in page and ">1 picture with" in page


def test_the_description_track_has_a_cue_for_each_visit(revisited_lecture: tuple[LectureNotes, Path], tmp_path: Path) -> None:
    render("descriptions", *revisited_lecture, tmp_path / "out.vtt")
    cues = (tmp_path / "out.vtt").read_text("utf-8").strip().split("\n\n")
    assert cues[0] == "WEBVTT"
    assert [cue.split("\n")[1:3] for cue in cues[1:]] == [
        ["00:00:00.000 --> 00:00:10.000", "Slide 1: Alpha"],
        ["00:00:10.000 --> 00:00:20.000", "Slide 2: Beta"],
        ["00:00:20.000 --> 00:00:30.000", "Slide 1: Alpha (shown again)"],
    ]
