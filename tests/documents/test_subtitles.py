"""SRT and VTT: captions of the words of the notes, or the captions that a person made."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain import Caption, LectureNotes, Segment, Word
from services.documents import render
from services.documents.subtitles import captions_of
from tests.documents.lecture import MARKUP_TEXT, SENTENCE, make_notes, make_segment


def test_captions_have_the_words_of_all_visits_in_time_order(lecture: LectureNotes) -> None:
    words = [word for slide in lecture.slides for visit in slide.visits for part in visit.paragraphs for word in part.words]
    captions = captions_of(lecture)
    assert " ".join(line for caption in captions for line in caption.lines) == "".join(word.text for word in words).strip()


def test_control_characters_are_not_written() -> None:
    words = (Word(" one\x00", 0, 0.4), Word(" \u202etwo", 0.5, 0.9), Word(" ", 1, 1.1), Word("three", 1.2, 1.6))
    assert captions_of(make_notes(unplaced=[Segment(0, 1.6, words)]))[0].lines == ("one two three",)


def test_captions_of_a_person_change_only_where_they_break_a_rule(tmp_path: Path) -> None:
    captions = (Caption(1000, 4000, ("- Shall we?", "- Yes.")), Caption(4200, 5000, ("Well.",)), Caption(9000, 9400, ("Now.",)))
    notes = make_notes(unplaced=[make_segment(SENTENCE, 1)], captions=captions)
    assert render("srt", notes, tmp_path, tmp_path / "a.srt") == ()
    assert (tmp_path / "a.srt").read_text("utf-8") == (
        "1\n00:00:01,000 --> 00:00:04,000\n- Shall we?\n- Yes.\n\n"
        "2\n00:00:04,200 --> 00:00:05,200\nWell.\n\n"
        "3\n00:00:09,000 --> 00:00:10,000\nNow.\n\n"
    )


def test_fast_speech_gives_no_warning(tmp_path: Path) -> None:
    notes = make_notes(unplaced=[make_segment(" ".join([SENTENCE] * 5), 1, 0.12)])
    assert render("vtt", notes, tmp_path, tmp_path / "a.vtt") == ()


def test_srt_and_vtt_files(lecture: LectureNotes, images: Path, tmp_path: Path) -> None:
    render("srt", lecture, images, tmp_path / "a.srt")
    render("vtt", lecture, images, tmp_path / "a.vtt")
    assert (tmp_path / "a.srt").read_text("utf-8").startswith("1\n00:00:01,000 --> 00:00:0")
    assert (tmp_path / "a.vtt").read_text("utf-8").startswith("WEBVTT\n\n1\n00:00:01.000 --> 00:00:0")


def test_pysubs2_reads_the_files(lecture: LectureNotes, images: Path, tmp_path: Path) -> None:
    pysubs2 = pytest.importorskip("pysubs2")
    for kind in ("srt", "vtt"):
        render(kind, lecture, images, tmp_path / f"a.{kind}")
        read = pysubs2.load(str(tmp_path / f"a.{kind}"))
        assert [(event.start, event.end) for event in read] == [(caption.start_ms, caption.end_ms) for caption in captions_of(lecture)]
        assert read[0].plaintext == "\n".join(captions_of(lecture)[0].lines)


def test_vtt_escapes_markup(tmp_path: Path) -> None:
    render("vtt", make_notes(unplaced=[make_segment(MARKUP_TEXT, 0)]), tmp_path, tmp_path / "a.vtt")
    text = (tmp_path / "a.vtt").read_text("utf-8")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text and "a --&gt; b" in text.replace("\n", " ") and "&lt;b&gt;&amp;amp;" in text


def test_no_speech_gives_empty_files(tmp_path: Path) -> None:
    render("srt", make_notes(), tmp_path, tmp_path / "a.srt")
    render("vtt", make_notes(), tmp_path, tmp_path / "a.vtt")
    assert (tmp_path / "a.srt").read_text() == "" and (tmp_path / "a.vtt").read_text() == ""
