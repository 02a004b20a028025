"""An own text gets the times of recognised words."""

from __future__ import annotations

import io
import itertools
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain import Segment, SpeechSource, Transcript, Word
from errors import TextDoesNotFit, UnreadableText
from lib.child_slots import ChildSlots, TooManyPreviews
from services import own_text
from services.lessons.word_reading import read_word
from services.own_text.alignment import align_text
from services.own_text.reading import read_own_text
from services.transcript_text.markup import format_words, parse

SPEECH = "so the haching of keys is fast and we get twenty two collisions here then dike stra said nothing more today"


def transcript(text: str = SPEECH) -> Transcript:
    words = tuple(Word(f" {word}", at * 0.5, at * 0.5 + 0.4, 0.9) for at, word in enumerate(text.split()))
    return Transcript("en", (Segment(0.0, len(words) * 0.5, words),), SpeechSource.RECOGNISED, "whisper")


def test_words_take_the_times_of_what_was_heard() -> None:
    text = "So the hashing of keys is fast, and we get 22 collisions here.\n\nThen, as I said, Dijkstra said *nothing* more today."
    result = align_text(parse(text), transcript())
    words = [word for segment in result.transcript.segments for word in segment.words]
    times = {word.text.strip(): (word.start_s, word.end_s) for word in words}
    assert times["hashing"] == (1.0, 1.4) and times["collisions"] == (6.0, 6.4) and times["today."] == (10.0, 10.4)
    assert times["22"] == (5.0, 5.9) and times["Dijkstra"][1] == 8.4  # in the place of two words each
    assert all(a.start_s <= a.end_s and a.start_s <= b.start_s for a, b in itertools.pairwise(words))
    assert [segment.text for segment in result.transcript.segments] == [
        "So the hashing of keys is fast, and we get 22 collisions here.",
        "Then, as I said, Dijkstra said nothing more today.",
    ]
    assert "\n\n".join(format_words(segment.words) for segment in result.transcript.segments) == text
    assert 0.75 < result.matched_share < 0.95 and result.words == 22


def test_a_text_of_something_else_is_refused_and_a_partial_one_is_warned_about() -> None:
    with pytest.raises(TextDoesNotFit, match="of its 9 words"):
        align_text(parse("Completely different words about cooking soup with fresh carrots"), transcript())
    with pytest.raises(TextDoesNotFit):
        align_text(parse("Anything"), Transcript("", (), SpeechSource.NONE))
    half = align_text(parse("so the haching of keys is fast"), transcript())
    assert "only 33% of what was recognised" in half.warnings[0]
    lecture = " ".join([SPEECH] * 3)
    result = align_text(parse(lecture + " extra" * 30), transcript(lecture))
    assert any("30 words of your text in a row" in warning for warning in result.warnings)


def test_chinese_is_aligned_by_characters() -> None:
    words = (Word("机器学", 0.0, 1.5, 0.9), Word("洗", 1.5, 2.0, 0.4), Word("很难", 2.0, 3.0, 0.9))
    transcript_zh = Transcript("zh", (Segment(0.0, 3.0, words),), SpeechSource.RECOGNISED)
    [segment] = align_text(parse("机器学习很难。"), transcript_zh).transcript.segments
    assert segment.text == "机器学习很难。"
    assert [(word.text, word.start_s) for word in segment.words][3:5] == [("习", 1.5), ("很", 2.0)]


def test_forty_thousand_words_take_a_moment() -> None:
    text = " ".join(f"word{at % 997} and the {at % 13}" for at in range(10_000))
    start_s = time.process_time()
    result = align_text(parse(text.replace("word500", "wrod500")), transcript(text))
    assert time.process_time() - start_s < 8
    assert result.matched_share > 0.99


def document(xml: str | bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("word/document.xml", xml)
    return stream.getvalue()


_WORD = '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{}</w:body></w:document>'


def test_word_documents_keep_headings_and_styles() -> None:
    xml = (
        '<w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>Keys</w:t></w:r></w:p>'
        '<w:p><w:r><w:t xml:space="preserve">We hash </w:t></w:r><w:r><w:rPr><w:i/></w:rPr><w:t>keys</w:t></w:r>'
        "<w:del><w:r><w:delText> not this</w:delText></w:r></w:del><w:r><w:t>.</w:t></w:r></w:p><w:p/>"
    )
    text = read_own_text(document(_WORD.format(xml)))
    speech = transcript("we hash keys")
    assert format_words(align_text(text, speech).transcript.segments[0].words) == "## Keys\n\nWe hash *keys*."


def test_the_paragraphs_of_a_text_box_are_read_once() -> None:
    box = "<w:r><w:pict><w:txbxContent><w:p><w:r><w:t>boxed</w:t></w:r></w:p></w:txbxContent></w:pict></w:r>"
    xml = f"<w:p><w:r><w:t>outer</w:t></w:r>{box}</w:p>"
    assert read_own_text(document(_WORD.format(xml))).text == "outer\n\nboxed"
    assert read_word(document(_WORD.format(xml))) == "outer\n\nboxed"


def test_nested_and_countless_paragraphs_take_little_time() -> None:
    start_s = time.process_time()
    with pytest.raises(UnreadableText):
        read_own_text(document(_WORD.format("<w:p>" * 30_000 + "</w:p>" * 30_000)))
    paragraph = f"<w:p><w:r><w:t>{'word ' * 20}</w:t></w:r></w:p>"
    assert len(read_own_text(document(_WORD.format(paragraph * 30_000))).text) > 3_000_000
    assert time.process_time() - start_s < 4


def unreadable() -> Iterator[bytes]:
    yield from (b"", b" \n", b"a\0b", b"1\n00:00:01,000 --> 00:00:02,000\nhello\n", b"PK\x03\x04 no archive", document("<w:document>"))
    yield document('<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>')
    yield document('<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'.encode("utf-16"))
    yield document(_WORD.format("<w:p/>"))


@pytest.mark.parametrize("content", list(unreadable()))
def test_content_that_is_not_text_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableText):
        read_own_text(content)


def test_old_encodings_are_read() -> None:
    assert read_own_text("Größe “now”".encode("windows-1252")).text == "Größe “now”"
    assert read_own_text("Größe".encode("utf-16")).text == "Größe"


def test_a_user_checks_few_texts_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slots = ChildSlots(total=2, per_user=1, max_waiting=0, wait_s=0)
    monkeypatch.setattr(own_text, "SLOTS", slots)
    with slots.hold("somebody"), pytest.raises(TooManyPreviews):
        own_text.check(tmp_path / "text", "somebody")
