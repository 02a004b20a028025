"""Chapters of a recording as headings of its transcript."""

from __future__ import annotations

from domain import Segment, SpeechSource, Transcript, Word
from services.documents.paragraphs import group_into_paragraphs
from services.transcript_text.chapters import with_chapters


def transcript(*starts_s: float) -> Transcript:
    words = tuple(Word(f" word{number}.", start_s, start_s + 0.4) for number, start_s in enumerate(starts_s))
    return Transcript(language="en", segments=(Segment(words[0].start_s, words[-1].end_s, words),), source=SpeechSource.RECOGNISED)


def headings(chapters: list[tuple[float, str]], *starts_s: float) -> dict[float, str]:
    paragraphs = group_into_paragraphs(with_chapters(transcript(*starts_s), chapters).segments)
    return {paragraph.start_s: paragraph.words[0].mark.heading if paragraph.words[0].mark else "" for paragraph in paragraphs}


def test_a_chapter_is_a_heading_at_its_first_word() -> None:
    assert headings([(0, "One"), (2.5, "Two")], 0.2, 1, 2, 3, 4) == {0.2: "One", 2: "Two"}  # two words begin within the tolerance


def test_chapters_without_words_and_before_the_part_are_left_out() -> None:
    assert headings([(-50, "Before"), (1, "In"), (500, "After")], 1, 2, 3)[1] == "In"
    assert headings([(10, "Silence")], 1, 2, 200) == {1: "", 200: ""}


def test_long_speech_keeps_its_paragraphs() -> None:
    starts_s = [each * 0.5 for each in range(400)]
    assert len(headings([(50, "Two")], *starts_s)) == len(headings([], *starts_s)) + 1
