"""Speech without pictures is divided by topic."""

from __future__ import annotations

import random
import re
import zipfile
from pathlib import Path

import pypdf

from domain import LectureNotes, Segment
from lib.text import clean_text
from services.documents import RenderOptions, render
from services.terms import find_sections
from tests.documents.lecture import make_notes, make_segment

_TOPICS = {
    "hash table": "bucket key collision load lookup slot probe resize",
    "binary tree": "root leaf node depth rotation child parent balance",
    "minimum cut": "flow source sink capacity edge partition bottleneck bound",
    "block cache": "disk sector eviction memory write buffer sync dirty",
}
_SHARED_VERBS = "runs proves grows shrinks follows reaches needs joins leaves covers"


def talk(topics: dict[str, str] = _TOPICS, paragraphs: int = 6) -> list[Segment]:
    chance = random.Random(4)
    verbs = _SHARED_VERBS.split()
    segments = []
    for name, words in topics.items():
        nouns = [f"{word}{ending}" for word in words.split() for ending in ("", "ba", "do")]
        for _ in range(paragraphs):
            sentences = [f"The {chance.choice(nouns)} {chance.choice(verbs)} the {chance.choice(nouns)}." for _ in range(14)]
            sentences[3] = f"Here is the {name} again, and then it is of the {name}."
            segments.append(make_segment(" ".join(sentences), 40.0 * len(segments)))
    return segments


def test_topics_begin_where_the_words_change() -> None:
    assert find_sections(talk(), "en") == {0: "Hash table", 6: "Binary tree", 12: "Minimum cut", 18: "Block cache"}


def test_uniform_short_and_unspaced_speech_has_no_headings() -> None:
    assert find_sections(talk(paragraphs=1), "en") == {}
    assert find_sections(talk({"hash table": _TOPICS["hash table"]}, paragraphs=20), "en") == {}
    assert find_sections([make_segment("散列表存储键和值。" * 20, 40.0 * at) for at in range(20)], "zh") == {}


def test_every_format_has_the_headings(tmp_path: Path) -> None:
    notes = make_notes(unplaced=talk(), duration_s=960.0)
    for name in ("html", "txt"):
        render(name, notes, tmp_path, tmp_path / name)
    page = (tmp_path / "html").read_text("utf-8")
    assert '<a href="#topic-p1-7"><bdi>Binary tree</bdi></a> <span class="time">4:00</span>' in page
    assert '<h3 id="topic-p1-7" lang="en" dir="ltr">Binary tree</h3>' in page
    assert "\n\nMinimum cut\n\n[8:00]" in (tmp_path / "txt").read_text("utf-8")


def contents_of(notes: LectureNotes, folder: Path) -> tuple[str, str]:
    render("pdf", notes, folder, folder / "out.pdf", RenderOptions(layout="handout"))
    pages = pypdf.PdfReader(folder / "out.pdf").pages
    return clean_text(pages[0].extract_text()), clean_text(pages[-1].extract_text())


def test_a_word_file_of_sound_alone_lists_the_topics(tmp_path: Path) -> None:
    render("docx", make_notes(unplaced=talk(), duration_s=960.0), tmp_path, tmp_path / "out.docx")
    with zipfile.ZipFile(tmp_path / "out.docx") as archive:
        document = archive.read("word/document.xml").decode()
    assert ' TOC \\o "2-2" ' in document
    anchors = re.findall(r'<w:hyperlink w:anchor="(topic-\d+)">', document)
    assert "topic-240000" in anchors and set(anchors) <= set(re.findall(r'<w:bookmarkStart [^>]*w:name="([^"]+)"', document))


def test_a_pdf_of_sound_alone_lists_the_topics_in_any_layout(tmp_path: Path) -> None:
    first, _ = contents_of(make_notes(unplaced=talk(), duration_s=960.0), tmp_path)
    assert "0:00 Hash table" in first and "12:00 Block cache" in first
    first, _ = contents_of(make_notes(unplaced=talk(paragraphs=1)), tmp_path)
    assert "Contents" not in first and "Transcript" in first
